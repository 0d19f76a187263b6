import BatutaAgents
import BatutaCore
import BatutaServer
import BatutaTesting
import Testing

/// Prompts with their versions, and the comparison of their variants (API §3, `/v1/prompts`, `/v1/experiments`).
@Suite(.timeLimit(.minutes(10))) struct PromptRoutesTests {
    static func project(_ tone: String, _ more: [String: String] = [:]) throws -> Project {
        var files = [
            "batuta.yaml": "name: test\nmodels: { default: { provider: rehearsal, model: x } }\n",
            "agents/clerk.md":
                "---\ndescription: Sells.\nvariables: { goal: { type: number, default: 1.5, description: In percent } }\n---\nCTR > $goal%.\n{{> tone}}\n",
            "prompts/tone.md": tone, "prompts/tone@warm.md": "---\nweight: 30\n---\nBe warm.\n",
        ]
        files.merge(more) { $1 }
        let load = Project.load(files: files.mapValues { Array($0.utf8) })
        return try #require(load.project, "\(load.report(.english))")
    }

    private func bench() async throws -> ServerBench {
        let bench = try await ServerBench(model: ScriptedModel(rule: { _ in .say("ok") }))
        #expect(try await bench.project.served.adopt(try Self.project("Be kind.\nAlways.\n")).isEmpty)
        return bench
    }

    @Test func `S2.9 S2.110 prompts are listed with what they include, who uses them and their variants`() async throws {
        let bench = try await bench()
        let data = try await bench.send("GET", "/v1/prompts").json["data"]?.array ?? []
        #expect(data.compactMap { $0["name"]?.string } == ["agent:clerk", "tone", "tone@warm"])
        #expect(
            data[0]["includes"] == ["tone"] && data[0]["variables"]?[0]?["name"] == "goal" && data[0]["variables"]?[0]?["default"] == 1.5
        )
        #expect(data[1]["variants"] == [["variant": "default", "weight": 70], ["variant": "warm", "weight": 30]])
        #expect(data[1]["used_by"] == ["clerk"] && data[1]["text"] == nil && data[1]["versions"] == 1)
        let one = try await bench.send("GET", "/v1/prompts/tone@warm").json
        #expect(one["text"] == "---\nweight: 30\n---\nBe warm.\n" && one["kind"] == "variant")
        for missing in ["none", "tone@none", "agent:none", "a%2Fb", "..%2Fx", "tone@"] {
            #expect(try await bench.send("GET", "/v1/prompts/\(missing)").status == 404, "\(missing)")
        }
        await bench.close()
    }

    @Test func `every change of a file is a version, in its order, with a diff, also back and forth and when it is gone`() async throws {
        let bench = try await bench()
        for tone in ["Be brief.\nAlways.\n", "Be kind.\nAlways.\n"] {
            bench.engine.clock.advance(by: .seconds(60))
            _ = try await bench.project.served.adopt(try Self.project(tone))
        }
        bench.engine.clock.advance(by: .seconds(60))
        _ = try await bench.project.served.adopt(try Self.project("Be kind.\nAlways.\n"))
        func versions(_ name: String) async throws -> [JSON] {
            try await bench.send("GET", "/v1/prompts/\(name)/versions").json["data"]?.array ?? []
        }
        let tone = try await versions("tone")
        #expect(tone.count == 3 && tone.map { $0["current"] == true } == [true, false, false])
        #expect(tone[0]["version"] == tone[2]["version"] && tone[0]["version"] != tone[1]["version"])
        #expect(try await versions("tone@warm").count == 1)
        let (kind, brief) = (tone[0]["version"]?.string ?? "", tone[1]["version"]?.string ?? "")
        let diff = try await bench.send("GET", "/v1/prompts/tone/diff?from=\(brief)").json
        #expect(diff["lines"] == [["op": "-", "text": "Be brief."], ["op": "+", "text": "Be kind."], ["op": " ", "text": "Always."]])
        #expect(diff["to"]?.string == kind && diff["added"] == 1 && diff["removed"] == 1)
        #expect(try await bench.send("GET", "/v1/prompts/tone/diff?from=\(kind)&to=\(kind)").json["added"] == 0)
        #expect(try await bench.send("GET", "/v1/prompts/tone/versions/\(brief)").json["text"] == "Be brief.\nAlways.\n")
        for bad in ["diff", "diff?from=0000", "diff?from=\(kind)&to=x", "versions/0000"] {
            let answer = try await bench.send("GET", "/v1/prompts/tone/\(bad)")
            #expect(answer.isProblem && [400, 404].contains(answer.status), "\(bad)")
        }
        bench.engine.clock.advance(by: .seconds(60))
        let files = ["batuta.yaml": "name: test\nmodels: { default: { provider: rehearsal, model: x } }\n", "agents/clerk.md": "Hi."]
        _ = try await bench.project.served.adopt(try #require(Project.load(files: files.mapValues { Array($0.utf8) }).project))
        let gone = try await versions("tone")
        #expect(gone.first?["removed"] == true && gone.first?["version"] == .null && gone.count == 4)
        #expect(try await bench.send("GET", "/v1/prompts/tone").status == 404)
        await bench.close()
    }

    @Test func `a prompt is shown with values of one's choice, and every mistake is told with its field`() async throws {
        let bench = try await bench()
        let shown = try await bench.send(
            "POST",
            "/v1/prompts/agent:clerk/render",
            ["variables": ["goal": 2.5], "variants": ["tone": "warm"], "language": "en"]
        )
        #expect(shown.json["text"] == "CTR > 2.5%.\nBe warm." && shown.json["variants"] == ["tone": "warm"])
        let edited = try await bench.send("POST", "/v1/prompts/tone/render", ["text": "Goal: ${number(goal, 2)}", "language": "pt-BR"])
        #expect(edited.json["text"] == "Goal: 1,50" && edited.json["agent"] == "clerk")
        for (body, field) in [
            (["variables": ["goal": "x"]], "variables.goal"), (["variables": ["gaol": 1]], "variables.gaol"), (["text": "$x ${"], "text"),
            (["agent": "none"], "agent"), (["variants": ["tone": 1]], "variants.tone"),
            (["variants": ["tone": "cold"]], "variants.tone"), (["variants": ["tune": "warm"]], "variants.tune"), (["more": 1], "more"),
        ] as [(JSON, String)] {
            let answer = try await bench.send("POST", "/v1/prompts/tone/render", body)
            #expect(answer.status == 400 && answer.isProblem, "\(field)")
            #expect(answer.json["errors"]?.array?.contains { $0["field"]?.string == field } == true, "\(answer.json.text)")
        }
        await bench.close()
    }

    @Test func `S2.127 experiments show each variant, those without runs too, and ratings are from 1 to 5`() async throws {
        let bench = try await bench()
        let before = try await bench.send("GET", "/v1/experiments/tone").json
        #expect(before["variants"]?.array?.map { $0["variant"]?.string } == ["default", "warm"])
        #expect(
            before["variants"]?[1]?["weight"] == 30 && before["variants"]?[1]?["runs"] == 0
                && before["variants"]?[1]?["mean_cost_usd"] == .null
        )
        #expect(try await bench.send("GET", "/v1/experiments").json["data"]?.array?.count == 1)
        #expect(try await bench.send("GET", "/v1/experiments/none").status == 404)
        #expect(try await bench.send("GET", "/v1/experiments/tone?since=yesterday").status == 400)
        #expect(try await bench.send("GET", "/v1/experiments/tone?rehearsal=maybe").status == 400)
        let run = try await bench.send("POST", "/v1/runs", ["content": "hi"]).id
        let rated = try await bench.send("POST", "/v1/runs/\(run)/rating", ["rating": 4, "comment": "good"])
        #expect(rated.status == 200 && rated.json["rating"]?["rating"] == 4 && rated.json["outcomes"] == [:])
        for body in [[:], ["rating": 0], ["rating": 6], ["rating": "5"], ["rating": 3, "x": 1]] as [JSON] {
            #expect(try await bench.send("POST", "/v1/runs/\(run)/rating", body).status == 400, "\(body.text)")
        }
        #expect(try await bench.send("GET", "/v1/runs/\(run)/outcomes").json["rating"]?["comment"] == "good")
        #expect(try await bench.send("DELETE", "/v1/runs/\(run)/rating").status == 204)
        #expect(try await bench.send("GET", "/v1/runs/\(run)/outcomes").json["rating"] == .null)
        let other = try await bench.key(.member)
        #expect(try await bench.send("POST", "/v1/runs/\(run)/rating", ["rating": 1], key: other).status == 404)
        await bench.close()
    }

    @Test func `a session that is deleted leaves numbers, without whose they were and what was said`() async throws {
        let bench = try await bench()
        let run = try await bench.send("POST", "/v1/runs", ["content": "hi"])
        _ = try await bench.send("POST", "/v1/runs/\(run.id)/rating", ["rating": 2, "comment": "my name is in here"])
        let session = try #require(run.json["session_id"]?.string)
        #expect(try await bench.send("DELETE", "/v1/sessions/\(session)").status == 204)
        let id = try #require(RunID(run.id))
        let outcomes = try await bench.experiments.outcomes(of: id, under: id)
        #expect(outcomes.rating?.rating == 2 && outcomes.rating?.comment == nil)
        await bench.close()
    }

    @Test(
        arguments: [
            (["variables": ["goal": "high"]], "variables.goal"), (["variables": ["tone": 1]], "variables.tone"),
            (["variables": ["gaol": 1]], "variables.gaol"), (["variables": ["language": 1]], "variables.language"),
        ] as [(JSON, String)]
    )
    func `S2.125 values of another type are refused with their field, in a session and in a message`(_ body: JSON, _ field: String)
        async throws
    {
        let bench = try await ServerBench(project: { project in
            project.agents["assistant"]?.definition.variables = [
                VariableDeclaration(name: "goal", type: "number", default: 1),
                VariableDeclaration(name: "tone", type: "string", default: "x"),
            ]
        })
        let session = try await bench.send("POST", "/v1/sessions", body)
        var message = body.object ?? [:]
        message["content"] = "hi"
        let run = try await bench.send("POST", "/v1/runs", .object(message))
        for answer in [session, run] {
            #expect(answer.status == 400 && answer.isProblem)
            #expect(answer.json["errors"]?.array?.contains { $0["field"]?.string == field } == true, "\(answer.json.text)")
        }
        #expect(try await bench.send("POST", "/v1/sessions", ["variables": ["goal": 2.5, "language": "pt-BR"]]).status == 201)
        await bench.close()
    }
}
