import BatutaCore

/// `batuta fork RUN`: a new session that begins as the run did, and goes on otherwise.
struct ForkCommand: Command {
    static let name = "fork"
    static let synopsis = Words("RUN [--from EVENT]", "EXECUÇÃO [--from EVENTO]")
    static let mostWords = 1
    static let summary = Words(
        "begins a session with what a run did up to an event, and goes on from there",
        "começa uma sessão com o que uma execução fez até um evento, e segue daí"
    )
    static let from = Option.value(
        "from",
        "EVENT",
        Words(
            "the event's number, as batuta show tells it (default: the last)",
            "o número do evento, como em batuta show (padrão: o último)"
        )
    )
    static let content = Option.value("content", "TEXT", Words("another message for the agent", "outra mensagem para o agente"))
    static let instructions = Option.value(
        "instructions",
        "TEXT",
        Words("other instructions for the agent", "outras instruções para o agente")
    )
    static let model = Option.value("model", "NAME", Words("another model of the project", "outro modelo do projeto"))
    static let results = Option.value(
        "tool-results",
        "JSON",
        Words("other results, by call: {\"call_…\": …}", "outros resultados, por chamada: {\"call_…\": …}")
    )
    static let options: [Option] = [
        .project, .database, .rehearse, from, content, instructions, model, results, .server, .key,
    ]

    func run(_ context: CommandContext) async throws -> ExitCode {
        let id = try RunControl.id(Self.self, context)
        let (event, changes) = (try event(context), try changes(context))
        return try await Connection.use(context) { client in
            let forked = try await client.post("/v1/runs/\(id)/fork", try await request(id, event, changes, client))
            let run = try await client.get("/v1/runs/\(forked["run_id"]?.string ?? "")")
            context.output.outLine("\(forked["session_id"]?.string ?? "") \(run["id"]?.string ?? "")")
            let after = forked["after"]?.int ?? 0
            if client.endsWithCommand { try await RunControl.seeThrough(run, after: after, client, context) }
            return .done
        }
    }

    private func request(_ id: String, _ event: Int64?, _ changes: JSONObject, _ client: APIClient) async throws -> JSON {
        var body: JSONObject = ["changes": .object(changes)]
        if let event {
            body["from_event"] = .int(event)
        } else {
            let session = try await client.get("/v1/runs/\(id)")["session_id"]?.string ?? ""
            body["from_event"] = .int(try await client.get("/v1/sessions/\(session)")["last_event"]?.int ?? 0)
        }
        return .object(body)
    }

    private func event(_ context: CommandContext) throws(CommandFailure) -> Int64? {
        guard let text = context.arguments.given(Self.from) else { return nil }
        guard let number = Int64(text), number > 0 else {
            throw .usage(context.say(Words("--from must be the number of an event.", "--from precisa ser o número de um evento.")))
        }
        return number
    }

    private func changes(_ context: CommandContext) throws -> JSONObject {
        var changes = JSONObject()
        changes["content"] = context.arguments.given(Self.content).map(JSON.string)
        changes["instructions"] = context.arguments.given(Self.instructions).map(JSON.string)
        changes["model"] = context.arguments.given(Self.model).map(JSON.string)
        if let text = context.arguments.given(Self.results) {
            changes["tool_results"] = try context.json(text, of: Self.results)
        }
        return changes
    }
}
