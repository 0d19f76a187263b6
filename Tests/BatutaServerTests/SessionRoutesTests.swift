import BatutaCore
import BatutaHTTP
import BatutaServer
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct SessionRoutesTests {
    @Test func `a session is created, read, changed and listed`() async throws {
        let bench = try await ServerBench()
        let made = try await bench.send("POST", "/v1/sessions", ["title": "First", "metadata": ["a": 1]])
        #expect(made.status == 201)
        #expect(made.json["target"] == "agent:assistant")
        for field in ["id", "target", "title", "created_at", "updated_at", "metadata"] { #expect(made.json[field] != nil, "\(field)") }
        let read = try await bench.send("GET", "/v1/sessions/\(made.id)")
        #expect(read.json == made.json)
        let changed = try await bench.send("PATCH", "/v1/sessions/\(made.id)", ["title": "Second"])
        #expect(changed.json["title"] == "Second")
        #expect(changed.json["metadata"] == ["a": 1])
        let found = try await bench.send("GET", "/v1/sessions?q=econ")
        #expect(found.json["data"]?.array?.count == 1)
        #expect(try await bench.send("GET", "/v1/sessions?q=%25").json["data"] == [])
        await bench.close()
    }

    @Test func `a search finds what was said, in any letters, and only to whom it may be shown`() async throws {
        let bench = try await ServerBench(model: ScriptedModel([.say("Água mole em pedra dura, 100% certo"), .say("Nothing of the kind")]))
        let mine = try await bench.key(.member), other = try await bench.key(.member)
        for text in ["Hi there", "Another QUESTION"] { _ = try await bench.send("POST", "/v1/runs", ["content": .string(text)], key: mine) }
        func titles(_ query: String, key: String) async throws -> Set<String> {
            let found = try await bench.send("GET", "/v1/sessions?q=\(query)", key: key).json["data"]?.array ?? []
            return Set(found.compactMap { $0["title"]?.string })
        }
        for query in ["pedra", "PEDRA", "%C3%A1gua", "%C3%81gua", "%C3%81GUA", "mole%20em%20pedra", "100%25", "hi%20THERE"] {
            #expect(try await titles(query, key: mine) == ["Hi there"], "\(query)")
            #expect(try await titles(query, key: other) == [], "\(query)")
        }
        #expect(try await titles("n", key: mine) == ["Another QUESTION"])
        #expect(try await titles("i", key: mine) == ["Another QUESTION", "Hi there"])
        #expect(try await bench.send("GET", "/v1/sessions?q=i&limit=1", key: mine).json["next_cursor"] != .null)
        for query in ["pe_ra", "100%25%25", "%5C", "nowhere"] { #expect(try await titles(query, key: mine) == [], "\(query)") }
        await bench.close()
    }

    @Test func `lists go on where the cursor says and end with null`() async throws {
        let bench = try await ServerBench()
        var ids: [String] = []
        for _ in 0..<5 { ids.append(try await bench.session()) }
        var seen: [String] = []
        var cursor = ""
        repeat {
            let page = try await bench.send("GET", "/v1/sessions?limit=2" + cursor)
            seen += (page.json["data"]?.array ?? []).compactMap { $0["id"]?.string }
            #expect(page.json["next_cursor"] != nil)
            cursor = page.json["next_cursor"]?.string.map { "&cursor=\($0)" } ?? ""
        } while !cursor.isEmpty && seen.count < 10
        #expect(seen == ids.sorted().reversed())
        await bench.close()
    }

    @Test func `the first message gives the title, a later one does not`() async throws {
        let bench = try await ServerBench()
        let session = try await bench.session()
        for text in ["First line\nand another", "Second"] {
            _ = try await bench.send("POST", "/v1/runs", ["content": .string(text), "session_id": .string(session)])
        }
        #expect(try await bench.send("GET", "/v1/sessions/\(session)").json["title"] == "First line")
        await bench.close()
    }

    @Test func `the conversation is read whole or page by page`() async throws {
        let bench = try await ServerBench(model: ScriptedModel([.say("one"), .say("two")]))
        let session = try await bench.session()
        #expect(try await bench.send("GET", "/v1/sessions/\(session)/messages").json["data"] == [])
        for text in ["1", "2"] { _ = try await bench.send("POST", "/v1/runs", ["content": .string(text), "session_id": .string(session)]) }
        let whole = try await bench.send("GET", "/v1/sessions/\(session)/messages")
        #expect(whole.json["data"]?.array?.compactMap { $0["content"]?.string } == ["1", "one", "2", "two"])
        #expect(whole.json["next_cursor"] == .null)
        for field in ["message_id", "role", "content", "run_id", "at"] { #expect(whole.json["data"]?[0]?[field] != nil, "\(field)") }
        let last = try await bench.send("GET", "/v1/sessions/\(session)/messages?limit=3")
        #expect(last.json["data"]?.array?.compactMap { $0["content"]?.string } == ["one", "2", "two"])
        let first = try await bench.send("GET", "/v1/sessions/\(session)/messages?cursor=\(last.json["next_cursor"]?.string ?? "")")
        #expect(first.json["data"]?.array?.compactMap { $0["content"]?.string } == ["1"])
        await bench.close()
    }

    @Test func `deleting stops the runs, ends the streams and leaves nothing`() async throws {
        let model = ScriptedModel([.hang(after: "I begin ")])
        // Streams of another node end with its next look, which these servers do not take.
        let bench = try await ServerBench(model: model, hasOneDoor: true)
        let session = try await bench.session()
        let running = try await bench.send("POST", "/v1/sessions/\(session)/messages", ["content": "hi"])
        let queued = try await bench.send("POST", "/v1/sessions/\(session)/messages", ["content": "and"])
        #expect(queued.status == 202)
        async let stream = bench.events("GET", "/v1/sessions/\(session)/events")
        let socket = await WebSocketPeer.open(bench, "/v1/sessions/\(session)/ws")
        await model.waitForRequests(1)
        #expect(try await bench.send("DELETE", "/v1/sessions/\(session)").status == 204)
        let ends = try await stream.filter { $0.type == "complete" }
        #expect(ends.count == 2 && ends.allSatisfy { $0.data["status"] == "cancelled" })
        #expect(await socket.closeCode() == 1000)
        #expect(model.requests.count == 1)
        for path in ["", "/messages", "/events"] { #expect(try await bench.send("GET", "/v1/sessions/\(session)\(path)").status == 404) }
        #expect(try await bench.send("GET", "/v1/runs/\(running.json["run_id"]?.string ?? "")").status == 404)
        #expect(try await bench.send("DELETE", "/v1/sessions/\(session)").status == 404)
        await bench.close()
    }

    @Test(arguments: [
        ("GET", "/v1/sessions/x"), ("GET", "/v1/sessions/run_01kf8m2x3y4z5a6b7c8d9e0f1g"), ("DELETE", "/v1/sessions/ses_"),
        ("GET", "/v1/runs/ses_01kf8m2x3y4z5a6b7c8d9e0f1g"), ("POST", "/v1/runs/nothing/stop"), ("GET", "/v1/approvals/run_x"),
        ("DELETE", "/v1/keys/x"), ("GET", "/v1/sessions/ses_%20/events"),
    ])
    func `an identifier of another kind is not found`(_ method: String, _ path: String) async throws {
        let bench = try await ServerBench()
        let answer = try await bench.send(method, path)
        #expect(answer.status == 404)
        #expect(answer.isProblem)
        await bench.close()
    }

    @Test func `a member sees its own objects only, an admin sees all`() async throws {
        let bench = try await ServerBench()
        let (mine, other, admin) = (try await bench.key(.member), try await bench.key(.member), try await bench.key(.admin))
        let session = try await bench.session(key: mine)
        let run = try await bench.send("POST", "/v1/runs", ["content": "hi", "session_id": .string(session)], key: mine)
        let paths = ["/v1/sessions/\(session)", "/v1/sessions/\(session)/messages", "/v1/runs/\(run.id)"]
        for path in paths {
            #expect(try await bench.send("GET", path, key: mine).status == 200)
            #expect(try await bench.send("GET", path, key: other).status == 404)
            #expect(try await bench.send("GET", path, key: admin).status == 200)
        }
        for (method, path) in [
            ("DELETE", "/v1/sessions/\(session)"), ("POST", "/v1/runs/\(run.id)/stop"), ("GET", "/v1/sessions/\(session)/events"),
            ("GET", "/v1/sessions/\(session)/ws"),
        ] { #expect(try await bench.send(method, path, key: other).status == 404) }
        for list in ["/v1/sessions", "/v1/runs"] {
            #expect(try await bench.send("GET", list, key: other).json["data"] == [])
            #expect(try await bench.send("GET", list, key: admin).json["data"]?.array?.count == 1)
        }
        let into: JSON = ["content": "hi", "session_id": .string(session)]
        #expect(try await bench.send("POST", "/v1/runs", into, key: other).status == 404)
        await bench.close()
    }

    @Test func `a viewer reads and runs nothing`() async throws {
        let bench = try await ServerBench()
        let viewer = try await bench.key(.viewer)
        for path in ["/v1/info", "/v1/sessions", "/v1/runs", "/v1/approvals", "/metrics"] {
            #expect(try await bench.send("GET", path, key: viewer).status == 200)
        }
        for (method, path) in [("POST", "/v1/sessions"), ("POST", "/v1/runs"), ("GET", "/v1/keys"), ("POST", "/v1/keys")] {
            let answer = try await bench.send(method, path, method == "POST" ? ["content": "hi"] : nil, key: viewer)
            #expect(answer.status == 403 && answer.isProblem && answer.code == "forbidden")
        }
        await bench.close()
    }
}
