import BatutaStorage
import Foundation
import Glibc
import Testing

/// What a child process can be told to do.
enum ChildPart: String, Sendable {
    case write, lock, limit, readOnly

    static var current: (part: ChildPart, path: String)? {
        guard let value = getenv(ChildProcess.variable).map({ String(cString: $0) }) else { return nil }
        let words = value.split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2, let part = ChildPart(rawValue: words[0]) else { return nil }
        return (part, words[1])
    }
}

@Suite(.enabled(if: ChildPart.current != nil))
struct ChildPartTests {
    @Test func `play the part`() async throws {
        let (part, path) = try #require(ChildPart.current)
        endWithParent()
        switch part {
        case .write: try await writeForEver(path)
        case .lock: try holdLock(path)
        case .limit: try await hitLimit(path)
        case .readOnly: readOnly(path)
        }
    }

    /// A child that outlived a test run which crashed would hold on to the run's output, and whoever waits for its end would wait for ever.
    private func endWithParent() {
        let parent = getppid()
        Thread.detachNewThread {
            while getppid() == parent { usleep(50_000) }
            _exit(1)
        }
    }

    private func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(3, bytes, bytes.count)
    }

    /// Eight sessions append one event after another, and each commit is announced from its completion.
    private func writeForEver(_ path: String) async throws {
        let database = try SQLiteDatabase(path: path)
        try await database.migrate([Events.migrations])
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    let id = "session\(getpid())-\(number)"
                    _ = try? await database.write(Events.session(id))
                    while let results = try? await database.write(Events.append([id, id], to: id)).results {
                        say("\(id) \(results[0].returned[0].int(0))")
                    }
                }
            }
        }
    }

    private func holdLock(_ folder: String) throws {
        let lock = try StoreLock(folder: folder)
        say("held")
        withExtendedLifetime(lock) { while true { pause() } }
    }

    /// Runs into the limit on the size of a file, raises it, and goes on.
    private func hitLimit(_ path: String) async throws {
        signal(SIGXFSZ, SIG_IGN)
        let database = try SQLiteDatabase(path: path)
        try await database.migrate([Events.migrations])
        _ = try await database.write(Events.session("a"))
        limit(1 << 20)
        let payload = String(repeating: "x", count: 50_000)
        var written = 0
        do {
            while written < 1_000 {
                _ = try await database.write(Events.append([payload], to: "a"))
                written += 1
            }
        } catch {
            say(error.code.rawValue)
        }
        limit(1 << 30)
        say(try await database.write(Events.append(["after"], to: "a")).results == nil ? "lost" : "recovered")
        let last = try await database.read { try $0.first("SELECT max(seq) FROM events") { Int($0.int(0)) } }
        say(last == written + 1 ? "consistent" : "wrong: \(last ?? 0) rows after \(written) commits")
        await database.close()
    }

    private func limit(_ bytes: rlim_t) {
        var limits = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limits)
        limits.rlim_cur = bytes
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limits)
    }

    /// Root may write anything, so it becomes nobody first.
    private func readOnly(_ path: String) {
        if getuid() == 0 { _ = setuid(65_534) }
        do {
            _ = try SQLiteDatabase(path: path)
            say("opened")
        } catch {
            say("\(error.code.rawValue) \(error.message)")
        }
    }
}
