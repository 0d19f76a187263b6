import BatutaCore
import BatutaHTTP
import BatutaServer
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct IdempotencyTests {
    static let once = [("Idempotency-Key", "k-1")]

    @Test func `the same key and body give the same answer and are done once`() async throws {
        let model = ScriptedModel([])
        let bench = try await ServerBench(model: model)
        let session = try await bench.session()
        let writes: [(String, String, JSON?)] = [
            ("POST", "/v1/sessions", ["title": "x"]), ("POST", "/v1/runs", ["content": "hi"]),
            ("POST", "/v1/runs?wait=0", ["content": "hi"]),
            ("POST", "/v1/sessions/\(session)/messages", ["content": "hi"]), ("PATCH", "/v1/sessions/\(session)", ["title": "y"]),
            ("DELETE", "/v1/sessions/\(session)", nil),
        ]
        for (number, (method, path, body)) in writes.enumerated() {
            let headers = [("Idempotency-Key", "k-\(number)")]
            let first = try await bench.send(method, path, body, headers: headers)
            let second = try await bench.send(method, path, body, headers: headers)
            #expect((200..<300).contains(first.status), "\(path)")
            #expect(first.status == second.status && first.json == second.json, "\(path)")
        }
        #expect(try await bench.send("GET", "/v1/sessions").json["data"]?.array?.count == 3)
        #expect(try await bench.send("GET", "/v1/runs").json["data"]?.array?.count == 2)
        await bench.close()
    }

    @Test func `the same key with another request is refused`() async throws {
        let bench = try await ServerBench()
        _ = try await bench.send("POST", "/v1/runs", ["content": "hi"], headers: Self.once)
        for (path, body) in [("/v1/runs", ["content": "ho"]), ("/v1/runs?wait=0", ["content": "hi"]), ("/v1/sessions", [:])]
            as [(String, JSON)]
        {
            let refused = try await bench.send("POST", path, body, headers: Self.once)
            #expect(refused.status == 409 && refused.isProblem && refused.code == "idempotency_mismatch")
        }
        await bench.close()
    }

    @Test func `keys of different callers have nothing to do with each other`() async throws {
        let bench = try await ServerBench()
        let first = try await bench.send("POST", "/v1/sessions", [:], headers: Self.once)
        let second = try await bench.send("POST", "/v1/sessions", [:], key: try await bench.key(.member), headers: Self.once)
        #expect(second.status == 201 && first.id != second.id)
        await bench.close()
    }

    @Test(arguments: ["", String(repeating: "k", count: 256)])
    func `a key of no sensible length is refused`(_ key: String) async throws {
        let bench = try await ServerBench()
        let refused = try await bench.send("POST", "/v1/sessions", [:], headers: [("Idempotency-Key", key)])
        #expect(refused.status == 400 && refused.isProblem)
        await bench.close()
    }

    @Test func `a problem is not kept`() async throws {
        let bench = try await ServerBench(runs: 1)
        _ = try await bench.send("POST", "/v1/runs", ["content": "hi"])
        #expect(try await bench.send("POST", "/v1/runs", ["content": "hi"], headers: Self.once).status == 429)
        #expect(try await bench.send("POST", "/v1/sessions", ["title": 1], headers: Self.once).status == 400)
        #expect(try await bench.send("POST", "/v1/sessions", ["title": "x"], headers: Self.once).status == 201)
        await bench.close()
    }

    @Test func `a second request while the first is under way is told so`() async throws {
        let model = ScriptedModel([.hang()])
        let bench = try await ServerBench(model: model, hasOneDoor: true)
        async let first = bench.send("POST", "/v1/runs", ["content": "hi"], headers: Self.once)
        await model.waitForRequests(1)
        let second = try await bench.send("POST", "/v1/runs", ["content": "hi"], headers: Self.once)
        #expect(second.status == 409 && second.isProblem && second.code == "in_progress")
        let run = try await bench.send("GET", "/v1/runs").json["data"]?[0]?["id"]?.string ?? ""
        #expect(try await bench.send("POST", "/v1/runs/\(run)/stop").status == 200)
        #expect(try await first.id == run)
        #expect(try await bench.send("POST", "/v1/runs", ["content": "hi"], headers: Self.once).id == run)
        await bench.close()
    }

    @Test func `a stream that is asked for again is the same run's`() async throws {
        let bench = try await ServerBench(model: ScriptedModel([.say("one"), .say("two")]))
        let body: JSON = ["content": "hi", "stream": true]
        let first = try await bench.events("POST", "/v1/runs", body, headers: Self.once)
        let second = try await bench.events("POST", "/v1/runs", body, headers: Self.once)
        #expect(first == second && first.last?.data["output"] == "one")
        let other = try await bench.send("POST", "/v1/runs", ["content": "ho", "stream": true], headers: Self.once)
        #expect(other.status == 409)
        await bench.close()
    }

    @Test func `the answer is kept over a restart`() async throws {
        let before = try await ServerBench()
        let first = try await before.send("POST", "/v1/runs", ["content": "hi"], headers: Self.once)
        let key = before.key
        await before.close()
        let after = try await ServerBench(folder: before.engine.folder)
        let second = try await after.send("POST", "/v1/runs", ["content": "hi"], key: key, headers: Self.once)
        #expect(second.status == first.status && second.json == first.json)
        await after.close()
    }

    @Test func `an answer that a crash swallowed is given to the retry`() async throws {
        let model = ScriptedModel([.hang()])
        let before = try await ServerBench(model: model)
        async let lost = before.send("POST", "/v1/runs", ["content": "hi"], headers: Self.once)
        await model.waitForRequests(1)
        let run = try await before.send("GET", "/v1/runs").json["data"]?[0]?["id"]?.string ?? ""
        await before.crash()
        _ = try? await lost
        let after = try await ServerBench(model: ScriptedModel([.say("Hello")]), folder: before.engine.folder)
        var answer = try await after.send("POST", "/v1/runs", ["content": "hi"], key: before.key, headers: Self.once)
        if answer.status == 202 {
            _ = try await after.events("GET", "/v1/sessions/\(answer.json["session_id"]?.string ?? "")/events?until=idle")
            answer = try await after.send("POST", "/v1/runs", ["content": "hi"], key: before.key, headers: Self.once)
        }
        #expect(answer.status == 200 && answer.id == run && answer.json["output"] == "Hello")
        #expect(try await after.send("GET", "/v1/runs").json["data"]?.array?.count == 1)
        await after.close()
    }

    @Test func `after a day a key may be used anew`() async throws {
        let bench = try await ServerBench()
        let first = try await bench.send("POST", "/v1/sessions", [:], headers: Self.once)
        bench.engine.clock.advance(by: .seconds(86_401))
        let second = try await bench.send("POST", "/v1/sessions", ["title": "x"], headers: Self.once)
        #expect(second.status == 201 && second.id != first.id)
        #expect(try await bench.send("POST", "/v1/sessions", ["title": "x"], headers: Self.once).id == second.id)
        await bench.close()
    }

    @Test func `the secret of a key is not kept`() async throws {
        let bench = try await ServerBench()
        let first = try await bench.send("POST", "/v1/keys", ["name": "k"], headers: Self.once)
        let second = try await bench.send("POST", "/v1/keys", ["name": "k"], headers: Self.once)
        #expect(first.json["key"] != nil && second.json["key"] == nil)
        #expect(second.status == 201 && first.id == second.id)
        await bench.close()
    }
}
