import BatutaAgents
import BatutaCore

/// `batuta new tool --openapi FILE`: tools of an OpenAPI document.
extension NewCommand {
    static let openAPI = Option.value(
        "openapi",
        "FILE",
        Words("with `tool`: makes tools of an OpenAPI document", "com `tool`: faz ferramentas de um documento OpenAPI")
    )
    static let operation = Option.value(
        "operation",
        "IDS",
        Words("only these operations, with commas between them", "só estas operações, separadas por vírgulas")
    )
    static let folder = Option.value("dir", "DIR", Words("where the files go (default tools)", "onde ficam os arquivos (padrão tools)"))

    func makeTools(of file: String, _ context: CommandContext) throws -> ExitCode {
        let target = context.arguments.given(Self.folder) ?? "tools"
        let operations = context.arguments.given(Self.operation)?.split(separator: ",").map {
            String($0.drop { $0 == " " })
        }
        do throws(ProjectTemplateError) {
            let bytes = try OpenAPIImport.read(file: file)
            let made = try OpenAPIImport(bytes, operations: operations, taken: OpenAPIImport.tools(in: target))
            try made.write(into: target)
            for tool in made.files { context.output.outLine("\(target)/\(tool.name).yaml") }
            for note in made.notes { context.output.errorLine(context.say(note)) }
            if made.files.isEmpty {
                context.output.errorLine(context.say(Words("The document has no operation.", "O documento não tem nenhuma operação.")))
            }
        } catch {
            throw CommandFailure.failed(context.say(error.message))
        }
        return .done
    }
}
