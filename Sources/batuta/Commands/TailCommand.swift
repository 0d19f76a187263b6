import BatutaCore
import Synchronization

/// `batuta tail [SESSION]`: events as they happen.
struct TailCommand: Command {
    static let name = "tail"
    static let synopsis = Words("[SESSION]", "[SESSÃO]")
    static let mostWords = 1
    static let summary = Words(
        "shows the events of a session as they happen (default: the latest)",
        "mostra os eventos de uma sessão ao vivo (padrão: a mais recente)"
    )
    static let json = Option.flag("json", Words("print the events as NDJSON", "imprime os eventos em NDJSON"))
    static let options: [Option] = [.project, .database, json, .server, .key]

    func run(_ context: CommandContext) async throws -> ExitCode {
        try await Connection.use(context, to: .look) { client in
            let session = try await session(context, client)
            let asJSON = context.arguments.has(Self.json)
            let output = context.output
            if !asJSON { try await ForkLines.print(ofSession: session, client, context) }
            let lines = Mutex(EventLines(context))
            try await client.events("GET", "/v1/sessions/\(session)/events?after=0") { event in
                if asJSON { output.outBytes(event.bytes + [10]) } else { lines.withLock { $0.text(event.json) }.map { output.outLine($0) } }
                return true
            }
            return .done
        }
    }

    private func session(_ context: CommandContext, _ client: APIClient) async throws -> String {
        if let session = context.arguments.positionals.first {
            try NamedKind.session.check(session, context)
            return session
        }
        guard let latest = try await client.get("/v1/sessions?limit=1")["data"]?[0]?["id"]?.string else {
            throw CommandFailure.failed(context.say(Words("There is no session yet.", "Ainda não há sessões.")))
        }
        return latest
    }
}
