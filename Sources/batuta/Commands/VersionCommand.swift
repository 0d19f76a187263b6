import BatutaCore

/// `batuta version`.
struct VersionCommand: Command {
    static let name = "version"
    static let synopsis = Words.none
    static let summary = Words("prints the version", "mostra a versão")
    static let options: [Option] = []

    func run(_ context: CommandContext) async throws -> ExitCode {
        context.output.outLine("batuta \(BatutaVersion.current)")
        return .done
    }
}
