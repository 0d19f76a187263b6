import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns
import BatutaServer
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct PageSocketTests {
    @Test func `several sessions share one socket, each replayed and then live without a gap`() async throws {
        let bench = try await ServerBench()
        let first = try await bench.session()
        let second = try await bench.session()
        for session in [first, second] {
            _ = try await bench.send("POST", "/v1/runs", ["content": "before", "session_id": .string(session)])
        }
        let page = await WebSocketPeer.open(bench, "/v1/ws")
        #expect(page.status == 101)
        page.send(["type": "subscribe", "ref": 1, "session_id": .string(first), "after": 2])
        page.send(["type": "subscribe", "ref": 2, "session_id": .string(second)])
        page.send(["type": "message", "ref": 3, "session_id": .string(first), "content": "live"])
        page.send(["type": "message", "ref": 4, "session_id": .string(second), "content": "live"])
        var ends = 0
        let seen = await page.collect { json in
            if json["type"] == "complete" { ends += 1 }
            return ends == 4
        }
        for (session, after) in [(first, 2), (second, 0)] {
            let events = seen.filter { $0["id"] != nil && $0["session_id"] == .string(session) }
            let frames = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle&after=\(after)")
            #expect(events == frames.map(\.json))
        }
        let acks = seen.filter { $0["type"] == "ack" }
        #expect(acks.map { $0["ref"] } == [1, 2, 3, 4])
        #expect(acks.first?["last_event"]?.int.map { $0 > 2 } == true)
        await bench.close()
    }

    @Test func `a message without a session makes one, and a stop is answered when its run has ended`() async throws {
        let model = ScriptedModel([.hang()])
        let bench = try await ServerBench(model: model)
        let page = await WebSocketPeer.open(bench, "/v1/ws")
        page.send(["type": "message", "ref": "m", "content": "hi", "target": "assistant"])
        let sent = await page.answer()
        #expect(sent["ref"] == "m" && sent["after"] == 0)
        let session = sent["session_id"]?.string ?? ""
        await model.waitForRequests(1)
        page.send(["type": "stop", "ref": "s", "run_id": sent["run_id"] ?? .null])
        page.send(["type": "ping", "ref": "p"])
        let answers = [await page.answer(), await page.answer()]
        #expect(answers.contains { $0["ref"] == "p" && $0["type"] == "ack" })
        #expect(answers.contains { $0["ref"] == "s" && $0["ended"] == true })
        #expect(try await bench.send("GET", "/v1/sessions/\(session)").json["title"] == "hi")
        await bench.close()
    }

    @Test func `subscribing again replaces, unsubscribing ends, nothing comes twice`() async throws {
        let bench = try await ServerBench()
        let session = try await bench.session()
        _ = try await bench.send("POST", "/v1/runs", ["content": "one", "session_id": .string(session)])
        let last = try await bench.send("GET", "/v1/sessions/\(session)").json["last_event"]?.int ?? 0
        let page = await WebSocketPeer.open(bench, "/v1/ws")
        page.send(["type": "subscribe", "ref": 1, "session_id": .string(session)])
        _ = await page.collect { $0["type"] == "complete" }
        page.send(["type": "subscribe", "ref": 2, "session_id": .string(session), "after": .int(last)])
        _ = await page.answer()
        page.send(["type": "message", "ref": 3, "session_id": .string(session), "content": "two"])
        let live = await page.collect { $0["type"] == "complete" }.filter { $0["id"] != nil }
        let numbers = live.compactMap { $0["id"]?.int }
        #expect(numbers.first == last + 1 && numbers == Array((last + 1)...(numbers.last ?? 0)))
        page.send(["type": "unsubscribe", "ref": 4, "session_id": .string(session)])
        #expect(await page.answer()["ref"] == 4)
        _ = try await bench.send("POST", "/v1/runs", ["content": "three", "session_id": .string(session)])
        page.send(["type": "ping", "ref": 5])
        guard case .text(let next) = await page.next() else { return #expect(Bool(false), "closed") }
        #expect(next["ref"] == 5, "an event came after unsubscribing")
        await bench.close()
    }

    @Test(arguments: [
        (#"{"type":"subscribe","ref":7,"session_id":"ses_x"}"#, "not_found"), (#"{"type":"subscribe","ref":7}"#, "invalid_request"),
        (#"{"type":"subscribe","ref":7,"session_id":"SESSION","after":-1}"#, "invalid_request"),
        (#"{"type":"subscribe","ref":7,"session_id":"SESSION","afer":1}"#, "invalid_request"),
        (#"{"type":"subscribe","ref":7,"session_id":"SESSION","after":99}"#, "log_rewound"),
        (#"{"type":"message","ref":7,"session_id":"ses_x","content":"hi"}"#, "not_found"),
        (#"{"type":"message","ref":7,"target":"nobody","content":"hi"}"#, "unknown_target"),
        (#"{"type":"message","ref":7,"content":" "}"#, "invalid_request"), (#"{"type":"dance","ref":7}"#, "unknown_type"),
        (#"{"type":"stop","ref":7,"run_id":"run_x"}"#, "not_found"), (#"{"type":"approve","ref":7,"approval_id":"apr_x"}"#, "not_found"),
        (#"{"type":"ping","ref":7,"x":1}"#, "invalid_request"), (#"{"ref":7}"#, "invalid_json"), ("{", "invalid_json"),
    ])
    func `what cannot be done is said with its code`(_ frame: String, _ code: String) async throws {
        let bench = try await ServerBench()
        let session = try await bench.session()
        let page = await WebSocketPeer.open(bench, "/v1/ws")
        page.send(bytes: Array(frame.replacing("SESSION", with: session).utf8))
        let answer = await page.answer()
        #expect(answer["type"] == "nack" && answer["code"] == .string(code))
        #expect(answer["message"]?.string?.isEmpty == false)
        #expect(answer["ref"] == (frame.contains("ref") ? 7 : nil))
        #expect(answer["last_event"] == (code == "log_rewound" ? 0 : nil))
        #expect(try await bench.send("GET", "/v1/ws").status == 426)
        await bench.close()
    }

    @Test func `another's session is not there, and a viewer only listens`() async throws {
        let bench = try await ServerBench()
        let foreign = try await bench.session()
        let viewer = try await bench.keys.create(name: "v", role: .viewer)
        let own = try bench.engine.engine.makeSession(owner: viewer.0.id.rawValue, target: nil)
        try await SessionStore(database: bench.engine.database).create(own)
        let page = await WebSocketPeer.open(bench, "/v1/ws", key: viewer.1.text)
        page.send(["type": "subscribe", "session_id": .string(foreign)])
        #expect(await page.answer()["code"] == "not_found")
        page.send(["type": "subscribe", "session_id": .string(own.id.rawValue)])
        #expect(await page.answer()["type"] == "ack")
        page.send(["type": "message", "session_id": .string(own.id.rawValue), "content": "hi"])
        #expect(await page.answer()["code"] == "forbidden")
        await bench.close()
    }

    @Test func `a deleted session ends its subscription and nothing else`() async throws {
        let bench = try await ServerBench()
        let (gone, kept) = (try await bench.session(), try await bench.session())
        let page = await WebSocketPeer.open(bench, "/v1/ws")
        for session in [gone, kept] {
            page.send(["type": "subscribe", "session_id": .string(session)])
            _ = await page.answer()
        }
        _ = try await bench.send("DELETE", "/v1/sessions/\(gone)")
        let told = await page.collect { $0["type"] == "unsubscribed" }.last
        #expect(told?["session_id"] == .string(gone) && told?["code"] == "not_found")
        page.send(["type": "message", "session_id": .string(kept), "content": "hi"])
        #expect(await page.collect { $0["type"] == "complete" }.last?["session_id"] == .string(kept))
        await bench.close()
    }

    @Test func `who reads too slowly is cut off with 1013 and disturbs nobody`() async throws {
        let bench = try await ServerBench()
        let session = try await bench.session()
        let id = try #require(SessionID(session))
        let page = await WebSocketPeer.open(bench, "/v1/ws")
        page.send(["type": "subscribe", "session_id": .string(session)])
        _ = await page.answer()
        let text = String(repeating: "x", count: 900_000)
        let run = RunID.make(at: bench.engine.clock.now(), random: SystemRandom())
        for index in 0..<40 {
            let message = MessageID(trusted: "msg_\(index)")
            _ = try await bench.engine.log.append(Draft([NewEvent(runID: run, .content(messageID: message, delta: text))]), to: id)
        }
        #expect(await page.closeCode() == 1013)
        #expect(try await bench.send("GET", "/v1/sessions/\(session)").json["last_event"] == 40)
        await bench.close()
    }

    @Test func `a long log is replayed to a patient reader, whatever its size`() async throws {
        let bench = try await ServerBench()
        let session = try await bench.session()
        let id = try #require(SessionID(session))
        let run = RunID.make(at: bench.engine.clock.now(), random: SystemRandom())
        let text = String(repeating: "y", count: 400_000)
        for index in 0..<30 {
            let message = MessageID(trusted: "msg_\(index)")
            _ = try await bench.engine.log.append(Draft([NewEvent(runID: run, .content(messageID: message, delta: text))]), to: id)
        }
        let page = await WebSocketPeer.open(bench, "/v1/ws")
        page.send(["type": "subscribe", "session_id": .string(session)])
        let events = await page.collect { $0["id"] == 30 }.compactMap { $0["id"]?.int }
        #expect(events == Array(1...30))
        await bench.close()
    }

    @Test func `a revoked key's page closes with 1008, a drain with 1001`() async throws {
        let bench = try await ServerBench()
        let key = try await bench.keys.create(name: "k", role: .member)
        let revoked = await WebSocketPeer.open(bench, "/v1/ws", key: key.1.text)
        revoked.send(["type": "ping"])
        _ = await revoked.answer()
        let drained = await WebSocketPeer.open(bench, "/v1/ws")
        drained.send(["type": "ping"])
        _ = await drained.answer()
        _ = try await bench.send("DELETE", "/v1/keys/\(key.0.id.rawValue)")
        #expect(await revoked.closeCode() == 1008)
        bench.server.beginDrain()
        #expect(await drained.closeCode() == 1001)
        await bench.close()
    }
}
