import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns
import BatutaServer
import BatutaStorage
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct FileTests {
    private func upload(
        _ bench: ServerBench,
        _ session: String,
        _ bytes: [UInt8],
        name: String = "a.txt",
        type: String? = nil,
        key: String? = nil
    )
        async throws -> ServerBench.Answer
    {
        var request = bench.request("POST", "/v1/sessions/\(session)/files?name=\(name)", nil, key: key)
        request.body = bytes
        if let type { request.headers.add("Content-Type", type) }
        return try await bench.send(request)
    }

    private func form(_ bench: ServerBench, _ session: String, _ body: [UInt8]) async throws -> ServerBench.Answer {
        var request = bench.request("POST", "/v1/sessions/\(session)/files", nil)
        request.body = body
        request.headers.add("Content-Type", "multipart/form-data; boundary=xyz")
        return try await bench.send(request)
    }

    private static func body(_ bytes: [UInt8], name: String) -> [UInt8] {
        let head = "--xyz\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nignored\r\n--xyz\r\n"
        let file = "Content-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\nContent-Type: text/csv\r\n\r\n"
        return Array((head + file).utf8) + bytes + Array("\r\n--xyz--\r\n".utf8)
    }

    private func content(_ bench: ServerBench, _ id: String, _ query: String = "", key: String? = nil) async throws -> ClientResponse {
        try await bench.client.fetch(bench.request("GET", "/v1/files/\(id)/content\(query)", nil, key: key))
    }

    @Test(arguments: [0, 5, 1 << 20, (1 << 20) + 1, 5_000_000])
    func `a file comes back byte for byte, whatever its size`(_ size: Int) async throws {
        let bench = try await ServerBench()
        let session = try await bench.session()
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
        let raw = try await upload(bench, session, bytes, name: "data.bin")
        #expect(raw.status == 201 && raw.json["size"] == .int(Int64(size)) && raw.json["media_type"] == "application/octet-stream")
        #expect(try await content(bench, raw.id).body == bytes)
        let named = try await form(bench, session, Self.body(bytes, name: "../tabela é.csv"))
        #expect(named.status == 201 && named.json["name"] == "tabela é.csv" && named.json["media_type"] == "text/csv")
        #expect(try await content(bench, named.id).body == bytes)
        let listed = try await bench.send("GET", "/v1/sessions/\(session)/files").json["data"]?.array ?? []
        #expect(listed.compactMap { $0["id"]?.string }.sorted() == [named.id, raw.id].sorted())
        await bench.close()
    }

    @Test func `what is shown is shown in a sandbox, everything else is a download`() async throws {
        let bench = try await ServerBench()
        let session = try await bench.session()
        let page = try await upload(bench, session, Array("<script>1</script>".utf8), name: "x.html", type: "text/html")
        let shown = try await content(bench, page.id, "?inline=1")
        #expect(shown.headers["Content-Type"] == "text/plain; charset=utf-8")
        #expect(shown.headers["Content-Security-Policy"]?.hasPrefix("sandbox") == true)
        #expect(shown.headers["X-Content-Type-Options"] == "nosniff")
        #expect(shown.headers["Content-Disposition"]?.hasPrefix("inline") == true)
        let binary = try await upload(bench, session, [1, 2], name: "x.zip")
        #expect(try await content(bench, binary.id, "?inline=1").headers["Content-Disposition"]?.hasPrefix("attachment") == true)
        #expect(try await content(bench, page.id).headers["Content-Disposition"] == "attachment; filename*=UTF-8''x.html")
        await bench.close()
    }

    @Test func `another's files are not there, and what is no upload is refused`() async throws {
        let bench = try await ServerBench()
        let session = try await bench.session()
        let file = try await upload(bench, session, [1]).id
        let member = try await bench.key(.member)
        for path in ["/v1/files/\(file)", "/v1/files/\(file)/content", "/v1/sessions/\(session)/files"] {
            #expect(try await bench.send("GET", path, key: member).status == 404)
        }
        #expect(try await upload(bench, session, [1], key: member).status == 404)
        #expect(try await bench.send("DELETE", "/v1/files/\(file)", key: member).status == 404)
        #expect(try await bench.send("POST", "/v1/sessions/\(session)/files", ["a": 1]).status == 415)
        let broken = [Array("--xyz\r\n".utf8), Array("no form".utf8), Self.body([1], name: "a").dropLast(9)]
        for body in broken { #expect(try await form(bench, session, Array(body)).code == "invalid_form") }
        let other = "--xyz\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1\r\n--xyz--"
        #expect(try await form(bench, session, Array(other.utf8)).code == "invalid_form")
        await bench.close()
    }

    @Test func `a file over the limit is refused`() async throws {
        let bench = try await ServerBench()
        let session = try await bench.session()
        let answer = try await upload(bench, session, [UInt8](repeating: 7, count: (100 << 20) + 1))
        #expect(answer.status == 413)
        #expect(try await bench.send("GET", "/v1/sessions/\(session)/files").json["data"] == [])
        await bench.close()
    }

    @Test func `the model gets a line for each file and the text of small ones, later as well`() async throws {
        let model = ScriptedModel([.say("one"), .say("two")])
        let bench = try await ServerBench(model: model)
        let session = try await bench.session()
        let small = try await upload(bench, session, Array("a;b\n1;2".utf8), name: "t.csv").id
        let large = try await upload(bench, session, [UInt8](repeating: 65, count: 70_000), name: "big.txt").id
        let path = "/v1/sessions/\(session)/messages"
        let sent = try await bench.send("POST", path, ["content": "look", "attachments": [.string(small), ["file_id": .string(large)]]])
        #expect(sent.status == 202)
        _ = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle")
        _ = try await bench.send("POST", "/v1/runs", ["content": "again", "session_id": .string(session)])
        let expected =
            "look\n\nAttached file: t.csv (text/csv, 7 bytes, \(small))\n```\na;b\n1;2\n```\n\nAttached file: big.txt (text/plain, 70000 bytes, \(large))"
        for request in model.requests {
            guard case .user(let text) = request.turns.first else { return #expect(Bool(false), "no message") }
            #expect(text == expected)
        }
        let message = try await bench.send("GET", path).json["data"]?[0]
        #expect(message?["attachments"]?.array?.compactMap { $0["file_id"]?.string } == [small, large])
        #expect(message?["content"] == "look")
        let events = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle")
        #expect(events.first { $0.type == "message" }?.data["attachments"] == message?["attachments"])
        for body: JSON in [["content": "x", "attachments": ["fil_x"]], ["content": "x", "attachments": 7]] {
            #expect(try await bench.send("POST", path, body).status == 400)
        }
        #expect(try await bench.send("POST", "/v1/runs", ["content": "x", "attachments": [.string(small)]]).code == "unknown_file")
        await bench.close()
    }

    /// What somebody uploads before there is a session.
    private func ahead(_ bench: ServerBench, _ text: String, name: String = "plan.txt", key: String? = nil) async throws
        -> ServerBench.Answer
    {
        var request = bench.request("POST", "/v1/files?name=\(name)", nil, key: key)
        request.body = Array(text.utf8)
        return try await bench.send(request)
    }

    @Test(arguments: [false, true]) func `a file may be there before its session, and a message need not say anything`(_ isSocket: Bool)
        async throws
    {
        let model = ScriptedModel([.say("read")])
        let bench = try await ServerBench(model: model)
        let uploaded = try await ahead(bench, "one")
        #expect(uploaded.status == 201 && uploaded.json["session_id"] == .null)
        let message: JSONObject = ["content": "", "attachments": [.string(uploaded.id)]]
        var session: JSON?
        if isSocket {
            let page = await WebSocketPeer.open(bench, "/v1/ws")
            page.send(.object(JSONObject([("type", "message")] + message.map { ($0.key, $0.value) })))
            session = await page.answer()["session_id"]
        } else {
            session = try await bench.send("POST", "/v1/runs", .object(message)).json["session_id"]
        }
        let id = try #require(session?.string)
        _ = try await bench.events("GET", "/v1/sessions/\(id)/events?until=idle")
        #expect(try await bench.send("GET", "/v1/files/\(uploaded.id)").json["session_id"] == session)
        #expect(try await bench.send("GET", "/v1/sessions/\(id)/files").json["data"]?[0]?["id"] == .string(uploaded.id))
        #expect(try await bench.send("GET", "/v1/sessions/\(id)").json["title"] == "plan.txt")
        guard case .user(let text) = model.requests.first?.turns.first else { return #expect(Bool(false), "no message") }
        #expect(text == "Attached file: plan.txt (text/plain, 3 bytes, \(uploaded.id))\n```\none\n```")
        await bench.close()
    }

    @Test func `a file belongs to the first message that names it, and to whoever uploaded it`() async throws {
        let bench = try await ServerBench(model: ScriptedModel([.say("one"), .say("two")]))
        let file = try await ahead(bench, "one").id
        let member = try await bench.key(.member)
        let body: JSON = ["content": "look", "attachments": [.string(file), .string(file)]]
        #expect(try await bench.send("POST", "/v1/runs", body, key: member).code == "unknown_file")
        #expect(try await bench.send("GET", "/v1/files/\(file)", key: member).status == 404)
        #expect(try await bench.send("POST", "/v1/runs", body).status == 200)
        #expect(try await bench.send("POST", "/v1/runs", body).code == "unknown_file")
        #expect(try await bench.send("POST", "/v1/runs", ["content": " "]).code == "invalid_request")
        await bench.close()
    }

    @Test func `what no message names within a day is gone, and nothing else`() async throws {
        let bench = try await ServerBench(model: ScriptedModel([.say("one")]))
        let (named, old) = (try await ahead(bench, "one").id, try await ahead(bench, "two").id)
        _ = try await bench.send("POST", "/v1/runs", ["content": "look", "attachments": [.string(named)]])
        bench.engine.clock.advance(by: .seconds(86_401))
        let new = try await ahead(bench, "three").id
        try await bench.engine.engine.files.sweepUnnamed(before: bench.engine.clock.now().advanced(by: .seconds(-86_400)))
        for (file, status) in [(named, 200), (old, 404), (new, 200)] {
            #expect(try await bench.send("GET", "/v1/files/\(file)").status == status)
        }
        await bench.close()
    }

    @Test func `a tool's large answer is kept whole in a file, the event has a preview`() async throws {
        let text = String(repeating: "é", count: 400_000)
        let tool = RecordingTool(RunRoutesTests.pay) { _ in ToolAttempt(.success(.string(text))) }
        let bench = try await ServerBench(model: ScriptedModel([.call([("pay", [:])]), .say("ok")]), tools: [tool])
        let (run, approval) = try await bench.asked()
        _ = try await bench.send("POST", "/v1/approvals/\(approval)", ["decision": "approve"])
        let session = try await bench.send("GET", "/v1/runs/\(run)").json["session_id"]?.string ?? ""
        let events = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle")
        let data = events.first { $0.type == "tool_result" }?.data["data"]
        #expect(data?["truncated"] == true && data?["size"] == 800_000)
        let id = data?["file_id"]?.string ?? ""
        #expect(try await content(bench, id).body == Array(text.utf8))
        let file = try await bench.send("GET", "/v1/files/\(id)").json
        #expect(file["run_id"] == .string(run) && file["name"] == "pay.txt")
        await bench.close()
    }

    @Test func `a fork takes over no file of another session, whatever its results name`() async throws {
        let look = ToolDefinition(name: "look", description: "Looks.", effect: .read)
        let model = ScriptedModel([.call([("look", [:])]), .say("ok"), .say("again")])
        let bench = try await ServerBench(model: model, tools: [RecordingTool(look) { _ in ToolAttempt(.success("seen")) }])
        let foreign = try await upload(bench, try await bench.session(), [1, 2, 3]).id
        let key = try await bench.key(.member)
        let run = try await bench.send("POST", "/v1/runs", ["content": "hi"], key: key)
        let session = run.json["session_id"]?.string ?? ""
        let events = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle", key: key)
        let result = try #require(events.first { $0.type == "tool_result" })
        let call = result.data["call_id"]?.string ?? ""
        let given: JSON = ["truncated": true, "file_id": .string(foreign)]
        let changes: JSON = ["tool_results": .object([call: given])]
        let fork: JSON = ["from_event": .int(try #require(result.id)), "changes": changes]
        let forked = try await bench.send("POST", "/v1/runs/\(run.id)/fork", fork, key: key)
        #expect(forked.status == 202, "\(forked.json)")
        let copy = forked.json["session_id"]?.string ?? ""
        let copied = try await bench.events("GET", "/v1/sessions/\(copy)/events?until=idle", key: key)
        let named = copied.first { $0.type == "tool_result" }?.data["data"]?["file_id"]?.string ?? ""
        for id in [named, foreign] { #expect(try await bench.send("GET", "/v1/files/\(id)/content", key: key).status == 404) }
        #expect(try await content(bench, foreign).body == [1, 2, 3])
        await bench.close()
    }

    @Test func `files go with their session`() async throws {
        let bench = try await ServerBench()
        let session = try await bench.session()
        let file = try await upload(bench, session, [1, 2, 3]).id
        let kept = try await upload(bench, try await bench.session(), [1, 2, 3]).id
        _ = try await bench.send("DELETE", "/v1/sessions/\(session)")
        #expect(try await bench.send("GET", "/v1/files/\(file)").status == 404)
        #expect(try await content(bench, kept).body == [1, 2, 3])
        let references = try await bench.engine.database.read { reading in
            try reading.rows("SELECT owner FROM blob_refs") { $0.text(0) }
        }
        #expect(references == [kept])
        #expect(try await bench.send("DELETE", "/v1/files/\(kept)").status == 204)
        #expect(try await content(bench, kept).status == 404)
        await bench.close()
    }
}
