import Glibc
import Synchronization

extension SpawnedProcess {
    public struct Outcome: Sendable {
        public var ending: Ending
        public var output: String
        public var error: String
    }

    /// Starts a program, gives it its input, and returns with what it printed when it has ended.
    public static func run(
        _ path: String,
        _ arguments: [String],
        environment: [String: String],
        folder: String,
        input: String = ""
    ) async throws -> Outcome {
        let (stdin, stdout, stderr) = (try Pipe(), try Pipe(), try Pipe())
        let process = try SpawnedProcess(
            path,
            arguments,
            environment: environment,
            folder: folder,
            files: (stdin.reading, stdout.writing, stderr.writing)
        )
        close(stdin.reading)
        close(stdout.writing)
        close(stderr.writing)
        async let output = Blocking.run { stdout.readAll() }
        async let error = Blocking.run { stderr.readAll() }
        async let given: Void = Blocking.run { stdin.writeAll(input) }
        let texts = await (output, error, given)
        return await Outcome(ending: process.end(), output: texts.0, error: texts.1)
    }
}

/// A pipe whose ends no other process inherits by accident.
struct Pipe: Sendable {
    let reading: Int32
    let writing: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        let code = SpawnedProcess.starting.withLock { _ in
            defer { for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) } }
            return pipe(&ends)
        }
        guard code == 0 else { throw SpawnedProcess.Failure(description: "no pipe: errno \(errno)") }
        (reading, writing) = (ends[0], ends[1])
    }

    /// Everything until the other end is closed; closes this one.
    func readAll() -> String {
        defer { close(reading) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(reading, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer.prefix(count)
        }
    }

    /// Writes all and closes the end. A program that no longer reads gets the rest of nothing.
    func writeAll(_ text: String) {
        defer { close(writing) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(writing, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
