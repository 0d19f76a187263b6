import BatutaAgents
import BatutaCore

/// `batuta chat [TARGET]`: a conversation in the terminal.
struct ChatCommand: Command {
    static let name = "chat"
    static let synopsis = Words("[TARGET]", "[ALVO]")
    static let mostWords = 1
    static let summary = Words("a conversation in the terminal, with approvals", "uma conversa no terminal, com aprovações")
    static let options: [Option] = [.project, .database, .redis, .rehearse, RunCommand.session, .server, .key, RunCommand.reconnect]

    func run(_ context: CommandContext) async throws -> ExitCode {
        if let session = context.arguments.value(RunCommand.session) { try NamedKind.session.check(session, context) }
        let target = context.arguments.positionals.first
        let servers = ServersToMeet.reached(by: target, session: context.arguments.value(RunCommand.session))
        return try await Connection.use(context, meeting: servers) { client in
            var chat = Chat(context: context, client: client, target: target)
            return try await chat.run()
        }
    }
}

/// The conversation itself: a line in, a run followed, questions to the human asked on the spot.
struct Chat {
    let context: CommandContext
    let client: APIClient
    let target: String?
    private(set) var session: String?
    var keyboard: Keyboard
    var output: Terminal { context.output }

    init(context: CommandContext, client: APIClient, target: String?) {
        self.context = context
        self.client = client
        self.target = target
        session = context.arguments.value(RunCommand.session)
        keyboard = Keyboard(context)
    }

    mutating func run() async throws -> ExitCode {
        try await greet()
        try await recall()
        try await answerWaiting()
        let exit = try await talk()
        sayHowToComeBack()
        return exit
    }

    private func sayHowToComeBack() {
        guard let session else { return }
        let command = "batuta chat --session \(session)\(context.samePlaceOfRuns)"
        let words = say("To come back to this conversation: \(command)", "Para voltar a esta conversa: \(command)")
        output.errorLine(output.styled(words, .dim))
    }

    /// Until somebody leaves.
    private mutating func talk() async throws -> ExitCode {
        var wasInterrupted = false
        while true {
            switch await keyboard.ask(say("you ▸ ", "você ▸ "), hint: say("(Ctrl-D leaves)", "(Ctrl-D sai)")) {
            case .end:
                if !keyboard.edits { output.outLine() }
                return .done
            case .interrupted(let droppedText):
                if wasInterrupted, !droppedText { return .done }
                wasInterrupted = !droppedText
                if wasInterrupted {
                    output.errorLine(output.styled(say("(Ctrl-C again or Ctrl-D leaves)", "(Ctrl-C de novo ou Ctrl-D sai)"), .dim))
                }
            case .line(let line):
                wasInterrupted = false
                if try await !take(line.trimmed()) { return .done }
            }
        }
    }

    /// One line of the human's; false to leave.
    private mutating func take(_ line: String) async throws -> Bool {
        if !line.isEmpty { keyboard.remember(line) }
        switch line {
        case "": break
        case "/quit", "/exit", "/sair": return false
        case "/new", "/nova":
            session = nil
            output.errorLine(output.styled(say("A new conversation.", "Conversa nova."), .dim))
        case "/help", "/ajuda": help()
        case let word where word.hasPrefix("/"):
            output.errorLine(say("There is no command \(word). /help lists them.", "Não existe o comando \(word). /ajuda lista todos."))
        case let text: try await send(text)
        }
        return true
    }

    /// What was said before in a conversation that goes on, for the arrow up.
    private func recall() async throws {
        guard let session else { return }
        _ = try await client.get("/v1/sessions/\(session)")
        guard keyboard.edits else { return }
        let messages = try await client.get("/v1/sessions/\(session)/messages?limit=200")["data"]?.array ?? []
        for message in messages where message["role"] == "user" { message["content"]?.string.map(keyboard.remember) }
    }

    private func greet() async throws {
        let info = try await client.get("/v1/info")
        try check(target, among: (info["targets"]?.array ?? []).compactMap(\.string))
        let name = target ?? info["default_target"]?.string ?? ""
        output.errorLine(output.styled("Batuta · \(info["name"]?.string ?? "") · \(name)", .bold))
        if info["rehearsal"]?.bool == true {
            output.errorLine(
                output.styled(
                    say(
                        "Rehearsal: the lines come from a script; no model was called.",
                        "Ensaio: as falas vêm de um roteiro; nenhum modelo foi chamado."
                    ),
                    .yellow
                )
            )
            if let text = Suggestions.text(info["suggestions"], context.language) { output.errorLine(output.styled(text, .dim)) }
        }
        output.errorLine(
            output.styled(
                say(
                    "Ctrl-C stops an answer, Ctrl-D leaves, /help for more.",
                    "Ctrl-C interrompe uma resposta, Ctrl-D sai, /ajuda para mais."
                ),
                .dim
            )
        )
    }

    /// A target that does not exist is said before the first message.
    private func check(_ target: String?, among targets: [String]) throws(CommandFailure) {
        guard let target, !["", "agent:", "team:"].contains(where: { targets.contains($0 + target) }) else { return }
        throw .usage(context.say(.unknownTarget(target, among: targets)))
    }

    private func help() {
        output.errorLine(
            say(
                "/new    begins a new conversation\n/quit   leaves\n/help   shows this\nAnything else is sent to the agent.",
                "/nova    começa uma conversa nova\n/sair    sai\n/ajuda   mostra isto\nQualquer outra coisa vai para o agente."
            )
        )
    }

    private mutating func send(_ text: String) async throws {
        var body: JSONObject = ["content": .string(text), "stream": true]
        if session == nil, let target { body["target"] = .string(target) }
        body["session_id"] = session.map(JSON.string)
        let printer = RunPrinter(context)
        let follower = RunFollower(client: client, printer: printer, context: context, isInConversation: true)
        do {
            try await follower.follow(starting: .object(body))
            session = printer.snapshot.sessionID ?? session
            try await decide(printer, follower)
        } catch let failure as CommandFailure {
            // The conversation is still there, and the next line may find the server back.
            session = printer.snapshot.sessionID ?? session
            output.errorLine(output.styled(failure.message, .red))
        }
    }

    func say(_ english: String, _ portuguese: String) -> String { Words(english, portuguese)(context.language) }
}

extension String {
    func trimmed() -> String {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
