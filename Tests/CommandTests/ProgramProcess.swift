import Foundation
import Glibc
import Synchronization

/// The program in a process of its own.
///
/// Not Foundation's `Process`: on Linux that reads past the end of the list of open files once a process has some 1,300 of them, as this
/// one has when every suite runs at once.
final class ProgramProcess: Sendable {
    let executable: String
    let arguments: [String]
    let environment: [String: String]
    let folder: String
    private let state = Mutex(State())

    private struct State {
        var identifier: pid_t = 0
        var status: Int32?
    }

    init(_ executable: String, _ arguments: [String], environment: [String: String], folder: String) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.folder = folder
    }

    var processIdentifier: pid_t { state.withLock { $0.identifier } }
    /// The exit code, or the signal that ended it; 0 before it has ended.
    var terminationStatus: Int32 { state.withLock { $0.status } ?? 0 }

    /// - Parameters: what the process has as its standard streams; nil is nothing.
    func run(input: Int32? = nil, output: Int32? = nil, error: Int32? = nil) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (stream, file) in [(0, input), (1, output), (2, error)] as [(Int32, Int32?)] {
            if let file {
                posix_spawn_file_actions_adddup2(&actions, file, stream)
            } else {
                posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0)
            }
        }
        _ = GNUSpawn.closeFrom?(&actions, 3)
        _ = GNUSpawn.changeFolder?(&actions, folder)
        var pid: pid_t = 0
        let code = Self.withCStrings([executable] + arguments) { words in
            Self.withCStrings(environment.map { "\($0.key)=\($0.value)" }) { posix_spawn(&pid, executable, &actions, nil, words, $0) }
        }
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
        state.withLock { $0.identifier = pid }
    }

    func terminate() { state.withLock { if $0.status == nil, $0.identifier > 0 { kill($0.identifier, SIGTERM) } } }

    /// Blocks; only for processes that are known to end.
    func waitUntilExit() {
        guard state.withLock({ $0.status }) == nil else { return }
        var status: Int32 = 0
        waitpid(processIdentifier, &status, 0)
        let signal = status & 0x7F
        state.withLock { $0.status = signal == 0 ? (status >> 8) & 0xFF : signal }
    }

    private static func withCStrings<T>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> T) -> T {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}

/// Extensions of glibc (2.34 and 2.29) that its Swift module does not show.
private enum GNUSpawn {
    typealias Actions = UnsafeMutablePointer<posix_spawn_file_actions_t>

    static let closeFrom: (@convention(c) (Actions, Int32) -> Int32)? = symbol("posix_spawn_file_actions_addclosefrom_np")
        .map { unsafeBitCast($0, to: (@convention(c) (Actions, Int32) -> Int32).self) }
    static let changeFolder: (@convention(c) (Actions, UnsafePointer<CChar>) -> Int32)? = symbol("posix_spawn_file_actions_addchdir_np")
        .map { unsafeBitCast($0, to: (@convention(c) (Actions, UnsafePointer<CChar>) -> Int32).self) }

    private static func symbol(_ name: String) -> UnsafeMutableRawPointer? { dlsym(dlopen(nil, RTLD_NOW), name) }
}
