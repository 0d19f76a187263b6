import BatutaCore
import BatutaHTTP
import BatutaServer
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct EventStreamTests {
    /// A session in which one run ended, and its number of events.
    private func talked(_ bench: ServerBench) async throws -> (session: String, run: String, frames: [Frame]) {
        let frames = try await bench.events("POST", "/v1/runs", ["content": "hi", "stream": true])
        return (frames[0].json["session_id"]?.string ?? "", frames[0].json["run_id"]?.string ?? "", frames)
    }

    @Test func `an envelope has the fields of the contract and no other`() async throws {
        let bench = try await ServerBench()
        for frame in try await talked(bench).frames {
            let names = frame.json.object.map { Array($0.keys) } ?? []
            #expect(Set(names) == ["id", "session_id", "run_id", "parent_run_id", "agent", "type", "at", "data"])
            #expect(names.count == 8)
            #expect(frame.json["id"] == frame.id.map { JSON.int($0) })
        }
        await bench.close()
    }

    @Test func `the header of a browser that reconnects beats the query`() async throws {
        let bench = try await ServerBench()
        let (session, _, frames) = try await talked(bench)
        let path = "/v1/sessions/\(session)/events?until=idle&"
        for query in ["after=1", "last_log_id=1", "cursor=1"] {
            #expect(try await bench.events("GET", path + query).first?.id == 2)
            #expect(try await bench.events("GET", path + query, headers: [("Last-Event-ID", "3")]) == Array(frames.dropFirst(3)))
        }
        await bench.close()
    }

    @Test(arguments: ["x", "-1", "+1", "1.5", "", "99999999999999999999", "%31x"])
    func `a bad number is refused`(_ number: String) async throws {
        let bench = try await ServerBench()
        let session = try await bench.session()
        for name in ["after", "last_log_id", "cursor"] {
            let answer = try await bench.send("GET", "/v1/sessions/\(session)/events?until=idle&\(name)=\(number)")
            #expect(answer.status == 400 && answer.isProblem, "\(name)")
        }
        if !number.isEmpty {
            let headers = [("Last-Event-ID", number)]
            #expect(try await bench.send("GET", "/v1/sessions/\(session)/events?until=idle", headers: headers).status == 400)
        }
        await bench.close()
    }

    @Test(arguments: ["untill=idle", "until=soon", "run_id=ses_x", "limit=0", "limit=1001"])
    func `a query that means nothing is refused`(_ query: String) async throws {
        let bench = try await ServerBench()
        let session = try await bench.session()
        let page = [("Accept", "application/json")]
        let answer = try await bench.send("GET", "/v1/sessions/\(session)/events?\(query)", headers: query.hasPrefix("limit") ? page : [])
        #expect(answer.status == 400 && answer.code == "invalid_query")
        await bench.close()
    }

    @Test func `a number beyond the end is told the last one`() async throws {
        let bench = try await ServerBench()
        let (session, _, frames) = try await talked(bench)
        for headers in [[], [("Accept", "application/json")]] {
            let answer = try await bench.send("GET", "/v1/sessions/\(session)/events?after=\(frames.count + 1)", headers: headers)
            #expect(answer.status == 409 && answer.isProblem && answer.code == "log_rewound")
            #expect(answer.json["last_event"] == .int(frames.count))
        }
        let path = "/v1/sessions/\(session)/events?until=idle&after=\(frames.count)"
        #expect(try await bench.events("GET", path).isEmpty)
        await bench.close()
    }

    @Test func `a page of events goes on by its cursor, also when only one run is wanted`() async throws {
        let bench = try await ServerBench()
        let (session, _, frames) = try await talked(bench)
        let second = try await bench.send("POST", "/v1/runs", ["content": "again", "session_id": .string(session)])
        let all = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle")
        for (filter, expected) in [("", all.map(\.json)), ("&run_id=\(second.id)", all.dropFirst(frames.count).map(\.json))] {
            var seen: [JSON] = []
            var cursor: String? = "0"
            while let at = cursor {
                let headers = [("Accept", "application/json")]
                let page = try await bench.send("GET", "/v1/sessions/\(session)/events?limit=3&cursor=\(at)\(filter)", headers: headers)
                seen += page.json["data"]?.array ?? []
                #expect(page.json["next_cursor"] != nil)
                cursor = page.json["next_cursor"]?.string
            }
            #expect(seen == expected)
        }
        await bench.close()
    }

    @Test func `a stream until idle waits for a run that was just accepted`() async throws {
        let bench = try await ServerBench()
        let session = try await bench.session()
        for turn in 1...5 {
            let accepted = try await bench.send("POST", "/v1/sessions/\(session)/messages", ["content": "hi"])
            let after = accepted.json["after"]?.int ?? -1
            let frames = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle&after=\(after)")
            #expect(frames.last?.type == "complete", "turn \(turn)")
            #expect(frames.first?.id == after + 1)
        }
        await bench.close()
    }

    @Test(arguments: [
        ("pt-BR,pt;q=0.9,en;q=0.8", "Pronto!"), ("en-US", "Done!"), ("fr, pt;q=0.5", "Pronto!"), ("pt;q=0.1, en", "Done!"), ("", "Done!"),
        ("de;q=x", "Done!"), ("pt;q=0", "Done!"),
    ])
    func `S2.88 texts come in the reader's language`(_ accepted: String, _ text: String) async throws {
        let bench = try await ServerBench()
        let (session, _, _) = try await talked(bench)
        let path = "/v1/sessions/\(session)/events?until=idle"
        let frames = try await bench.events("GET", path, headers: [("Accept-Language", accepted)])
        #expect(frames.last?.data["text"] == .string(text))
        await bench.close()
    }

    @Test func `a drain ends the streams and is seen by the balancer`() async throws {
        let bench = try await ServerBench(hasOneDoor: true)
        let (session, _, frames) = try await talked(bench)
        let socket = await WebSocketPeer.open(bench, "/v1/sessions/\(session)/ws")
        _ = await socket.collect { $0["type"] == "complete" }
        async let stream = bench.events("GET", "/v1/sessions/\(session)/events")
        #expect(try await bench.send("GET", "/readyz").json == ["status": "ready"])
        bench.server.beginDrain()
        #expect(try await stream.count <= frames.count)
        #expect(await socket.closeCode() == 1001)
        let ready = try await bench.send("GET", "/readyz")
        #expect(ready.status == 503 && ready.isProblem && ready.code == "draining")
        #expect(try await bench.send("GET", "/healthz").status == 200)
        // Whoever comes now is sent elsewhere too.
        #expect(try await bench.events("GET", "/v1/sessions/\(session)/events").count <= frames.count)
        await bench.close()
    }

    @Test func `a server of tools that is down is named to whoever balances load, who goes on sending`() async throws {
        let bench = try await ServerBench()
        bench.server.status.look(at: { _ in [Words("docs: secret words", "docs: palavras")] }, failing: { ["mcp:docs"] })
        let ready = try await bench.send("GET", "/readyz")
        #expect(ready.status == 200)
        #expect(ready.json == ["status": "ready", "degraded": ["mcp:docs"]], "why it is down is not for everybody")
        await bench.close()
    }

    @Test func `large events reach a reader who replays them`() async throws {
        let text = String(repeating: "word ", count: 40_000)
        let bench = try await ServerBench(model: ScriptedModel(rule: { _ in .say(text) }))
        let session = try await bench.session()
        for _ in 0..<12 { _ = try await bench.send("POST", "/v1/runs", ["content": "hi", "session_id": .string(session)]) }
        let frames = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle")
        #expect(frames.map(\.id) == (1...Int64(frames.count)).map { $0 })
        #expect(frames.count { $0.type == "complete" } == 12)
        let socket = await WebSocketPeer.open(bench, "/v1/sessions/\(session)/ws")
        let last = frames.last?.json["id"]
        #expect(await socket.collect { $0["id"] == last } == frames.map(\.json))
        await bench.close()
    }
}
