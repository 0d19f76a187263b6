/// What a command tells the shell (API §1).
enum ExitCode: Int32, Sendable {
    case done = 0
    case failed = 1
    case wrongUsage = 2
    case refused = 3
    case humanAsked = 4
    case interrupted = 130
}

/// A command cannot go on. The message says why and what to do; it is printed as it is.
struct CommandFailure: Error, Sendable {
    var exit: ExitCode
    var message: String

    static func failed(_ message: String) -> CommandFailure { CommandFailure(exit: .failed, message: message) }
    static func usage(_ message: String) -> CommandFailure { CommandFailure(exit: .wrongUsage, message: message) }
}
