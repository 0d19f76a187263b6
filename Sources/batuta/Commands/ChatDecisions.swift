import BatutaCore
import BatutaHTTP

/// Questions to the human, asked in the middle of a conversation.
extension Chat {
    /// What waits in a conversation that goes on is asked before anything else, as it would have been at the time.
    mutating func answerWaiting() async throws {
        guard let session else { return }
        let all = try await client.get("/v1/approvals?status=pending&limit=200")["data"]?.array ?? []
        let waiting = all.filter { $0["session_id"]?.string == session }.reversed()
        guard !waiting.isEmpty else { return }
        output.errorLine(output.styled(say("Here somebody has to decide:", "Aqui falta decidir:"), .bold))
        let last = try await client.get("/v1/sessions/\(session)")["last_event"]?.int ?? 0
        for (run, approvals) in try await byTeam(Array(waiting)) {
            let printer = RunPrinter(context)
            printer.begin(session: session, run: run, after: last)
            printer.ask(again: approvals)
            try await decide(printer, RunFollower(client: client, printer: printer, context: context, isInConversation: true))
        }
    }

    /// The questions of one run and all that work below it belong together; the oldest first.
    private func byTeam(_ approvals: [JSON]) async throws -> [(run: String, approvals: [JSON])] {
        var groups: [(run: String, approvals: [JSON])] = []
        for approval in approvals {
            let asking = approval["run_id"]?.string ?? ""
            let run = try await client.get("/v1/runs/\(asking)")["root_run_id"]?.string ?? asking
            var question = approval.object ?? [:]
            question["approval_id"] = approval["id"]
            if let index = groups.firstIndex(where: { $0.run == run }) {
                groups[index].approvals.append(.object(question))
            } else {
                groups.append((run, [.object(question)]))
            }
        }
        return groups
    }

    /// As long as the run asks, the human is asked here; "later" leaves the question for another time.
    mutating func decide(_ printer: RunPrinter, _ follower: RunFollower) async throws {
        while let approval = printer.snapshot.approvals.first, printer.snapshot.exit == .humanAsked {
            guard let session, let run = printer.snapshot.runID else { return }
            guard let request = await ask(approval) else {
                let words = say("Left for later. Decide then with one of:", "Ficou para depois. Decida então com um destes:")
                output.errorLine(output.styled(words, .dim))
                Decision.tell(printer.snapshot.approvals, context)
                return
            }
            let after = printer.snapshot.lastNumber
            do {
                try await send(request, for: approval["approval_id"]?.string ?? "", printer)
            } catch let refusal as APIClient.Refusal {
                output.errorLine(output.styled(refusal.detail, .red))
                if refusal.status == 400 { continue }
                return
            }
            printer.goOn()
            try await follower.follow(session: session, run: run, after: after)
        }
    }

    /// A server that went away is tried again: what was typed is not lost.
    private func send(_ request: JSON, for id: String, _ printer: RunPrinter) async throws {
        var connection = LostConnection()
        var isAgain = false
        let start = ContinuousClock.now
        while true {
            do {
                _ = try await client.post("/v1/approvals/\(id)", request)
                return
            } catch let refusal as APIClient.Refusal where isAgain && refusal.status == 409 {
                // It had come before the connection was lost.
                return
            } catch let refusal as APIClient.Refusal where refusal.status == 503 && !client.endsWithCommand {
                isAgain = true
            } catch let error as HTTPClientError where error.isRetryable && !client.endsWithCommand {
                isAgain = true
            }
            switch connection.failed(after: ContinuousClock.now - start) {
            case .tryAgain(let pause, let saysSo):
                if saysSo { printer.loseConnection() }
                try await Task.sleep(for: pause)
            case .giveUp: throw CommandFailure.failed(later(request, id)(context.language))
            }
        }
    }

    private func later(_ request: JSON, _ id: String) -> Words {
        let verb = request["decision"]?.string ?? "approve"
        let arguments = request["arguments"].map { " --arguments \(ShellWord.quoted($0.text))" } ?? ""
        let command = "batuta \(verb) \(id)\(arguments)\(context.samePlace)"
        return Words(
            "The server is away, and your decision did not reach it. When it is back: \(command)",
            "O servidor está fora, e a sua decisão não chegou. Quando ele voltar: \(command)"
        )
    }

    /// The decision as a request; nil to leave it for later.
    private mutating func ask(_ approval: JSON) async -> JSON? {
        for warning in approval["warnings"]?.array ?? [] { output.errorLine(output.styled("⚠ " + (warning.string ?? ""), .yellow)) }
        if let action = approval["suggested_action"]?.string { output.errorLine(output.styled(action, .dim)) }
        let question = say("[a]pprove [e]dit [r]eject [l]ater ▸ ", "[a]provar [e]ditar [r]ejeitar [d]epois ▸ ")
        while true {
            switch await keyboard.ask(question, hint: laterHint) {
            case .end: return nil
            case .interrupted: output.errorLine(output.styled(laterHint, .dim))
            case .line(let line):
                switch line.trimmed().lowercased() {
                case "a", "approve", "aprovar":
                    guard let fields = approval["fields"]?.object, !fields.isEmpty else { return ["decision": "approve"] }
                    if let answer = await fill(fields) { return ["decision": "approve", "arguments": answer] }
                case "r", "reject", "rejeitar":
                    if let rejection = await rejection() { return rejection }
                case "e", "edit", "editar":
                    if let edited = await edit(approval["question"] == nil ? approval["params"] ?? [:] : [:]) { return edited }
                case "l", "later", "d", "depois": return nil
                default: output.errorLine(output.styled(say("Answer a, e, r or l.", "Responda a, e, r ou d."), .yellow))
                }
            }
        }
    }

    private var laterHint: String { say("(l or Ctrl-D leaves it for later)", "(d ou Ctrl-D deixa para depois)") }
    private var backHint: String { say("(Ctrl-D goes back)", "(Ctrl-D volta)") }

    /// nil: back to the question. A pipe that ends here has nothing to say.
    private mutating func rejection() async -> JSON? {
        let answer = await keyboard.ask(say("why (Enter for nothing) ▸ ", "por quê (Enter para nada) ▸ "), hint: backHint)
        if case .line(let note) = answer, !note.trimmed().isEmpty { return ["decision": "reject", "note": .string(note)] }
        if case .line = answer { return ["decision": "reject"] }
        return keyboard.edits ? nil : ["decision": "reject"]
    }

    /// The fields of a graph's question, one after the other; nil: back to the question.
    private mutating func fill(_ fields: JSONObject) async -> JSON? {
        var answer = JSONObject()
        for (name, schema) in fields {
            switch await value(of: name, schema) {
            case .given(let value): answer[name] = value
            case .leftOut: continue
            case .back: return nil
            }
        }
        return .object(answer)
    }

    private enum FieldAnswer {
        case given(JSON)
        case leftOut
        case back
    }

    /// One field, asked until what is typed fits it.
    private mutating func value(of name: String, _ schema: JSON) async -> FieldAnswer {
        if let description = schema["description"]?.string { output.errorLine(output.styled(description, .dim)) }
        let prompt = name + hint(schema).map { " (\($0))" }.joined() + " ▸ "
        while true {
            guard case .line(let line) = await keyboard.ask(prompt, hint: backHint) else { return .back }
            let text = line.trimmed()
            if text.isEmpty, !GraphPlan.Question.isRequired(schema) { return .leftOut }
            let given: JSONObject = text.isEmpty ? [:] : [name: Self.value(text, as: schema)]
            guard let problem = Self.problem(with: given, of: name, schema) else { return given[name].map(FieldAnswer.given) ?? .leftOut }
            let place = problem.path.joined(separator: ".") + " "
            output.errorLine(output.styled(context.say(Words(place, place) + problem.words), .red))
        }
    }

    private static func problem(with answer: JSONObject, of name: String, _ schema: JSON) -> FieldProblem? {
        let own = try? JSONSchema(GraphPlan.Question.schema(of: [name: schema]))
        return own?.fieldProblems(of: .object(answer)).first
    }

    /// What fits a field, and what leaving it empty means.
    private func hint(_ schema: JSON) -> [String] {
        let fitting = schema["enum"]?.array?.map(\.insertedText).joined(separator: ", ") ?? schema["type"]?.string
        let empty =
            schema["default"].map { say("Enter: \($0.insertedText)", "Enter: \($0.insertedText)") }
            ?? (GraphPlan.Question.isRequired(schema) ? nil : say("optional", "opcional"))
        return [fitting == "string" ? nil : fitting, empty].compactMap(\.self)
    }

    /// What was typed, as the schema wants it where that is plain.
    private static func value(_ text: String, as schema: JSON) -> JSON {
        let wantsText = schema["type"]?.string == "string" || schema["enum"]?.array?.contains(.string(text)) == true
        guard !wantsText, let json = try? JSON.parse(text) else { return .string(text) }
        return json
    }

    /// nil: back to the question.
    private mutating func edit(_ params: JSON) async -> JSON? {
        if !keyboard.edits { output.errorLine(params.text) }
        let prompt = say("new arguments (JSON) ▸ ", "novos argumentos (JSON) ▸ ")
        guard case .line(let line) = await keyboard.ask(prompt, start: params.text, hint: backHint) else { return nil }
        guard let json = try? JSON.parse(line), json.object != nil else {
            output.errorLine(output.styled(say("That is not a JSON object.", "Isso não é um objeto JSON."), .red))
            return nil
        }
        return ["decision": "approve", "arguments": json]
    }
}
