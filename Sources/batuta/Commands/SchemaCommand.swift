import BatutaAgents
import BatutaCore

/// `batuta schema KIND`: the JSON Schema of a project file, for editors.
struct SchemaCommand: Command {
    static let name = "schema"
    static let synopsis = Words("KIND", "TIPO")
    static let mostWords = 1
    static let summary = Words("prints the JSON Schema of a project file", "mostra o JSON Schema de um arquivo do projeto")
    static let options: [Option] = []

    func run(_ context: CommandContext) async throws -> ExitCode {
        let kinds = ProjectSchema.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        guard let kind = context.arguments.positionals.first.flatMap(ProjectSchema.Kind.init(rawValue:)) else {
            throw CommandFailure.usage(
                context.say(Words("Usage: batuta schema KIND, with one of \(kinds).", "Uso: batuta schema TIPO, um destes: \(kinds)."))
            )
        }
        context.output.outLine(ProjectSchema.json(kind: kind, language: context.language).text)
        return .done
    }
}
