import BatutaAgents
import BatutaCore

/// What people are told of a project whose files cannot be used as they are: once, on standard error.
enum RefusedFiles {
    /// Says when a server works with the files as they last were valid.
    static func tell(_ client: APIClient, _ context: CommandContext) async {
        // Whoever may not ask, or asks a server that is away, hears of that by what they came for.
        guard client.key != nil || client.socket != nil, let info = try? await client.get("/v1/info"), info["files_refused"] == true else {
            return
        }
        context.output.errorLine(context.output.styled(context.say(served(isHere: client.socket != nil, context)), .yellow))
    }

    private static func served(isHere: Bool, _ context: CommandContext) -> Words {
        let opening = Words(
            "The server works with the project's files as they last were valid. ",
            "O servidor usa a última versão válida dos arquivos do projeto. "
        )
        guard isHere else {
            return opening
                + Words(
                    "What is wrong with them now: GET /v1/info, or batuta check in its folder.",
                    "O que há de errado com eles agora: GET /v1/info, ou batuta check na pasta dele."
                )
        }
        let command = "batuta check\(context.samePlace)"
        return opening + Words("What is wrong with them now: \(command)", "O que há de errado com eles agora: \(command)")
    }

    /// No server runs, and the command works with what the store kept.
    static func storedVersion(_ errors: Int, _ context: CommandContext) -> Words {
        let place = context.samePlace
        let (count, contagem) = errors == 1 ? ("1 error", "1 erro") : ("\(errors) errors", "\(errors) erros")
        return Words(
            "The project's files have \(count), so the last valid version serves here. batuta check\(place) tells them.",
            "Os arquivos do projeto têm \(contagem); aqui vale a última versão válida. Para ver: batuta check\(place)"
        )
    }
}
