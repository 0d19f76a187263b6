import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaTesting
import Testing

/// What a team spends counts once, on its root, however often whoever counts begins anew.
@Suite(.timeLimit(.minutes(5))) struct TeamBudgetTests {
    private static let cent: Int64 = 10_000_000
    private static let agents = ["manager": "tools: [pause_campaign]", "creator": "", "analyzer": ""]

    /// Input costs nothing; each answer takes 5 cents, and can take 10.
    private static func terms(_ budget: Int64) -> (inout RunnableProject) -> Void {
        { project in
            project.prices = ModelPrices(own: ["m": PriceHistory(ModelPrice(input: 0, output: 10_000))])
            project.budgets = Budgets(run: budget)
        }
    }

    /// Two members work, then the leader asks for something that a person has to allow.
    private static let model: @Sendable () -> ScriptedModel = {
        ScriptedModel { request in
            guard request.agent == "manager" else { return .say("done") }
            let results = request.turns.compactMap { if case .tool(_, let tool, _) = $0 { tool } else { nil } }
            if results.isEmpty {
                return .call(["creator", "analyzer"].map { ("delegate", ["member": .string($0), "task": "work"]) })
            }
            return results.contains("pause_campaign") ? .say("All done.") : .call([("pause_campaign", [:])])
        }
    }

    private static func play(on kind: StoreEngine, budget: Int64) async throws -> (run: Run?, bench: EngineBench) {
        let tool = RecordingTool(ToolDefinition(name: "pause_campaign", description: "Pauses.", effect: .critical))
        let bench = try await TeamBench.make(
            on: kind,
            ["teams/ads.yaml": "mode: coordinate\nleader: manager\nmembers: [creator, analyzer]\n"],
            default: "team:ads",
            agents: agents,
            tools: [tool],
            arrange: terms(budget),
            model: model()
        )
        let (accepted, events) = try await bench.send("Make a campaign")
        await events.wait { events, isIdle in isIdle && events.contains { $0.type == "approval" } }
        if let approval = try await bench.pendingApprovals().first {
            _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "usr_test"))
        }
        await events.waitForEnd(of: accepted.runID)
        return (try await bench.run(accepted.runID), bench)
    }

    @Test(arguments: StoreEngine.all) func `S2.140 what members took counts once after the leader waited for a person`(_ kind: StoreEngine)
        async throws
    {
        // 5 for the first question, 10 for the members, 5 for the second; 10 is what the last one can cost.
        let (run, bench) = try await Self.play(on: kind, budget: 30 * Self.cent)
        #expect(run?.status == .completed && run?.output == "All done.")
        #expect(run?.costNanoUSD == 25 * Self.cent)
        await bench.stop()
        let (refused, other) = try await Self.play(on: kind, budget: 30 * Self.cent - 1)
        #expect(refused?.status == .failed && refused?.error?["code"] == "budget_exceeded")
        await other.stop()
    }

    @Test(arguments: StoreEngine.all) func `S2.140 a team's own limit holds its members, led or not`(_ kind: StoreEngine)
        async throws
    {
        let graph = """
            mode: graph
            start: first
            nodes: { first: { agent: creator }, second: { agent: analyzer } }
            edges: [{ from: first, to: second }]
            limits: { cost_usd: 0.14 }
            """
        let model = ScriptedModel { _ in .say("done") }
        let bench = try await TeamBench.make(
            on: kind,
            ["teams/ads.yaml": graph],
            default: "team:ads",
            agents: ["creator": "", "analyzer": ""],
            arrange: { $0.prices = ModelPrices(own: ["m": PriceHistory(ModelPrice(input: 0, output: 10_000))]) },
            model: model
        )
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        // 5 cents are spent, and 10 more could be 15.
        #expect(try await bench.run(accepted.runID)?.error?["code"] == "budget_exceeded" && model.requests.count == 1)
        await bench.stop()
    }

    /// A team within a team: who was asked, in order, and what the outer leader was told of it.
    private static func playInner(_ inner: String, on kind: StoreEngine) async throws -> (asked: [String], told: String, run: Run?) {
        let model = ScriptedModel { request in
            let isFirst = !request.answersCalls
            switch request.agent {
            case "manager": return isFirst ? .call([("delegate", ["member": "inner", "task": "work"])]) : .say(request.lastTurn)
            case "chief": return isFirst ? .call([("delegate", ["member": "creator", "task": "work"])]) : .say("done")
            default: return .say("done")
            }
        }
        let outer = "mode: coordinate\nleader: manager\nmembers: [\"team:inner\"]\n"
        let bench = try await TeamBench.make(
            on: kind,
            ["teams/outer.yaml": outer, "teams/inner.yaml": inner],
            default: "team:outer",
            agents: ["manager": "", "chief": "", "creator": "", "analyzer": ""],
            arrange: { $0.prices = ModelPrices(own: ["m": PriceHistory(ModelPrice(input: 0, output: 10_000))]) },
            model: model
        )
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        let run = try await bench.run(accepted.runID)
        await bench.stop()
        return (model.requests.map(\.agent), run?.output ?? "", run)
    }

    private static let inGraph = """
        mode: graph
        start: first
        nodes: { first: { agent: creator }, second: { agent: analyzer } }
        edges: [{ from: first, to: second }]
        """

    @Test(arguments: StoreEngine.all) func `S2.140 the limit of a graph that is a member of a team holds for its own members`(
        _ kind: StoreEngine
    ) async throws {
        let (asked, told, run) = try await Self.playInner(Self.inGraph + "\nlimits: { cost_usd: 0.14 }\n", on: kind)
        #expect(asked == ["manager", "creator", "manager"] && told.contains("budget_exceeded"))
        // What was spent below is counted once: two questions to the leader, one to a member.
        #expect(run?.status == .completed && run?.costNanoUSD == 15 * Self.cent)
    }

    @Test(arguments: StoreEngine.all) func `S2.140 the limit of a led team that is a member of a team holds for its own members`(
        _ kind: StoreEngine
    ) async throws {
        let led = "mode: coordinate\nleader: chief\nmembers: [creator]\nlimits: { cost_usd: 0.14 }\n"
        let (asked, told, _) = try await Self.playInner(led, on: kind)
        // The chief's 5 cents are spent; the member's question could take 10, and so could the chief's next one.
        #expect(asked == ["manager", "chief", "manager"] && told.contains("budget_exceeded"))
    }

    @Test(arguments: StoreEngine.all) func `a graph within a team has its own limit of model calls, for all its members`(
        _ kind: StoreEngine
    ) async throws {
        let (asked, told, _) = try await Self.playInner(Self.inGraph + "\nlimits: { model_calls: 1 }\n", on: kind)
        #expect(asked == ["manager", "creator", "manager"] && told.contains("limit_model_calls"))
    }
}
