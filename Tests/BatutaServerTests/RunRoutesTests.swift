import BatutaCore
import BatutaHTTP
import BatutaServer
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct RunRoutesTests {
    @Test func `a run has a trace that fits its log, and another's has none`() async throws {
        let bench = try await ServerBench(
            model: ScriptedModel([.call([("pay", [:])]), .say("Paid")]),
            tools: [RecordingTool(Self.pay)]
        )
        let (run, approval) = try await bench.asked()
        let waiting = try await bench.send("GET", "/v1/runs/\(run)/trace").json
        #expect(waiting["status"] == "pending_approval" && waiting["ended_at"] == .null)
        #expect(waiting["spans"]?.array?.last?["kind"] == "approval" && waiting["spans"]?.array?.last?["end_ms"] == .null)
        _ = try await bench.send("POST", "/v1/approvals/\(approval)", ["decision": "approve"])
        let session = waiting["session_id"]?.string ?? ""
        _ = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle")
        let trace = try await bench.send("GET", "/v1/runs/\(run)/trace").json
        let object = try await bench.send("GET", "/v1/runs/\(run)").json
        for field in ["status", "agent", "target", "started_at", "ended_at", "usage", "cost_usd"] {
            #expect(trace[field] == object[field], "\(field)")
        }
        let kinds = trace["spans"]?.array?.compactMap { $0["kind"]?.string } ?? []
        #expect(kinds == ["run", "queue", "model", "tool", "approval", "queue", "model"])
        // A span says where it ends in the log: from there it can be forked.
        let log = try await bench.send("GET", "/v1/sessions/\(session)/events", headers: [("Accept", "application/json")]).json
        let ends = trace["spans"]?.array?.map { span in log["data"]?.array?.first { $0["id"] == span["event"] }?["type"]?.string }
        #expect(ends == ["complete", "status", "tool_call", "tool_result", "approval", "status", "usage"])
        #expect(trace["spans"]?.array?.allSatisfy { $0["end_ms"]?.int != nil && $0["status"] == "ok" } == true)
        #expect(try await bench.send("GET", "/v1/runs/\(run)/trace", key: bench.key(.member)).status == 404)
        await bench.close()
    }

    static let pay = ToolDefinition(name: "pay", description: "Pays.", effect: .critical)

    @Test func `a call that waits gets the run with its output`() async throws {
        let bench = try await ServerBench(model: ScriptedModel([.say("Hello")]))
        let run = try await bench.send("POST", "/v1/runs", ["content": "hi", "target": "assistant"])
        #expect(run.status == 200)
        #expect(run.json["status"] == "completed")
        #expect(run.json["output"] == "Hello")
        for field in [
            "session_id", "parent_run_id", "root_run_id", "target", "agent", "created_at", "started_at", "ended_at", "usage", "cost_usd",
        ] { #expect(run.json[field] != nil, "\(field)") }
        #expect(try await bench.send("GET", "/v1/runs/\(run.id)").json == run.json)
        await bench.close()
    }

    @Test func `a variable that the agent does not declare is refused, and those that it does are named`() async throws {
        let bench = try await ServerBench(model: ScriptedModel([.say("Hello")]))
        let body: JSON = ["content": "hi", "variables": ["toen": "dry", "language": "en"]]
        let refused = try await bench.send("POST", "/v1/runs", body)
        #expect(refused.status == 400 && refused.json["code"] == "invalid_request")
        #expect(refused.json["detail"] == "assistant declares no variable toen. It declares language.")
        #expect(try await bench.send("POST", "/v1/runs", ["content": "hi", "variables": ["language": "pt-BR"]]).status == 200)
        await bench.close()
    }

    @Test func `S3.2 a call that does not wait is told where to listen`() async throws {
        let bench = try await ServerBench()
        let accepted = try await bench.send("POST", "/v1/runs?wait=0", ["content": "hi"])
        #expect(accepted.status == 202)
        #expect(accepted.json["after"] == 0)
        let session = accepted.json["session_id"]?.string ?? ""
        let frames = try await bench.events("GET", "/v1/sessions/\(session)/events?after=0&until=idle")
        #expect(frames.last?.type == "complete")
        #expect(frames.first { $0.type == "message" }?.data["message_id"] == accepted.json["message_id"])
        let again = try await bench.send("POST", "/v1/sessions/\(session)/messages", ["content": "more"])
        #expect(again.json["after"] == .int(frames.count))
        await bench.close()
    }

    @Test func `a call that waits is answered when a human is asked`() async throws {
        let bench = try await ServerBench(model: ScriptedModel([.call([("pay", [:])])]), tools: [RecordingTool(Self.pay)])
        let run = try await bench.send("POST", "/v1/runs", ["content": "pay"])
        #expect(run.status == 200)
        #expect(run.json["status"] == "pending_approval")
        #expect(run.json["ended_at"] == .null)
        let session = run.json["session_id"]?.string ?? ""
        // Waiting for a human is idle: the stream ends by itself.
        #expect(try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle").last?.data["status"] == "pending_approval")
        await bench.close()
    }

    @Test func `runs are listed by status and session`() async throws {
        let bench = try await ServerBench()
        let run = try await bench.send("POST", "/v1/runs", ["content": "hi"])
        _ = try await bench.send("POST", "/v1/runs", ["content": "hi"])
        let session = run.json["session_id"]?.string ?? ""
        #expect(try await bench.send("GET", "/v1/runs?session_id=\(session)").json["data"] == [run.json])
        #expect(try await bench.send("GET", "/v1/runs?status=completed").json["data"]?.array?.count == 2)
        #expect(try await bench.send("GET", "/v1/runs?status=failed").json["data"] == [])
        await bench.close()
    }

    @Test func `a run says what it was asked, of much only the beginning`() async throws {
        let bench = try await ServerBench(model: ScriptedModel([.say("one"), .say("two"), .say("three")]))
        let session = try await bench.session()
        let long = String(repeating: "ção ", count: 100)
        for text in ["What time is it?", long] {
            let run = try await bench.send("POST", "/v1/runs", ["content": .string(text), "session_id": .string(session)])
            #expect(run.json["input"] == .string(String(text.prefix(200))))
            #expect(try await bench.send("GET", "/v1/runs/\(run.id)").json["input"] == run.json["input"])
        }
        let first = try await bench.send("GET", "/v1/sessions/\(session)/messages").json["data"]?[0]?["message_id"]?.string ?? ""
        _ = try await bench.send("PATCH", "/v1/sessions/\(session)/messages/\(first)", ["content": "And now?"])
        _ = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle")
        let inputs = try await bench.send("GET", "/v1/runs").json["data"]?.array?.compactMap { $0["input"]?.string }
        #expect(inputs?.count == 3 && Set(inputs ?? []) == ["And now?", String(long.prefix(200)), "What time is it?"])
        await bench.close()
    }

    @Test func `stop answers when the run has ended, and again the same`() async throws {
        let model = ScriptedModel([.hang(after: "I ")])
        let bench = try await ServerBench(model: model)
        let accepted = try await bench.send("POST", "/v1/runs?wait=0", ["content": "hi"])
        let run = accepted.json["run_id"]?.string ?? ""
        await model.waitForRequests(1)
        for _ in 0..<2 {
            let stopped = try await bench.send("POST", "/v1/runs/\(run)/stop")
            #expect(stopped.status == 200)
            #expect(stopped.json["status"] == "cancelled")
        }
        await bench.close()
    }

    @Test func `a queued run is stopped while the one before it goes on`() async throws {
        let model = ScriptedModel([.hang()])
        let bench = try await ServerBench(model: model)
        let session = try await bench.session()
        let first = try await bench.send("POST", "/v1/sessions/\(session)/messages", ["content": "hi"]).json["run_id"]?.string ?? ""
        let second = try await bench.send("POST", "/v1/sessions/\(session)/messages", ["content": "hi"]).json["run_id"]?.string ?? ""
        await model.waitForRequests(1)
        #expect(try await bench.send("GET", "/v1/runs/\(second)").json["status"] == "queued")
        #expect(try await bench.send("POST", "/v1/runs/\(second)/stop").json["status"] == "cancelled")
        #expect(try await bench.send("GET", "/v1/runs/\(first)").json["status"] == "running")
        #expect(try await bench.send("POST", "/v1/runs/\(first)/stop").json["status"] == "cancelled")
        #expect(model.requests.count == 1)
        await bench.close()
    }

    @Test func `stopping a run that works leaves alone what waits behind it`() async throws {
        let model = ScriptedModel([.hang(), .say("second")])
        let bench = try await ServerBench(model: model)
        let session = try await bench.session()
        let path = "/v1/sessions/\(session)/messages"
        let first = try await bench.send("POST", path, ["content": "hi"]).json["run_id"]?.string ?? ""
        let second = try await bench.send("POST", path, ["content": "and"]).json["run_id"]?.string ?? ""
        await model.waitForRequests(1)
        #expect(try await bench.send("POST", "/v1/runs/\(first)/stop").json["status"] == "cancelled")
        _ = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle")
        let other = try await bench.send("GET", "/v1/runs/\(second)").json
        #expect(other["status"] == "completed" && other["output"] == "second")
        await bench.close()
    }

    @Test func `a run that waits for a human is stopped and its question taken back`() async throws {
        let tool = RecordingTool(Self.pay)
        let bench = try await ServerBench(model: ScriptedModel([.call([("pay", [:])])]), tools: [tool])
        let (run, approval) = try await bench.asked()
        #expect(try await bench.send("POST", "/v1/runs/\(run)/stop").json["status"] == "cancelled")
        #expect(try await bench.send("GET", "/v1/approvals/\(approval)").json["state"] == "cancelled")
        #expect(try await bench.send("POST", "/v1/approvals/\(approval)", ["decision": "approve"]).status == 409)
        #expect(tool.received.isEmpty)
        await bench.close()
    }

    @Test func `the rate of new runs is limited per key`() async throws {
        let bench = try await ServerBench(runs: 2)
        for _ in 0..<2 { #expect(try await bench.send("POST", "/v1/runs", ["content": "hi"]).status == 200) }
        let refused = try await bench.send("POST", "/v1/runs", ["content": "hi"])
        #expect(refused.status == 429 && refused.isProblem && refused.code == "rate_limited")
        let seconds = refused.headers["Retry-After"].flatMap { Int($0) }
        #expect(seconds.map { (1...31).contains($0) } == true)
        let session = try await bench.session()
        #expect(try await bench.send("POST", "/v1/sessions/\(session)/messages", ["content": "hi"]).status == 429)
        #expect(try await bench.send("POST", "/v1/runs", ["content": "hi"], key: try await bench.key(.member)).status == 200)
        var local = ClientRequest(method: "POST", url: "http://localhost/v1/runs", body: Array(#"{"content":"hi"}"#.utf8))
        local.unixSocket = bench.engine.folder.path + "/sock"
        for _ in 0..<4 { #expect(try await bench.send(local).status == 200) }
        await bench.close()
    }

    @Test(arguments: [
        "", " \n\t", "\u{2003}",
    ])
    func `nothing but space is no message`(_ text: String) async throws {
        let bench = try await ServerBench()
        let session = try await bench.session()
        for content: JSON in [.string(text), [["type": "text", "text": .string(text)]]] {
            for path in ["/v1/runs", "/v1/sessions/\(session)/messages"] {
                let answer = try await bench.send("POST", path, ["content": content])
                #expect(answer.status == 400 && answer.isProblem)
                #expect(answer.json["errors"]?[0]?["field"] == "content")
            }
        }
        #expect(try await bench.send("GET", "/v1/runs").json["data"] == [])
        await bench.close()
    }

    @Test func `content is a string or parts of text`() async throws {
        let model = ScriptedModel([])
        let bench = try await ServerBench(model: model)
        let parts: JSON = [["type": "text", "text": "one"], ["type": "text", "text": "two"]]
        #expect(try await bench.send("POST", "/v1/runs", ["content": parts]).status == 200)
        #expect("\(model.requests.last.map { "\($0)" } ?? "")".contains("one\\ntwo"))
        let wrong: [JSON] = [
            [], 1, .null, [["type": "image"]], ["one"], [["type": "text"]], [["type": "text", "text": "a", "x": 1]],
        ]
        for content in wrong { #expect(try await bench.send("POST", "/v1/runs", ["content": content]).status == 400) }
        await bench.close()
    }

    @Test func `a large message goes through whole`() async throws {
        let bench = try await ServerBench()
        let text = String(repeating: "x", count: 300_000)
        let run = try await bench.send("POST", "/v1/runs", ["content": .string(text)], headers: [("Idempotency-Key", "large")])
        #expect(run.status == 200)
        let messages = try await bench.send("GET", "/v1/sessions/\(run.json["session_id"]?.string ?? "")/messages")
        #expect(messages.json["data"]?[0]?["content"] == .string(text))
        await bench.close()
    }
}
