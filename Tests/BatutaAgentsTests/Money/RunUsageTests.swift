import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

/// What a run says that it took and cost.
@Suite(.timeLimit(.minutes(5))) struct RunUsageTests {
    private static let look = ToolDefinition(name: "look", description: "Looks.", effect: .read)

    /// Answers twice, and tells every kind of token; or nothing at all.
    private struct Teller: ModelProvider {
        var usage: ModelUsage?

        func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
            if request.turns.contains(where: { if case .tool = $0 { true } else { false } }) {
                return ModelAnswer(text: "I see.", usage: usage)
            }
            let call = ModelAnswer.ProposedCall(tool: "look", arguments: .valid([:]))
            return ModelAnswer(text: "", calls: [call], finishReason: .toolCalls, usage: usage)
        }
    }

    private static var every: ModelUsage {
        var usage = ModelUsage(inputTokens: 1_000, outputTokens: 500, cachedTokens: 11, cacheCreationTokens: 12, reasoningTokens: 13)
        usage.longCacheTokens = 10
        (usage.audioInputTokens, usage.imageInputTokens, usage.videoInputTokens) = (14, 15, 16)
        (usage.audioOutputTokens, usage.imageOutputTokens) = (17, 18)
        return usage
    }

    private static func ended(_ kind: StoreEngine, _ usage: ModelUsage?, price: ModelPrice, budgets: Budgets = Budgets()) async throws -> (
        run: Run, end: CompleteEvent?, bill: UsageFigures
    ) {
        let bench = try await EngineBench(
            on: kind,
            model: Teller(usage: usage),
            tools: [RecordingTool(look)],
            configure: { project in
                project.prices = ModelPrices(own: ["test-model": PriceHistory(price)])
                project.budgets = budgets
            }
        )
        let (accepted, events) = try await bench.send("What is this?")
        await events.waitForEnd(of: accepted.runID)
        let run = try #require(try await bench.run(accepted.runID))
        let today = CalendarDay(bench.clock.now(), in: .utc)
        let bill = try await UsageStore(database: bench.database).report(today, today, of: nil, by: [])
        await bench.stop()
        let ends = events.events.compactMap { event in if case .complete(let end)? = try? event.data() { end } else { nil } }
        return (run, ends.first, bill?.first?.figures ?? UsageFigures())
    }

    @Test(arguments: StoreEngine.all)
    func `S1.25 a run's row has every kind of token that its bill has, summed over its calls`(_ kind: StoreEngine) async throws {
        let (run, end, bill) = try await Self.ended(kind, Self.every, price: ModelPrice(input: 1, output: 1))
        #expect(run.usage == Self.every + Self.every)
        #expect(run.json["usage"] == run.usage.json && end?.usage == run.usage && bill.usage == run.usage)
        #expect(!run.isEstimated && end?.isEstimated == false && bill.estimated == 0 && run.json["estimated"] == nil)
    }

    @Test(arguments: StoreEngine.all)
    func `a sum says when part of it is estimated, and how much`(_ kind: StoreEngine) async throws {
        let (run, end, bill) = try await Self.ended(kind, nil, price: ModelPrice(input: 1, output: 1))
        #expect(run.isEstimated && run.json["estimated"] == true && end?.isEstimated == true)
        #expect(bill.estimated == 2 && bill.estimatedNanoUSD == bill.costNanoUSD && bill.costNanoUSD > 0)
        #expect(bill.json["estimated_usd"] == bill.json["cost_usd"] && bill.json["estimated_calls"] == 2)
    }

    @Test(arguments: StoreEngine.all)
    func `tiny calls cost what they cost, to the billionth of a dollar`(_ kind: StoreEngine) async throws {
        let (run, end, bill) = try await Self.ended(kind, ModelUsage(inputTokens: 3), price: ModelPrice(input: 0.02, output: 0))
        #expect(run.costNanoUSD == 120 && end?.costNanoUSD == 120 && bill.costNanoUSD == 120)
        #expect(run.json["cost_usd"]?.text == "0.00000012")
        #expect(NanoUSD.text(120, .english) == "$0.00000012" && NanoUSD.text(1_499, .english) == "$0.000001")
    }

    @Test(arguments: StoreEngine.all)
    func `a run that was refused before its first call cost nothing, and one whose price nobody knows is no bargain`(_ kind: StoreEngine)
        async throws
    {
        let (refused, _, _) = try await Self.ended(kind, Self.every, price: ModelPrice(input: 1, output: 1), budgets: Budgets(run: 1))
        #expect(refused.error?["code"] == "budget_exceeded" && refused.costNanoUSD == 0)
        let bench = try await EngineBench(on: kind, model: Teller(usage: Self.every), tools: [RecordingTool(Self.look)])
        let (accepted, events) = try await bench.send("What is this?")
        await events.waitForEnd(of: accepted.runID)
        let run = try await bench.run(accepted.runID)
        #expect(run?.status == .completed && run?.costNanoUSD == nil)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all)
    func `what members of a team ask is on the bill of the team that was asked, also within an inner team, and the provider's`(
        _ kind: StoreEngine
    ) async throws {
        let model = ScriptedModel { request in
            let below = ["manager": "pair", "lead": "creator"]
            let isBack = request.turns.contains { if case .tool = $0 { true } else { false } }
            guard !isBack, let member = below[request.agent] else { return .say("done") }
            return .call([("delegate", ["member": .string(member), "task": "work"])])
        }
        let bench = try await TeamBench.make(
            on: kind,
            [
                "teams/ads.yaml": "mode: coordinate\nleader: manager\nmembers: [pair]\n",
                "teams/pair.yaml": "mode: coordinate\nleader: lead\nmembers: [creator]\n",
            ],
            default: "team:ads",
            agents: ["manager": "", "lead": "", "creator": ""],
            model: model
        )
        let (accepted, events) = try await bench.send("Make a campaign")
        await events.waitForEnd(of: accepted.runID)
        let today = CalendarDay(bench.clock.now(), in: .utc)
        let lines = try await UsageStore(database: bench.database).report(today, today, of: nil, by: [.team, .provider, .agent]) ?? []
        let agents: Set<[String?]> = [["ads", "openai", "manager"], ["ads", "openai", "lead"], ["ads", "openai", "creator"]]
        #expect(Set(lines.map { [$0.team, $0.provider, $0.agent] }) == agents)
        #expect(lines.map(\.figures.calls).reduce(0, +) == 5)
        await bench.stop()
    }

    /// The rows of an earlier release, in millionths of a dollar.
    @Test(arguments: StoreEngine.all) func `a store of an earlier release keeps its bill, in finer units`(_ kind: StoreEngine) async throws
    {
        let folder = TemporaryFolder()
        let database = try await kind.open(in: folder)
        let earlier = MigrationSet(capability: "money", Array(MoneyMigrations.set.migrations.prefix(1)))
        try await database.migrate([earlier])
        var batch = WriteBatch(order: "test")
        for node in ["a", "b"] {
            batch.add(
                """
                INSERT INTO usage_days (tenant_id, day, user_id, agent, model, node, calls, cache_hits, unpriced, cost_micro_usd,
                    saved_micro_usd, input_tokens, output_tokens, cached_tokens, cache_creation_tokens, reasoning_tokens,
                    audio_input_tokens, image_input_tokens, video_input_tokens, audio_output_tokens, image_output_tokens)
                VALUES ('default', 20000, 'u', 'a', 'm', \(node), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
                """
            )
        }
        batch.add(
            """
            INSERT INTO budget_holds (tenant_id, account, node, amount, lease_until) VALUES ('default', 'x', 'a', 7, 0)
            """
        )
        _ = try await database.write(batch)
        try await database.migrate([MoneyMigrations.set])
        let day = CalendarDay(number: 20_000)
        let lines = try #require(try await UsageStore(database: database).report(day, day, of: "u", by: [.team, .provider, .model]))
        let figures = try #require(lines.first?.figures)
        #expect(lines.count == 1 && lines.first?.team == "" && lines.first?.provider == "" && lines.first?.model == "m")
        #expect(figures.costNanoUSD == 8_000 && figures.savedNanoUSD == 10_000 && figures.calls == 2 && figures.unpriced == 6)
        #expect(figures.usage.reasoningTokens == 20 && figures.usage.imageOutputTokens == 30 && figures.estimated == 0)
        let held = try await database.read { try $0.first("SELECT amount FROM budget_holds") { $0.int(0) } }
        #expect(held == 7_000)
        await database.close()
    }
}
