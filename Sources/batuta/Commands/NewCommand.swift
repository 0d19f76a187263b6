import BatutaAgents
import BatutaCore

/// `batuta new DIR --template hello`, or another of the templates.
struct NewCommand: Command {
    static let name = "new"
    static let synopsis = Words(
        "DIR [--template ads|hello|office] | tool --openapi FILE [--operation IDS] [--dir tools]",
        "PASTA [--template ads|hello|office] | tool --openapi ARQUIVO [--operation IDS] [--dir tools]"
    )
    static let mostWords = 1
    static let summary = Words(
        "makes a project, or tools of an OpenAPI document",
        "cria um projeto, ou ferramentas de um documento OpenAPI"
    )
    static let template = Option.value("template", "NAME", Words("ads, hello (default) or office", "ads, hello (padrão) ou office"))
    static let options: [Option] = [template, openAPI, operation, folder]

    func run(_ context: CommandContext) async throws -> ExitCode {
        guard let folder = context.arguments.positionals.first, context.arguments.positionals.count == 1 else {
            throw Self.wrongUsage(context)
        }
        if let document = context.arguments.given(Self.openAPI) {
            guard folder == "tool" else { throw Self.wrongUsage(context) }
            return try makeTools(of: document, context)
        }
        let name = context.arguments.value(Self.template) ?? "hello"
        guard ProjectTemplate.names.contains(name) else {
            let known = ProjectTemplate.names.joined(separator: ", ")
            throw CommandFailure.usage(
                context.say(Words("There is no template \(name). Templates: \(known).", "Não existe o modelo \(name). Modelos: \(known)."))
            )
        }
        do throws(ProjectTemplateError) {
            _ = try ProjectTemplate.write(named: name, language: context.language, into: folder)
        } catch {
            throw CommandFailure.failed(context.say(error.message))
        }
        context.output.outLine(context.say(Self.ready(folder)))
        if Project.load(folder: folder).project?.rehearsesWithoutKey == false {
            context.output.outLine(context.say(Self.needsModel))
        }
        return .done
    }

    private static func ready(_ folder: String) -> Words {
        let place = ShellWord.quoted(folder)
        return Words(
            "\(folder) is ready. Next: batuta serve --project \(place), or batuta chat --project \(place)",
            "O projeto \(folder) está pronto. Agora: batuta serve --project \(place), ou batuta chat --project \(place)"
        )
    }

    private static let needsModel = Words(
        "It asks a model and needs that model's key; with --rehearse behind either command it plays its script without one.",
        "Ele consulta um modelo e precisa da chave; com --rehearse no fim do comando, segue o roteiro sem modelo nenhum."
    )
}
