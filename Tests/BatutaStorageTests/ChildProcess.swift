import BatutaTesting
import Glibc
import Synchronization
import Testing

/// The test binary started once more to play a part that a test cannot play itself: to be killed, to hold a lock, to have limits.
/// What the child has to say comes through file descriptor 3, line by line.
struct ChildProcess: ~Copyable {
    static let variable = "BATUTA_STORAGE_CHILD"

    let pid: pid_t
    private let pipe: Int32
    private var pending: [UInt8] = []

    init(_ part: ChildPart, path: String) throws {
        var ends: [Int32] = [0, 0]
        let made = SpawnedProcess.starting.withLock { _ in
            defer { for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) } }
            return Glibc.pipe(&ends)
        }
        try #require(made == 0)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 3)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let arguments = [CommandLine.arguments[0], "--testing-library", "swift-testing", "--filter", "ChildPartTests"]
        let environment = Self.environment() + ["\(Self.variable)=\(part.rawValue) \(path)"]
        var pid: pid_t = 0
        let code = Self.withCStrings(arguments) { arguments in
            Self.withCStrings(environment) { environment in
                SpawnedProcess.starting.withLock { _ in posix_spawn(&pid, "/proc/self/exe", &actions, nil, arguments, environment) }
            }
        }
        close(ends[1])
        try #require(code == 0)
        self.pid = pid
        pipe = ends[0]
    }

    /// The next line, or nil when the child has ended.
    mutating func line() async -> String? {
        while true {
            if let end = pending.firstIndex(of: 10) {
                defer { pending.removeFirst(end + 1) }
                return String(decoding: pending[..<end], as: UTF8.self)
            }
            let pipe = pipe
            let more = await Blocking.run {
                var buffer = [UInt8](repeating: 0, count: 4_096)
                let count = read(pipe, &buffer, buffer.count)
                return Array(buffer.prefix(max(0, count)))
            }
            if more.isEmpty { return nil }
            pending += more
        }
    }

    func kill() { Glibc.kill(pid, SIGKILL) }

    /// Waits until it is gone.
    consuming func end() async {
        let pid = pid
        await Blocking.run {
            var status: Int32 = 0
            waitpid(pid, &status, 0)
        }
        close(pipe)
    }

    private static func environment() -> [String] {
        var all: [String] = []
        var next = environ
        while let entry = next.pointee {
            all.append(String(cString: entry))
            next += 1
        }
        return all
    }

    private static func withCStrings<T>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> T) -> T {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}
