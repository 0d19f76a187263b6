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
                project.budgets = Budgets(run: 5_000_000, userPerDay: 2_000_000, projectPerMonth: 100_000_000)
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

    @Test(arguments: ["from=soon", "to=2026-02-30", "group_by=hour", "from=2026-02-01&to=2026-01-01", "from=2020-01-01", "by=day"])
    func `a question that cannot be meant is told what is wrong`(_ query: String) async throws {
        let bench = try await bench()
        let answer = try await bench.send("GET", "/v1/usage?\(query)")
        #expect(answer.status == 400 && answer.isProblem)
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
