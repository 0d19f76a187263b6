import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns
import BatutaServer
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct WebSocketTests {
    @Test func `S3.3 a message is acknowledged with the fields of the answer and its events follow`() async throws {
        let bench = try await ServerBench(model: ScriptedModel([.say("Hello")]))
        let session = try await bench.session()
        let socket = await WebSocketPeer.open(bench, "/v1/sessions/\(session)/ws")
        #expect(socket.status == 101)
        socket.send(["type": "message", "content": "hi", "ref": "r1"])
        var seen: [JSON] = []
        while !(seen.contains { $0["type"] == "ack" } && seen.contains { $0["type"] == "complete" }) {
            guard case .text(let json) = await socket.next() else { break }
            seen.append(json)
        }
        let ack = seen.first { $0["type"] == "ack" }
        #expect(ack?["ref"] == "r1")
        #expect(ack?["after"] == 0)
        for field in ["run_id", "message_id"] { #expect(ack?[field]?.string?.isEmpty == false, "\(field)") }
        let events = seen.filter { $0["type"] != "ack" }
        let frames = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle")
        #expect(events == frames.map(\.json))
        await bench.close()
    }

    @Test func `whoever comes back by number gets only what follows`() async throws {
        let bench = try await ServerBench()
        let frames = try await bench.events("POST", "/v1/runs", ["content": "hi", "stream": true])
        let session = frames[0].json["session_id"]?.string ?? ""
        let socket = await WebSocketPeer.open(bench, "/v1/sessions/\(session)/ws?after=2")
        #expect(await socket.collect { $0["type"] == "complete" } == frames.dropFirst(2).map(\.json))
        #expect(await WebSocketPeer.open(bench, "/v1/sessions/\(session)/ws?after=999").status == 409)
        #expect(await WebSocketPeer.open(bench, "/v1/sessions/\(session)/ws?after=x").status == 400)
        #expect(await WebSocketPeer.open(bench, "/v1/sessions/\(session)/ws", key: "bat_no").status == 401)
        #expect(try await bench.send("GET", "/v1/sessions/\(session)/ws").status == 426)
        await bench.close()
    }

    @Test(arguments: [
        (#"{"type":"message","content":" ","ref":7}"#, "invalid_request"), (#"{"type":"message","contnt":"x","ref":7}"#, "invalid_request"),
        (#"{"type":"dance","ref":7}"#, "unknown_type"), (#"{"type":"stop","ref":7}"#, "invalid_request"),
        (#"{"type":"stop","run_id":"run_x","ref":7}"#, "not_found"), (#"{"type":"approve","approval_id":"apr_x","ref":7}"#, "not_found"),
        (#"{"ref":7}"#, "invalid_json"), ("{", "invalid_json"), ("[]", "invalid_json"),
    ])
    func `what cannot be done is said with its code`(_ frame: String, _ code: String) async throws {
        let bench = try await ServerBench()
        let socket = await WebSocketPeer.open(bench, "/v1/sessions/\(try await bench.session())/ws")
        socket.send(bytes: Array(frame.utf8))
        let answer = await socket.answer()
        #expect(answer["type"] == "nack")
        #expect(answer["code"] == .string(code))
        #expect(answer["message"]?.string?.isEmpty == false)
        #expect(answer["ref"] == (frame.contains("ref") ? 7 : nil))
        await bench.close()
    }

    @Test func `runs are stopped and approvals decided over the socket`() async throws {
        let tool = RecordingTool(RunRoutesTests.pay)
        let model = ScriptedModel([.call([("pay", [:])]), .hang()])
        let bench = try await ServerBench(model: model, tools: [tool])
        let (run, approval) = try await bench.asked()
        let session = try await bench.send("GET", "/v1/runs/\(run)").json["session_id"]?.string ?? ""
        let socket = await WebSocketPeer.open(bench, "/v1/sessions/\(session)/ws")
        socket.send(["type": "approve", "approval_id": .string(approval)])
        #expect(await socket.answer()["state"] == "approved")
        await model.waitForRequests(2)
        #expect(tool.received.count == 1)
        socket.send(["type": "reject", "approval_id": .string(approval)])
        #expect(await socket.answer()["code"] == "already_decided")
        socket.send(["type": "stop", "run_id": .string(run), "ref": "s"])
        let stopped = await socket.answer()
        #expect(stopped["type"] == "ack" && stopped["ref"] == "s" && stopped["run_id"] == .string(run))
        #expect(try await bench.send("GET", "/v1/runs/\(run)").json["status"] == "cancelled")
        await bench.close()
    }

    @Test func `a viewer listens and is refused when it speaks`() async throws {
        let bench = try await ServerBench()
        let key = try await bench.keys.create(name: "v", role: .viewer)
        let session = try bench.engine.engine.makeSession(owner: key.0.id.rawValue, target: nil)
        try await SessionStore(database: bench.engine.database).create(session)
        let socket = await WebSocketPeer.open(bench, "/v1/sessions/\(session.id.rawValue)/ws", key: key.1.text)
        socket.send(["type": "message", "content": "hi"])
        #expect(await socket.answer()["code"] == "forbidden")
        await bench.close()
    }

    @Test func `a message that is too big closes with 1009`() async throws {
        let bench = try await ServerBench()
        let socket = await WebSocketPeer.open(bench, "/v1/sessions/\(try await bench.session())/ws")
        socket.send(["type": "message", "content": .string(String(repeating: "x", count: 1_100_000))])
        #expect(await socket.closeCode() == 1009)
        await bench.close()
    }
}
