import BatutaCore
import BatutaHTTP
import BatutaServer
import BatutaTesting
import Testing

/// What people do to a run over HTTP.
@Suite(.timeLimit(.minutes(5))) struct RunControlTests {
    @Test func `pause and resume answer with the run as it stands, and whoever waits for it is answered too`() async throws {
        let model = ScriptedModel([.hang(after: "I "), .say("Hello")])
        let bench = try await ServerBench(model: model)
        async let waiting = bench.send("POST", "/v1/runs", ["content": "hi"])
        await model.waitForRequests(1)
        let run = try await bench.send("GET", "/v1/runs?status=running").json["data"]?[0]?["id"]?.string ?? ""
        for _ in 0..<2 {
            let paused = try await bench.send("POST", "/v1/runs/\(run)/pause")
            #expect(paused.status == 200 && paused.json["status"] == "paused" && paused.json["ended_at"] == .null)
        }
        let answered = try await waiting
        #expect(answered.status == 200 && answered.json["status"] == "paused")
        let session = answered.json["session_id"]?.string ?? ""
        // Paused is idle: the stream ends by itself.
        let frames = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle")
        #expect(frames.last?.data["status"] == "paused" && frames.last?.data["text"] == "Paused.")
        #expect(try await bench.send("GET", "/v1/runs?status=paused").json["data"]?[0]?["id"] == .string(run))
        let resumed = try await bench.send("POST", "/v1/runs/\(run)/resume")
        #expect(resumed.status == 200 && ["queued", "running", "completed"].contains(resumed.json["status"]?.string))
        let rest = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle")
        #expect(rest.last?.type == "complete" && rest.last?.data["output"] == "Hello")
        await bench.close()
    }

    @Test(arguments: ["pause", "resume"]) func `of a run that has ended nothing can be asked, and both languages say why`(_ verb: String)
        async throws
    {
        let bench = try await ServerBench(model: ScriptedModel([.say("Hello")]))
        let run = try await bench.send("POST", "/v1/runs", ["content": "hi"]).id
        for (language, words) in [("en", "has ended (completed)"), ("pt-BR", "já terminou (completed)")] {
            let refused = try await bench.send("POST", "/v1/runs/\(run)/\(verb)", headers: [("Accept-Language", language)])
            #expect(refused.status == 409 && refused.isProblem && refused.code == "run_ended")
            #expect(refused.json["detail"]?.string?.contains(words) == true, "\(refused.json)")
        }
        #expect(try await bench.send("POST", "/v1/runs/\(run)/stop").status == 200)
        #expect(try await bench.send("POST", "/v1/runs/run_01ARZ3NDEKTSV4RRFFQ69G5FAV/\(verb)").status == 404)
        await bench.close()
    }

    @Test func `a stop ends a paused run, and a paused run leaves the turn to others`() async throws {
        let model = ScriptedModel([.hang(), .say("second")])
        let bench = try await ServerBench(model: model)
        let session = try await bench.session()
        let path = "/v1/sessions/\(session)/messages"
        let first = try await bench.send("POST", path, ["content": "hi"]).json["run_id"]?.string ?? ""
        await model.waitForRequests(1)
        #expect(try await bench.send("POST", "/v1/runs/\(first)/pause").json["status"] == "paused")
        let second = try await bench.send("POST", "/v1/runs", ["content": "and", "session_id": .string(session)])
        #expect(second.json["output"] == "second")
        let stopped = try await bench.send("POST", "/v1/runs/\(first)/stop")
        #expect(stopped.status == 200 && stopped.json["status"] == "cancelled")
        await bench.close()
    }

    // MARK: Fork and replay

    @Test func `a fork goes on in a session of its own that says where it comes from`() async throws {
        let bench = try await ServerBench(model: ScriptedModel([.say("Hello"), .say("Otherwise")]))
        let run = try await bench.send("POST", "/v1/runs", ["content": "hi"])
        let body: JSON = ["from_event": 2, "changes": ["content": "hi again"]]
        let first = try await bench.send("POST", "/v1/runs/\(run.id)/fork", body, headers: [("Idempotency-Key", "k")])
        #expect(first.status == 202 && first.json["after"] == 2)
        #expect(try await bench.send("POST", "/v1/runs/\(run.id)/fork", body, headers: [("Idempotency-Key", "k")]).json == first.json)
        let session = first.json["session_id"]?.string ?? ""
        let frames = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle")
        #expect(frames.last?.data["output"] == "Otherwise")
        let forked = try await bench.send("GET", "/v1/sessions/\(session)").json
        let origin: JSON = [
            "session_id": run.json["session_id"] ?? .null, "run_id": .string(run.id), "event": 2, "changed": ["content"],
            "changes": ["content": ["was": "hi", "now": "hi again"]],
        ]
        #expect(forked["forked_from"] == origin)
        let page = try await bench.send("GET", "/v1/sessions/\(session)/events", headers: [("Accept", "application/json")]).json
        let copied = page["data"]?.array?.filter { $0["copied_from"] != nil } ?? []
        #expect(copied.map { $0["copied_from"]?["event"] } == [1, 2])
        #expect(copied.last?["data"]?["content"] == "hi again")
        let list = try await bench.send("GET", "/v1/sessions").json["data"]?.array ?? []
        #expect(list.count == 2)
        // Lists stay small. Both are of one millisecond, so in any order.
        let listed = list.first { $0["forked_from"]?.object != nil }
        #expect(listed?["forked_from"]?["changed"] == ["content"] && listed?["forked_from"]?["changes"] == nil)
        await bench.close()
    }

    @Test func `what a fork may have otherwise is told as it is, the agent only to those who may change it`() async throws {
        let bench = try await ServerBench(model: ScriptedModel([.say("Hello")]))
        let key = try await bench.key(.member)
        let run = try await bench.send("POST", "/v1/runs", ["content": "hi"], key: key).id
        let path = "/v1/runs/\(run)/fork"
        let full = try await bench.send("GET", path + "?from_event=2").json
        #expect(full["content"] == "hi" && full["from_event"] == 2 && full["goes_on"] == true && full["tool_results"] == [], "\(full)")
        #expect(full["instructions"]?.string?.isEmpty == false && full["model"]?.string?.isEmpty == false && full["models"]?.array != nil)
        let last = try await bench.send("GET", path).json
        #expect(last["goes_on"] == false && last["from_event"]?.int ?? 0 > 2, "\(last)")
        let own = try await bench.send("GET", path + "?from_event=2", key: key).json
        #expect(own["content"] == "hi" && own["instructions"] == nil && own["model"] == nil && own["models"] == nil)
        for (query, code) in [("?from_event=x", "invalid_query"), ("?from_event=99", "unknown_event"), ("?event=1", "invalid_query")] {
            let refused = try await bench.send("GET", path + query)
            #expect(refused.status == 400 && refused.isProblem && refused.code == code, "\(query)")
        }
        await bench.close()
    }

    @Test func `what is wrong with a fork is named, with what is valid`() async throws {
        let bench = try await ServerBench(model: ScriptedModel([.say("Hello")]))
        let run = try await bench.send("POST", "/v1/runs", ["content": "hi"]).id
        let rows: [(JSON, String, String, String)] = [
            ([:], "invalid_request", "from_event", "is required"), (["from_event": "2"], "invalid_request", "from_event", "a whole number"),
            (["from_event": 2, "form": 1], "invalid_request", "form", "Known: from_event, changes"),
            (["from_event": 2, "changes": ["prompt": "x"]], "invalid_request", "changes.prompt", "Known: content, instructions, model"),
            (["from_event": 2, "changes": ["content": " "]], "invalid_request", "changes.content", "must not be empty"),
            (["from_event": 2, "changes": ["tool_results": ["x": 1]]], "invalid_request", "changes.tool_results", "no call x"),
            (["from_event": 99], "unknown_event", "from_event", "from 1 to"),
            (["from_event": 2, "changes": ["model": "gpt"]], "invalid_change", "changes.model", "no model gpt"),
            (["from_event": 2, "changes": ["instructions": "$x"]], "invalid_change", "changes.instructions", "$x"),
        ]
        for (body, code, field, words) in rows {
            let refused = try await bench.send("POST", "/v1/runs/\(run)/fork", body)
            #expect(refused.status == 400 && refused.isProblem && refused.code == code, "\(body)")
            #expect(refused.json["errors"]?[0]?["field"] == .string(field), "\(refused.json)")
            #expect(refused.json["detail"]?.string?.contains(words) == true, "\(refused.json)")
        }
        let portuguese = try await bench.send("POST", "/v1/runs/\(run)/fork", ["from_event": 99], headers: [("Accept-Language", "pt-BR")])
        #expect(portuguese.json["detail"]?.string?.contains("um número de 1 a") == true)
        await bench.close()
    }

    @Test func `who may not change an agent may not fork its runs with another`() async throws {
        let bench = try await ServerBench(model: ScriptedModel([.say("Hello"), .say("Again")]))
        let key = try await bench.key(.member)
        let run = try await bench.send("POST", "/v1/runs", ["content": "hi"], key: key).id
        for changes: JSON in [["instructions": "Be bad."], ["model": "other"]] {
            let refused = try await bench.send("POST", "/v1/runs/\(run)/fork", ["from_event": 2, "changes": changes], key: key)
            #expect(refused.status == 403 && refused.code == "forbidden")
        }
        #expect(try await bench.send("POST", "/v1/runs/\(run)/fork", ["from_event": 2], key: key).status == 202)
        await bench.close()
    }

    @Test func `a replay says whether it is the same, and asks nobody`() async throws {
        let model = ScriptedModel([.say("Hello")])
        let bench = try await ServerBench(model: model)
        let run = try await bench.send("POST", "/v1/runs", ["content": "hi"]).id
        for body in [JSON.object([:]), ["project": "pinned"], ["project": "current"]] {
            let report = try await bench.send("POST", "/v1/runs/\(run)/replay", body)
            #expect(report.status == 200 && report.json["same"] == true && report.json["differences"] == [], "\(report.json)")
        }
        let refused = try await bench.send("POST", "/v1/runs/\(run)/replay", ["project": "next"])
        #expect(refused.status == 400 && refused.json["detail"]?.string?.contains("pinned or current") == true)
        #expect(model.requests.count == 1)
        await bench.close()
    }
}
