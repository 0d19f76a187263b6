import BatutaAgents
import BatutaCore
import BatutaHTTP

/// `batuta run TARGET "message"`: one run, streamed to the terminal.
struct RunCommand: Command {
    static let name = "run"
    static let synopsis = Words("[TARGET|FILE.md] \"message\"", "[ALVO|ARQUIVO.md] \"mensagem\"")
    static let mostWords = 2
    static let summary = Words(
        "one run: the answer to stdout, what happens to stderr",
        "uma execução: a resposta em stdout, o que acontece em stderr"
    )
    static let json = Option.flag("json", Words("print the events as NDJSON", "imprime os eventos em NDJSON"))
    static let session = Option.value("session", "ID", Words("go on with a session", "continua uma sessão"))
    static let reconnect = Option.value(
        "reconnect",
        "2m",
        Words("how long a server that went away is tried again (default 2m)", "por quanto tempo tentar um servidor que caiu (padrão 2m)")
    )
    static let options: [Option] = [.project, .database, .redis, .rehearse, json, session, .server, .key, reconnect]

    func run(_ context: CommandContext) async throws -> ExitCode {
        let words = context.arguments.positionals
        guard let message = words.last, (1...2).contains(words.count), !message.isEmpty else {
            throw Self.wrongUsage(context)
        }
        if let session = context.arguments.value(Self.session) { try NamedKind.session.check(session, context) }
        let target = words.count == 2 ? words[0] : nil
        let named = target.flatMap { $0.hasSuffix(".md") ? nil : $0 }
        let servers = ServersToMeet.reached(by: named, session: context.arguments.value(Self.session))
        return try await Connection.use(context, meeting: servers) { client in
            var body: JSONObject = ["content": .string(message), "stream": true]
            body["target"] = named.map(JSON.string)
            body["session_id"] = context.arguments.value(Self.session).map(JSON.string)
            if named == nil { await warn(of: message, client, context) }
            let printer = RunPrinter(context, showsJSON: context.arguments.has(Self.json), showsRehearsal: true)
            try await RunFollower(client: client, printer: printer, context: context).follow(starting: .object(body))
            return Self.exit(printer.snapshot, context)
        }
    }

    /// A target's name alone is sent as a message, which hardly anybody means.
    private func warn(of message: String, _ client: APIClient, _ context: CommandContext) async {
        guard message.allSatisfy({ $0.isLetter || $0.isNumber || "_-:".contains($0) }), let info = try? await client.get("/v1/info") else {
            return
        }
        let targets = (info["targets"]?.array ?? []).compactMap(\.string)
        guard targets.contains(where: { $0 == message || $0.hasSuffix(":" + message) }) else { return }
        let words = Words(
            "This goes to \(info["default_target"]?.string ?? "") as a message. To choose the target: batuta run \(message) \"message\"",
            "Isto vai para \(info["default_target"]?.string ?? "") como mensagem. Para escolher o alvo: batuta run \(message) \"mensagem\""
        )
        context.output.errorLine(context.output.styled(context.say(words), .yellow))
    }

    static func duration(_ text: String, of option: Option, _ context: CommandContext) throws(CommandFailure) -> Duration {
        if let duration = DurationText.duration(text), duration > .zero { return duration }
        let words = Words(
            "--\(option.name): `\(text)` is no duration; write 30s, 5m or 1h.",
            "--\(option.name): `\(text)` não é uma duração; escreva 30s, 5m ou 1h."
        )
        throw .usage(context.say(words))
    }

    /// How the command ends after what was shown of its run, with what to do when a person is asked.
    static func exit(_ state: RunPrinter.State, _ context: CommandContext) -> ExitCode {
        if state.exit == .humanAsked {
            context.output.errorLine(
                context.say(Words("A human is asked. Decide with one of:", "Uma pessoa precisa decidir. Use um destes:"))
            )
            Decision.tell(state.approvals, context)
        }
        guard state.exit == nil, let run = state.runID else { return state.exit ?? .failed }
        // Nobody goes on with it now, and nothing went wrong.
        let show = "batuta show \(run)\(context.samePlace)", list = "batuta runs\(context.samePlace)", place = context.samePlaceOfRuns
        context.output.errorLine(
            context.say(
                Words(
                    "The run rests and is not over: one of its members may be paused. See \(show) and \(list); batuta resume RUN\(place) lets it go on.",
                    "A execução parou sem terminar: talvez um de seus membros esteja em pausa. Veja \(show) e \(list); batuta resume EXECUÇÃO\(place) a retoma."
                )
            )
        )
        return .interrupted
    }
}
