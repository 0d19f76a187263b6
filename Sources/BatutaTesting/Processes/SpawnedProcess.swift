import BatutaCore
import Glibc
package import Synchronization

/// A program in a process of its own, started with `posix_spawn`: several at once are safe, which Foundation's `Process` on Linux was seen not to be.
public final class SpawnedProcess: Sendable {
    public enum Ending: Sendable, Hashable {
        case exited(Int32)
        case killed(Int32)
    }

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public let pid: Int32
    private let ending = Mutex<Ending?>(nil)

    /// - Parameters:
    ///   - files: Descriptors that become 0, 1 and 2 of the program; nil is `/dev/null`.
    ///   - folder: Where it starts.
    public init(
        _ path: String,
        _ arguments: [String],
        environment: [String: String],
        folder: String,
        files: (input: Int32?, output: Int32?, error: Int32?) = (nil, nil, nil)
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, file) in [files.input, files.output, files.error].enumerated() {
            if let file {
                posix_spawn_file_actions_adddup2(&actions, file, Int32(number))
            } else {
                posix_spawn_file_actions_addopen(&actions, Int32(number), "/dev/null", O_RDWR, 0)
            }
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        Self.giveSignalsAsAShellDoes(&attributes)
        var pid: pid_t = 0
        // `env` takes the folder and becomes the program: Swift does not see glibc's file action for it.
        let code = Self.withWords([Self.starter, "--chdir=" + folder, path] + arguments) { words in
            Self.withWords(environment.map { "\($0.key)=\($0.value)" }) { variables in
                Self.starting.withLock { _ in posix_spawn(&pid, Self.starter, &actions, &attributes, words, variables) }
            }
        }
        guard code == 0 else { throw Failure(description: "\(path) does not start: errno \(code)") }
        self.pid = pid
    }

    /// One at a time, so that no program inherits a pipe that is not yet marked as ours.
    package static let starting = Mutex(())
    private static let starter = "/usr/bin/env"

    /// A program that does not read its input must not end the tests that write it, and worker threads block signals; none of that is the program's.
    private static func giveSignalsAsAShellDoes(_ attributes: inout posix_spawnattr_t) {
        Glibc.signal(SIGPIPE, SIG_IGN)
        var usual = sigset_t(), blocked = sigset_t()
        sigemptyset(&usual)
        sigaddset(&usual, SIGPIPE)
        sigemptyset(&blocked)
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    }

    public func signal(_ number: Int32) {
        // The number of a process that was waited for may belong to another one by now.
        ending.withLock { if $0 == nil { kill(pid, number) } }
    }

    /// Whether it has, waited for or not. Blocks nobody.
    public var hasEnded: Bool {
        if ending.withLock({ $0 }) != nil { return true }
        var information = siginfo_t()
        return waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT | WNOHANG) != 0 || information.si_signo == SIGCHLD
    }

    /// Returns when the process has ended. Blocks a thread of its own, not the caller's. When the test's time is over, so is the process's.
    public func end() async -> Ending {
        await withTaskCancellationHandler {
            await Blocking.run { [self] in waitForEnd() }
        } onCancel: {
            signal(SIGKILL)
        }
    }

    private func waitForEnd() -> Ending {
        if let known = ending.withLock({ $0 }) { return known }
        var information = siginfo_t()
        // Leaves the process to be reaped below, so that `signal` never meets a number that is free again.
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        return ending.withLock { ending in
            if let ending { return ending }
            var status: Int32 = 0
            waitpid(pid, &status, 0)
            let signal = status & 0x7f
            let found: Ending = signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal)
            ending = found
            return found
        }
    }

    private static func withWords<T>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> T) -> T {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}
