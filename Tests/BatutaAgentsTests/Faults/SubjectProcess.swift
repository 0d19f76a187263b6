import Foundation
import Testing

/// One life of the crash subject: from its start to its own end or its kill.
struct SubjectProcess: Sendable {
    /// The envelopes that its client was shown, whole lines only.
    var seen: [[UInt8]]
    var ending: Ending

    enum Ending: Sendable, Equatable {
        case exited(Int32)
        case killed(Int32)
    }

    static func live(_ arguments: [String]) async throws -> SubjectProcess {
        try await withCheckedThrowingContinuation { continuation in
            // A thread of its own: reading and waiting block.
            Thread { continuation.resume(with: Result { try liveBlocking(arguments) }) }.start()
        }
    }

    private static func liveBlocking(_ arguments: [String]) throws -> SubjectProcess {
        let (pid, output) = try start(arguments)
        defer { close(output) }
        let shown = readAll(output)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        let signal = status & 0x7f
        return SubjectProcess(seen: lines(shown), ending: signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal))
    }

    /// One at a time, so that no subject inherits the pipe of another.
    private static let starting = NSLock()

    private static func start(_ arguments: [String]) throws -> (pid_t, output: Int32) {
        starting.lock()
        defer { starting.unlock() }
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        let words = ([executable] + arguments).map { strdup($0) }
        defer { words.forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, executable, &actions, nil, words + [nil], environ)
        close(ends[1])
        try #require(code == 0, "\(executable) does not start: \(code)")
        return (pid, ends[0])
    }

    private static func readAll(_ file: Int32) -> [UInt8] {
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(file, &buffer, buffer.count)
            guard count > 0 else { return output }
            output += buffer.prefix(count)
        }
    }

    private static func lines(_ output: [UInt8]) -> [[UInt8]] {
        guard let end = output.lastIndex(of: 10) else { return [] }
        return output[..<end].split(separator: 10).map(Array.init)
    }

    /// Beside the test bundle in the build folder.
    private static let executable: String = {
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        let beside = URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("crash-subject").path
        return FileManager.default.isExecutableFile(atPath: beside) ? beside : bundlePath
    }()

    private static var bundlePath: String {
        let named = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: named).deletingLastPathComponent().appendingPathComponent("crash-subject").path
    }
}
