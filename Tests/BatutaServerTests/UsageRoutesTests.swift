import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaServer
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct UsageRoutesTests {
    private func bench() async throws -> ServerBench {
        try await ServerBench(
            model: ScriptedModel(rule: { _ in .say("Good morning") }),
            project: { project in
                project.prices = ModelPrices(own: ["test-model": PriceHistory(ModelPrice(input: 1_000, output: 10_000))])
                project.budgets = Budgets(run: 5_000_000_000, userPerDay: 2_000_000_000, projectPerMonth: 100_000_000_000)
                project.agents["assistant"]?.definition.model.maxOutputTokens = 10
            }
        )
    }

    @Test func `S3.62 everybody sees their own usage, admins all of it, by whatever it is asked`() async throws {
        let bench = try await bench()
        let member = try await bench.key(.member)
        for key in [member, member, bench.key] { _ = try await bench.send("POST", "/v1/runs", ["content": "hi"], key: key) }
        let own = try await bench.send("GET", "/v1/usage", key: member).json
        // Ten tokens in and five out: 0.01 + 0.05 each.
        #expect(own["total"]?["cost_usd"] == 0.12)
        #expect(own["data"]?.array?.count == 1)
        #expect(own["data"]?[0]?["calls"] == 2)
        #expect(own["data"]?[0]?["day"]?.string == own["to"]?.string)
        #expect(own["data"]?[0]?["input_tokens"] == 20)
        #expect(own["data"]?[0]?["user"] == nil)
        let all = try await bench.send("GET", "/v1/usage?group_by=user,model,agent").json
        #expect(all["group_by"] == ["user", "model", "agent"])
        #expect(all["data"]?.array?.compactMap { $0["calls"]?.int } == [2, 1])
        #expect(all["data"]?[0]?["model"] == "test-model" && all["data"]?[0]?["agent"] == "assistant")
        #expect(all["data"]?[0]?["user_name"] == "another")
        #expect(all["total"]?["cost_usd"] == 0.18 && all["total"]?["saved_usd"] == 0)
        #expect(try await bench.send("GET", "/v1/usage?user=me").json["total"]?["calls"] == 1)
        #expect(try await bench.send("GET", "/v1/usage?from=2001-01-01&to=2001-01-31").json["data"] == [])
        await bench.close()
    }

    /// A model that was shown a film with sound, and answers with a picture.
    private struct SeeingModel: ModelProvider {
        func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
            var usage = ModelUsage(inputTokens: 1_000, outputTokens: 300)
            (usage.audioInputTokens, usage.imageInputTokens, usage.videoInputTokens, usage.imageOutputTokens) = (200, 258, 500, 290)
            return ModelAnswer(text: "I see.", usage: usage)
        }
    }

    @Test func `S1.25 what was seen and heard is in the run's log and on the bill by its kind, each at its price`()
        async throws
    {
        let media = MediaPrice(audioInput: 3, imageInput: 2, videoInput: 5, imageOutput: 30)
        let bench = try await ServerBench(
            model: SeeingModel(),
            project: { $0.prices = ModelPrices(own: ["test-model": PriceHistory(ModelPrice(input: 1, output: 10, media: media))]) }
        )
        let key = try await bench.key(.member)
        let frames = try await bench.events("POST", "/v1/runs", ["content": "What is this?", "stream": true], key: key)
        let usage = try #require(frames.first { $0.type == "usage" }?.data)
        // 42 words in at 1, 200 heard at 3, 258 of a picture at 2, 500 of a film at 5; 10 words out at 10, 290 drawn at 30: millionths of a dollar.
        let cost = 0.000_042 + 0.000_6 + 0.000_516 + 0.002_5 + 0.000_1 + 0.008_7
        let counts = [("audio_input_tokens", 200), ("image_input_tokens", 258), ("video_input_tokens", 500), ("image_output_tokens", 290)]
        for _ in 1...2 { _ = try await bench.send("POST", "/v1/runs", ["content": "And this?"], key: key) }
        let run = try await bench.send("GET", "/v1/runs", key: key).json["data"]?[0]
        #expect(run?["usage"]?["cached_tokens"] == 0 && run?["usage"]?["reasoning_tokens"] == nil)
        let bill = try await bench.send("GET", "/v1/usage?group_by=day,user,model", key: bench.key).json
        let line = try #require(bill["data"]?.array?.first)
        for (name, count) in counts {
            #expect(usage[name] == .int(count), "\(name)")
            #expect(run?["usage"]?[name] == .int(count), "\(name)")
            #expect(line[name] == .int(3 * count), "\(name)")
        }
        #expect(abs((usage["cost_usd"]?.double ?? 0) - cost) < 0.000_001_5, "\(usage)")
        #expect(abs((line["cost_usd"]?.double ?? 0) - 3 * cost) < 0.000_004_5, "\(line["cost_usd"] ?? .null)")
        await bench.close()
    }

    @Test(arguments: [
        "from=soon", "to=2026-02-30", "group_by=hour", "from=2026-02-01&to=2026-01-01", "from=2020-01-01", "by=day", "group_by=day,",
    ])
    func `a question that cannot be meant is told what is wrong`(_ query: String) async throws {
        let bench = try await bench()
        let answer = try await bench.send("GET", "/v1/usage?\(query)")
        #expect(answer.status == 400 && answer.isProblem)
        await bench.close()
    }

    @Test func `a person's usage is found by e-mail address too, a key's by its identifier, and nobody's is no silent zero`() async throws {
        let bench = try await bench()
        let person = try await bench.send("POST", "/v1/users", ["email": "member@example.com", "role": "member"])
        let own = try await bench.send("POST", "/v1/keys", ["name": "theirs", "role": "member", "user": .string(person.id)])
        let key = try #require(own.json["key"]?.string)
        _ = try await bench.send("POST", "/v1/runs", ["content": "hi"], key: key)
        for name in ["member@example.com", "Member@Example.com", person.id] {
            let answer = try await bench.send("GET", "/v1/usage?group_by=user&user=\(name)")
            #expect(answer.json["total"]?["calls"] == 1, "\(name)")
            #expect(answer.json["data"]?[0]?["user"] == .string(person.id), "\(name)")
            #expect(try await bench.send("GET", "/v1/budgets?user=\(name)").json["data"]?[1]?["spent_usd"] == 0.06, "\(name)")
        }
        #expect(try await bench.send("GET", "/v1/usage?user=member@example.com", key: key).json["total"]?["calls"] == 1)
        let other = try await bench.send("POST", "/v1/keys", ["name": "alone", "role": "member"])
        #expect(try await bench.send("GET", "/v1/usage?user=\(other.id)").json["total"]?["calls"] == 0)
        for name in ["nobody@example.com", "usr_00000000000000000000000000", "key_00000000000000000000000000", "member"] {
            for path in ["/v1/usage", "/v1/budgets"] {
                let answer = try await bench.send("GET", "\(path)?user=\(name)")
                #expect(answer.status == 404 && answer.isProblem, "\(path) \(name)")
                #expect(answer.json["detail"]?.string?.contains(name) == true, "\(answer.json)")
            }
        }
        for path in ["/v1/usage", "/v1/budgets"] {
            let both = try await bench.send("GET", "\(path)?user_id=member@example.com").json
            #expect(try await bench.send("GET", "\(path)?user=member@example.com&user_id=member@example.com").json == both)
            #expect(both["data"]?.array?.isEmpty == false)
            let torn = try await bench.send("GET", "\(path)?user=me&user_id=member@example.com")
            #expect(torn.status == 400 && torn.json["errors"]?[0]?["field"] == "user", "\(torn.json)")
        }
        // Who may not see others' learns nothing of who is there.
        #expect(try await bench.send("GET", "/v1/usage?user=nobody@example.com", key: key).status == 403)
        await bench.close()
    }

    @Test func `the bill is divided by team and by provider, and what has neither says so`() async throws {
        let bench = try await bench()
        _ = try await bench.send("POST", "/v1/runs", ["content": "hi"])
        let lines = try await bench.send("GET", "/v1/usage?group_by=team,provider,model").json["data"]
        #expect(lines?.array?.count == 1)
        #expect(lines?[0]?["team"] == .some(.null) && lines?[0]?["provider"] == "test" && lines?[0]?["model"] == "test-model")
        #expect(try await bench.send("GET", "/v1/usage?group_by=model").json["data"]?[0]?["team"] == nil)
        await bench.close()
    }

    @Test func `nobody sees another's usage or budgets without being an admin`() async throws {
        let bench = try await bench()
        let member = try await bench.key(.member)
        for path in ["/v1/usage?user=usr_local", "/v1/budgets?user=usr_local"] {
            #expect(try await bench.send("GET", path, key: member).status == 403)
            #expect(try await bench.send("GET", path).status == 200)
        }
        await bench.close()
    }

    @Test func `budgets tell what is left, and the project's own to admins only`() async throws {
        let bench = try await bench()
        let member = try await bench.key(.member)
        _ = try await bench.send("POST", "/v1/runs", ["content": "hi"], key: member)
        let own = try await bench.send("GET", "/v1/budgets", key: member).json["data"]?.array ?? []
        #expect(own.map { $0["budget"] } == ["run", "user_per_day"])
        #expect(own.first?["limit_usd"] == 5)
        let day = try #require(own.last)
        #expect(day["spent_usd"] == 0.06)
        let parts = ["spent_usd", "left_usd", "reserved_usd"].compactMap { day[$0]?.double }
        #expect(parts.count == 3 && abs(parts.reduce(0, +) - 2) < 1e-9, "\(day)")
        // Where another node performs the runs, it holds a slice for those to come.
        if !ServerBench.hasWorker { #expect(day["left_usd"] == 1.94 && day["reserved_usd"] == 0) }
        let all = try await bench.send("GET", "/v1/budgets").json["data"]?.array ?? []
        #expect(all.map { $0["budget"] } == ["run", "user_per_day", "project_per_month"])
        #expect(all.last?["spent_usd"] == 0.06 && all.last?["limit_usd"] == 100)
        #expect(all.last?["renews_at"]?.string?.isEmpty == false)
        await bench.close()
    }
}
