import BatutaCore

/// One command of the program.
protocol Command: Sendable {
    static var name: String { get }
    /// What follows the name in the help: `TARGET "message"`.
    static var synopsis: String { get }
    static var summary: Words { get }
    static var options: [Option] { get }
    func run(_ context: CommandContext) async throws -> ExitCode
    init()
}

/// What a command works with.
struct CommandContext: Sendable {
    let arguments: Arguments
    let environment: [String: String]
    let language: Language
    let output: Terminal

    func say(_ words: Words) -> String { words(language) }
}
