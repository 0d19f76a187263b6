import BatutaCore
import Glibc

/// `batuta chat [TARGET]`: a conversation in the terminal.
struct ChatCommand: Command {
    static let name = "chat"
    static let synopsis = Words("[TARGET]", "[ALVO]")
    static let mostWords = 1
    static let summary = Words("a conversation in the terminal, with approvals", "uma conversa no terminal, com aprovações")
    static let options: [Option] = [.project, .database, .rehearse, RunCommand.session, .server, .key]

    func run(_ context: CommandContext) async throws -> ExitCode {
        try await Connection.use(context) { client in
            var chat = Chat(context: context, client: client, target: context.arguments.positionals.first)
            return try await chat.run()
        }
    }
}

/// The conversation itself: a line in, a run followed, questions to the human asked on the spot.
struct Chat {
    let context: CommandContext
    let client: APIClient
    let target: String?
    private var session: String?
    private var reader = LineReader()
    private var output: Terminal { context.output }

    init(context: CommandContext, client: APIClient, target: String?) {
        self.context = context
        self.client = client
        self.target = target
        session = context.arguments.value(RunCommand.session)
    }

    mutating func run() async throws -> ExitCode {
        try await greet()
        while let line = try await prompt() {
            switch line.trimmed() {
            case "": continue
            case "/quit", "/exit", "/sair": return .done
            case "/new", "/nova":
                session = nil
                output.errorLine(output.styled(say("A new conversation.", "Conversa nova."), .dim))
            case "/help", "/ajuda": help()
            case let word where word.hasPrefix("/"):
                output.errorLine(say("There is no command \(word). /help lists them.", "Não existe o comando \(word). /ajuda lista todos."))
            case let text: try await send(text)
            }
        }
        output.outLine()
        return .done
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
        guard let target, !targets.contains(target), !targets.contains("agent:" + target) else { return }
        let list = targets.joined(separator: ", ")
        throw .usage(say("There is no target \(target). Targets: \(list).", "Não existe o alvo \(target). Alvos: \(list)."))
    }

    private func help() {
        output.errorLine(
            say(
                "/new  a new conversation\n/quit leave\nAnything else is sent to the agent.",
                "/nova conversa nova\n/sair sai\nQualquer outra coisa vai para o agente."
            )
        )
    }

    /// Asks for a line. Ctrl-C at the prompt says how to leave instead of leaving.
    private mutating func prompt(_ text: String? = nil) async throws -> String? {
        let prompt = output.styled(text ?? say("you ▸ ", "você ▸ "), .green)
        output.out(prompt)
        let hint = say("\n(Ctrl-D leaves)\n", "\n(Ctrl-D sai)\n") + prompt
        let output = output
        let listener = Task {
            for await _ in Signals.shared.stream(of: SIGINT) { output.out(hint) }
        }
        defer { listener.cancel() }
        return await reader.next()
    }

    private mutating func send(_ text: String) async throws {
        var body: JSONObject = ["content": .string(text), "stream": true]
        if session == nil, let target { body["target"] = .string(target) }
        body["session_id"] = session.map(JSON.string)
        let printer = RunPrinter(terminal: output, language: context.language)
        let follower = RunFollower(client: client, printer: printer)
        try await follower.follow(starting: .object(body))
        session = printer.snapshot.sessionID ?? session
        try await decide(printer, follower)
    }

    /// As long as the run asks, the human is asked here; "later" leaves the question for another time.
    private mutating func decide(_ printer: RunPrinter, _ follower: RunFollower) async throws {
        while let approval = printer.snapshot.approvals.first, printer.snapshot.exit == .humanAsked {
            guard let session, let run = printer.snapshot.runID, let request = try await ask(approval) else { return }
            let after = printer.snapshot.lastNumber
            do {
                _ = try await client.post("/v1/approvals/\(approval["approval_id"]?.string ?? "")", request)
            } catch let refusal as APIClient.Refusal {
                output.errorLine(output.styled(refusal.detail, .red))
                if refusal.status == 400 { continue }
                return
            }
            printer.goOn()
            try await follower.follow(session: session, run: run, after: after)
        }
    }

    /// The decision as a request; nil to leave it for later.
    private mutating func ask(_ approval: JSON) async throws -> JSON? {
        for warning in approval["warnings"]?.array ?? [] { output.errorLine(output.styled("⚠ " + (warning.string ?? ""), .yellow)) }
        if let action = approval["suggested_action"]?.string { output.errorLine(output.styled(action, .dim)) }
        while let line = try await prompt(say("[a]pprove [e]dit [r]eject [l]ater ▸ ", "[a]provar [e]ditar [r]ejeitar [d]epois ▸ ")) {
            switch line.trimmed().lowercased() {
            case "a", "approve", "aprovar": return ["decision": "approve"]
            case "r", "reject", "rejeitar": return try await rejection()
            case "e", "edit", "editar":
                if let edited = try await edit(approval["params"] ?? [:]) { return edited }
            case "l", "later", "d", "depois": return nil
            default: continue
            }
        }
        return nil
    }

    private mutating func rejection() async throws -> JSON? {
        let note = try await prompt(say("why (Enter for nothing) ▸ ", "por quê (Enter para nada) ▸ ")) ?? ""
        return note.trimmed().isEmpty ? ["decision": "reject"] : ["decision": "reject", "note": .string(note)]
    }

    private mutating func edit(_ params: JSON) async throws -> JSON? {
        output.errorLine(params.text)
        guard let line = try await prompt(say("new arguments (JSON) ▸ ", "novos argumentos (JSON) ▸ ")) else { return nil }
        guard let json = try? JSON.parse(line), json.object != nil else {
            output.errorLine(output.styled(say("That is no JSON object.", "Isso não é um objeto JSON."), .red))
            return nil
        }
        return ["decision": "approve", "arguments": json]
    }

    private func say(_ english: String, _ portuguese: String) -> String { Words(english, portuguese)(context.language) }
}

extension String {
    func trimmed() -> String {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
