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
}
