import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

@testable import BatutaAgents

/// What a node that died had set aside, where the next one has the store for itself.
@Suite(.timeLimit(.minutes(5))) struct `Holds of nodes that died` {
    private static let cent: Int64 = 10_000_000

    /// Input costs nothing; each call can take 10 cents.
    private static func bench(_ kind: StoreEngine, _ model: ScriptedModel, _ folder: TemporaryFolder) async throws -> EngineBench {
        try await EngineBench(
            on: kind,
            model: model,
            folder: folder,
            configure: { project in
                project.prices = ModelPrices(own: ["test-model": PriceHistory(ModelPrice(input: 0, output: 10_000))])
                project.budgets = Budgets(userPerDay: 100 * cent)
                project.agents["assistant"]?.definition.model.maxOutputTokens = 10
            }
        )
    }

    /// Nodes that hold something, by the store.
    private static func holders(_ bench: EngineBench) async throws -> Set<String> {
        try await bench.database.read { Set(try $0.rows("SELECT DISTINCT node FROM budget_holds WHERE amount > 0") { $0.text(0) }) }
    }

    @Test(arguments: StoreEngine.all) func `they are free again when the next start has looked after its runs`(_ kind: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder(), hanging = ScriptedModel([.hang()])
        let first = try await Self.bench(kind, hanging, folder)
        let (accepted, _) = try await first.send("hi")
        await hanging.waitForRequests(1)
        let dead = try await Self.holders(first)
        await first.crash()
        #expect(dead.count == 1)
        let second = try await Self.bench(kind, ScriptedModel([.say("Good morning")]), folder)
        let events = EventCollector()
        _ = try await second.log.subscribe(to: accepted.sessionID, after: 0, sink: events)
        await events.waitForEnd(of: accepted.runID)
        #expect(try await second.run(accepted.runID)?.costNanoUSD == 15 * Self.cent, "the lost call at its worst, and the other")
        try await Deadline.look(for: "the dead node's hold to go") { try await Self.holders(second).isDisjoint(with: dead) }
        await second.stop()
    }

    @Test(arguments: StoreEngine.all) func `they stay while a run waits for its turn, whose call may be on no bill yet`(_ kind: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder(), hanging = ScriptedModel { _ in .hang() }
        let first = try await Self.bench(kind, hanging, folder)
        let (accepted, _) = try await first.send("one")
        await hanging.waitForRequests(1)
        let queued = try await first.send("two", in: accepted.sessionID)
        let dead = try await Self.holders(first)
        await first.crash()
        let model = ScriptedModel { _ in .hang() }
        let second = try await Self.bench(kind, model, folder)
        await model.waitForRequests(1)
        #expect(await second.engine.dropDeadHoldsWhenBilled() == false)
        #expect(try await Self.holders(second).isSuperset(of: dead))
        _ = try await second.engine.stop(try #require(try await second.run(accepted.runID)))
        await model.waitForRequests(2)
        #expect(try await second.run(queued.runID)?.status == .running)
        #expect(await second.engine.dropDeadHoldsWhenBilled())
        #expect(try await Self.holders(second).isDisjoint(with: dead))
        await second.stop()
    }
}
