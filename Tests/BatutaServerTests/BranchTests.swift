import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns
import BatutaServer
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct BranchTests {
    /// What the conversation shows, and the identifiers of its messages.
    private func conversation(_ bench: ServerBench, _ session: String) async throws -> (texts: [String], messages: [JSON]) {
        let messages = try await bench.send("GET", "/v1/sessions/\(session)/messages").json["data"]?.array ?? []
        return (messages.compactMap { $0["content"]?.string }, messages)
    }

    /// Says back everything that the model was shown.
    private static let echo = ScriptedModel(rule: { request in
        let turns = request.turns.map { turn in
            switch turn {
            case .user(let text), .shown(let text, _): text
            case .assistant(let text, _): "[\(text)]"
            case .tool: "tool"
            }
        }
        return .say(turns.joined(separator: "|"))
    })

    private func say(_ bench: ServerBench, _ session: String, _ fields: JSONObject) async throws {
        let accepted = try await bench.send("POST", "/v1/sessions/\(session)/messages", .object(fields))
        #expect(accepted.status == 202)
        try await waitForEnd(bench, accepted)
    }

    private func waitForEnd(_ bench: ServerBench, _ accepted: ServerBench.Answer) async throws {
        let session = accepted.json["session_id"]?.string ?? ""
        _ = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle&after=\(accepted.json["after"]?.int ?? 0)")
    }

    private func edit(_ bench: ServerBench, _ session: String, _ message: JSON?, _ text: String) async throws {
        let path = "/v1/sessions/\(session)/messages/\(message?["message_id"]?.string ?? "")"
        let accepted = try await bench.send("PATCH", path, ["content": .string(text)])
        #expect(accepted.status == 202)
        try await waitForEnd(bench, accepted)
    }

    @Test func `an edit makes a new branch, the model sees only that one, and the old one stays readable`() async throws {
        let bench = try await ServerBench(model: Self.echo)
        let session = try await bench.session()
        for text in ["one", "two"] { try await say(bench, session, ["content": .string(text)]) }
        let old = try await conversation(bench, session)
        #expect(old.texts == ["one", "one", "two", "one|[one]|two"])
        try await edit(bench, session, old.messages[0], "uno")
        #expect(try await conversation(bench, session).texts == ["uno", "uno"])
        try await say(bench, session, ["content": "dos"])
        let new = try await conversation(bench, session)
        #expect(new.texts == ["uno", "uno", "dos", "uno|[uno]|dos"])
        let siblings = [old.messages[0], new.messages[0]].map { $0["message_id"] ?? .null }
        #expect(new.messages[0]["siblings"] == .array(siblings))
        #expect(new.messages[1]["siblings"]?.array?.count == 1)
        let read = try await bench.send("GET", "/v1/sessions/\(session)/messages?cursor=\(old.messages[3]["message_id"]?.string ?? "")")
        #expect(read.json["data"]?.array?.compactMap { $0["content"]?.string } == old.texts)
        await bench.close()
    }

    @Test func `switching goes to the end of a branch, and what is said then belongs to it`() async throws {
        let bench = try await ServerBench(model: Self.echo)
        let session = try await bench.session()
        try await say(bench, session, ["content": "one"])
        let first = try await conversation(bench, session).messages
        try await edit(bench, session, first[0], "uno")
        let new = try await conversation(bench, session).messages
        let back = try await bench.send("PATCH", "/v1/sessions/\(session)", ["leaf": first[0]["message_id"] ?? .null])
        #expect(back.json["leaf"] == first[1]["message_id"])
        try await say(bench, session, ["content": "two"])
        #expect(try await conversation(bench, session).texts == ["one", "one", "two", "one|[one]|two"])
        _ = try await bench.send("PATCH", "/v1/sessions/\(session)", ["leaf": new[0]["message_id"] ?? .null, "title": "T"])
        #expect(try await conversation(bench, session).texts == ["uno", "uno"])
        #expect(try await bench.send("GET", "/v1/sessions/\(session)").json["title"] == "T")
        await bench.close()
    }

    @Test func `the same text runs again, and a message may answer any other`() async throws {
        let bench = try await ServerBench(model: Self.echo)
        let session = try await bench.session()
        for text in ["one", "two"] { try await say(bench, session, ["content": .string(text)]) }
        let before = try await conversation(bench, session).messages
        try await edit(bench, session, before[2], "two")
        let again = try await conversation(bench, session)
        #expect(again.texts == ["one", "one", "two", "one|[one]|two"])
        #expect(again.messages[2]["siblings"]?.array?.count == 2)
        #expect(again.messages[2]["parent_message_id"] == before[1]["message_id"])
        try await say(bench, session, ["content": "three", "parent_message_id": before[1]["message_id"] ?? .null])
        #expect(try await conversation(bench, session).texts == ["one", "one", "three", "one|[one]|three"])
        await bench.close()
    }

    @Test func `events name the parent, at the beginning null`() async throws {
        let bench = try await ServerBench(model: Self.echo)
        let session = try await bench.session()
        for text in ["one", "two"] { try await say(bench, session, ["content": .string(text)]) }
        let events = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle").map(\.json)
        let said = events.filter { $0["type"] == "message" }.compactMap { $0["data"] }
        #expect(said.map { $0["parent_message_id"] } == [.null] + said.dropLast().map { $0["message_id"] })
        #expect(said[0]["attachments"] == [])
        #expect(try await conversation(bench, session).messages.map { $0["parent_message_id"] } == said.map { $0["parent_message_id"] })
        await bench.close()
    }

    @Test func `an edit stops what came of the message first, and nothing else`() async throws {
        let model = ScriptedModel(rule: { request in
            guard case .user(let text) = request.turns.last else { return .say("?") }
            return text == "slow" ? .hang(after: "part ") : .say("answer to \(text)")
        })
        let bench = try await ServerBench(model: model)
        let session = try await bench.session()
        try await say(bench, session, ["content": "one"])
        let slow = try await bench.send("POST", "/v1/sessions/\(session)/messages", ["content": "slow"])
        await model.waitForRequests(2)
        let queued = try await bench.send("POST", "/v1/sessions/\(session)/messages", ["content": "behind"])
        try await edit(bench, session, slow.json, "quick")
        #expect(try await conversation(bench, session).texts == ["one", "answer to one", "quick", "answer to quick"])
        for run in [slow, queued] {
            #expect(try await bench.send("GET", "/v1/runs/\(run.json["run_id"]?.string ?? "")").json["status"] == "cancelled")
        }
        await bench.close()
    }

    @Test func `a run that is elsewhere answers on its own branch, also after a restart`() async throws {
        let tool = RecordingTool(RunRoutesTests.pay)
        let rule: @Sendable (ModelRequest) -> ScriptedModel.Reply = { request in
            if case .tool = request.turns.last { return .say("Paid") }
            guard case .user(let text) = request.turns.last, text == "pay" else { return .say("answer") }
            return .call([("pay", [:])])
        }
        let bench = try await ServerBench(model: ScriptedModel(rule: rule), tools: [tool])
        let session = try await bench.session()
        try await say(bench, session, ["content": "one"])
        let first = try await conversation(bench, session).messages
        try await say(bench, session, ["content": "pay"])
        try await say(bench, session, ["content": "other", "parent_message_id": first[1]["message_id"] ?? .null])
        #expect(try await conversation(bench, session).texts == ["one", "answer", "other", "answer"])
        await bench.close()
        let again = try await ServerBench(model: ScriptedModel(rule: rule), tools: [tool], folder: bench.engine.folder)
        let approval = try await again.send("GET", "/v1/approvals?status=pending").json["data"]?[0]?["id"]?.string ?? ""
        let decided = try await again.send("POST", "/v1/approvals/\(approval)", ["decision": "approve"])
        let events = "/v1/sessions/\(session)/events?until=idle"
        _ = try await again.events("GET", events)
        #expect(decided.status == 200)
        #expect(try await conversation(again, session).texts == ["one", "answer", "other", "answer"])
        let paid = try await again.events("GET", events).last { $0.data["content"] == "Paid" }?.data["message_id"] ?? .null
        _ = try await again.send("PATCH", "/v1/sessions/\(session)", ["leaf": paid])
        #expect(try await conversation(again, session).texts == ["one", "answer", "pay", "Paid"])
        await again.close()
    }

    @Test func `many who edit, answer and switch at once leave one tree in which everything has its place`() async throws {
        let bench = try await ServerBench(model: ScriptedModel(rule: { _ in .speak("a b c") }))
        let session = try await bench.session()
        try await say(bench, session, ["content": "one"])
        let first = try await conversation(bench, session).messages
        let (start, answer) = (first[0]["message_id"]?.string ?? "", first[1]["message_id"] ?? .null)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<24 {
                group.addTask {
                    let path = "/v1/sessions/\(session)"
                    let text = JSON.string("m\(index)")
                    return switch index % 4 {
                    case 0: try await bench.send("PATCH", path + "/messages/\(start)", ["content": text]).status
                    case 1: try await bench.send("POST", path + "/messages", ["content": text, "parent_message_id": answer]).status
                    case 2: try await bench.send("PATCH", path, ["leaf": .string(start)]).status
                    default: try await bench.send("POST", path + "/messages", ["content": text]).status
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.allSatisfy { $0 == 202 || $0 == 200 }, "\(statuses)")
        let events = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle")
        let said = events.filter { $0.type == "message" }.map(\.data)
        let known = Set(said.compactMap { $0["message_id"]?.string })
        #expect(known.count == said.count)
        #expect(said.allSatisfy { $0["parent_message_id"]?.string.map(known.contains) ?? true })
        let byID = Dictionary(said.map { ($0["message_id"] ?? .null, $0) }) { first, _ in first }
        let runs = Dictionary(events.filter { $0.type == "message" }.map { ($0.data["message_id"] ?? .null, $0.json["run_id"]) }) {
            first,
            _ in first
        }
        // Every answer comes somewhere after the message that it answers.
        for message in said where message["role"] == "assistant" {
            var (next, isFound) = (message["parent_message_id"] ?? .null, false)
            while let before = byID[next], !isFound {
                isFound = before["role"] == "user" && runs[next] == runs[message["message_id"] ?? .null]
                next = before["parent_message_id"] ?? .null
            }
            #expect(isFound)
        }
        #expect(said.count { $0["role"] == "user" } == 1 + 18)
        await bench.close()
    }

    @Test func `what cannot be edited or switched to is refused`() async throws {
        let bench = try await ServerBench(model: Self.echo)
        let session = try await bench.session()
        let other = try await bench.session()
        try await say(bench, session, ["content": "one"])
        try await say(bench, other, ["content": "one"])
        let messages = try await conversation(bench, session).messages
        let foreign = try await conversation(bench, other).messages[0]["message_id"]?.string ?? ""
        let answer = messages[1]["message_id"]?.string ?? ""
        let path = "/v1/sessions/\(session)/messages/"
        #expect(try await bench.send("PATCH", path + answer, ["content": "x"]).code == "not_editable")
        #expect(try await bench.send("PATCH", path + foreign, ["content": "x"]).status == 404)
        #expect(try await bench.send("PATCH", path + (messages[0]["message_id"]?.string ?? ""), ["content": " "]).status == 400)
        for leaf in [foreign, "x"] {
            #expect(try await bench.send("PATCH", "/v1/sessions/\(session)", ["leaf": .string(leaf)]).status == 400)
            let sent = try await bench.send(
                "POST",
                "/v1/sessions/\(session)/messages",
                ["content": "x", "parent_message_id": .string(leaf)]
            )
            #expect(sent.status == 400)
        }
        #expect(try await conversation(bench, session).texts == ["one", "one"])
        await bench.close()
    }
}
