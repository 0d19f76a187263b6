import BatutaCore

/// One command of the program.
protocol Command: Sendable {
    static var name: String { get }
    /// What follows the name in the help: `TARGET "message"`.
    static var synopsis: Words { get }
    /// How many words may follow the name; more are wrong usage.
    static var mostWords: Int { get }
    static var summary: Words { get }
    static var options: [Option] { get }
    func run(_ context: CommandContext) async throws -> ExitCode
    init()
}

extension Command {
    static var mostWords: Int { 0 }

    /// How the command is written, for whoever wrote it otherwise: each way on a line of its own.
    static func usage(_ language: Language) -> String {
        let opening = Words("Usage: ", "Uso: ")(language)
        let ways = synopsis(language).replacing(" | ", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
        let lines = ways.map { "batuta \(name) \($0)".trimmingTrailingSpace() }
        return opening + lines.joined(separator: "\n" + String(repeating: " ", count: opening.count))
    }

    static func wrongUsage(_ context: CommandContext) -> CommandFailure { .usage(usage(context.language)) }
}

/// What a command works with.
struct CommandContext: Sendable {
    let arguments: Arguments
    let environment: [String: String]
    let language: Language
    let output: Terminal

    func say(_ words: Words) -> String { words(language) }

    /// The options that lead the next command to the same project, to be copied behind it.
    var samePlace: String {
        [Option.project, .database, .server].compactMap { option in
            arguments.given(option).map { " --\(option.name) \(ShellWord.quoted($0))" }
        }.joined()
    }

    /// The same for a command that goes on with a run, which may have been a rehearsal.
    var samePlaceOfRuns: String { samePlace + (arguments.has(.rehearse) ? " --rehearse" : "") }
}
