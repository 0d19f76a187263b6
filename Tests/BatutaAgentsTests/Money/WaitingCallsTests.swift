import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

@testable import BatutaAgents
@testable import BatutaModels

/// Calls that find no room only because others under way hold it wait for those.
@Suite(.timeLimit(.minutes(5))) struct `Calls that wait for money` {
    private static let cent: Int64 = 10_000_000
    private static let look = ToolDefinition(name: "look", description: "Looks.", effect: .read)

    /// Input costs nothing; each answer takes 5 cents, and can take 10.
    private static func configure(_ budgets: Budgets) -> (inout RunnableProject) -> Void {
        { project in
            project.prices = ModelPrices(own: ["test-model": PriceHistory(ModelPrice(input: 0, output: 10_000))])
            project.budgets = budgets
            project.agents["assistant"]?.definition.model.maxOutputTokens = 10
        }
    }

    private static func waiting(_ bench: EngineBench) -> Int { bench.engine.services.treasury?.waiting ?? 0 }

    private static func untilOneWaits(_ bench: EngineBench) async throws {
        try await Deadline.look(for: "a call that waits") { waiting(bench) == 1 }
    }

    @Test(arguments: StoreEngine.all) func `S2.140 a run of the same user goes on as soon as the other's call cost less than it could`(
        _ kind: StoreEngine
    ) async throws {
        let gate = Gate(), model = ScriptedModel([.say("one"), .say("two")])
        let budgets = Budgets(userPerDay: 16 * Self.cent)
        let bench = try await EngineBench(on: kind, model: GatedModel(model, gate), configure: Self.configure(budgets))
        let (first, _) = try await bench.send("hi")
        await model.waitForRequests(1)
        let (second, events) = try await bench.send("hi")
        try await Self.untilOneWaits(bench)
        gate.open()
        await events.waitForEnd(of: second.runID)
        #expect(try await bench.run(second.runID)?.status == .completed)
        #expect(try await bench.run(first.runID)?.status == .completed)
        #expect(Self.waiting(bench) == 0)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `S2.140 it is refused when the other's call leaves no room`(_ kind: StoreEngine) async throws {
        let gate = Gate(), model = ScriptedModel([.say("one"), .say("two")])
        let bench = try await EngineBench(
            on: kind,
            model: GatedModel(model, gate),
            configure: Self.configure(Budgets(userPerDay: 15 * Self.cent - 1))
        )
        _ = try await bench.send("hi")
        await model.waitForRequests(1)
        let (second, events) = try await bench.send("hi")
        try await Self.untilOneWaits(bench)
        gate.open()
        await events.waitForEnd(of: second.runID)
        let error = try #require(try await bench.run(second.runID)?.error)
        #expect(error["code"] == "budget_exceeded")
        #expect(model.requests.count == 1)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `S2.140 members of a team that work at once share the run's budget one after the other`(
        _ kind: StoreEngine
    ) async throws {
        let model = ScriptedModel { _ in .say("done") }
        let bench = try await TeamBench.make(
            on: kind,
            ["teams/ads.yaml": "mode: collaborate\nleader: manager\nmembers: [creator, analyzer, writer]\n"],
            default: "team:ads",
            agents: ["creator": "", "analyzer": "", "writer": "", "manager": ""],
            arrange: { project in
                project.prices = ModelPrices(own: ["m": PriceHistory(ModelPrice(input: 0, output: 10_000))])
                project.budgets = Budgets(run: 25 * Self.cent)
            },
            model: model
        )
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        // 15 for three members, of which no two can be under way with the third, and 5 for the leader, who can take 10.
        #expect(try await bench.run(accepted.runID)?.status == .completed)
        #expect(try await bench.run(accepted.runID)?.costNanoUSD == 20 * Self.cent)
        await bench.stop()
    }

    @Test(arguments: [false, true]) func `a stop or a pause ends the wait at once`(_ pauses: Bool) async throws {
        let gate = Gate(), model = ScriptedModel([.say("one"), .say("two")])
        let bench = try await EngineBench(
            model: GatedModel(model, gate),
            configure: Self.configure(Budgets(userPerDay: 16 * Self.cent))
        )
        _ = try await bench.send("hi")
        await model.waitForRequests(1)
        let (second, events) = try await bench.send("hi")
        try await Self.untilOneWaits(bench)
        // The first call hangs all the while.
        if pauses {
            #expect(try await bench.pause(second.runID))
            await events.wait { _, isIdle in isIdle }
            #expect(try await bench.run(second.runID)?.status == .paused)
            #expect(Self.waiting(bench) == 0)
            try await bench.resume(second.runID)
            try await Self.untilOneWaits(bench)
            gate.open()
            await events.waitForEnd(of: second.runID)
            #expect(try await bench.run(second.runID)?.status == .completed)
        } else {
            _ = try await bench.engine.stop(try #require(try await bench.run(second.runID)))
            await events.waitForEnd(of: second.runID)
            #expect(try await bench.run(second.runID)?.status == .cancelled)
            #expect(model.requests.count == 1)
            gate.open()
        }
        #expect(Self.waiting(bench) == 0)
        await bench.stop()
    }

    @Test func `the run's own time ends the wait, and the run says what it waited for`() async throws {
        let gate = Gate(), model = ScriptedModel([.say("one"), .say("two")])
        let bench = try await EngineBench(
            model: GatedModel(model, gate),
            limits: RunLimits(workTime: .milliseconds(300)),
            configure: Self.configure(Budgets(userPerDay: 16 * Self.cent))
        )
        _ = try await bench.send("hi")
        await model.waitForRequests(1)
        let (second, events) = try await bench.send("hi")
        await events.waitForEnd(of: second.runID)
        let error = try #require(try await bench.run(second.runID)?.error)
        #expect(error["code"] == "limit_work_time" && error["message"]?.string?.contains("of the budget user_per_day") == true)
        let text = events.events.last?.text(language: "pt-BR") ?? ""
        #expect(text.contains("esperou que outras chamadas devolvessem o que reservaram do orçamento user_per_day"), "\(text)")
        gate.open()
        await bench.stop()
    }

    // MARK: The treasury by itself

    private static let day = CalendarDay(number: 20_472)

    private static func claim(_ nanos: Int, runs: [RunBound] = []) -> Treasury.Claim {
        let price = ModelPrice(input: 0, output: 0.001)
        return Treasury.Claim(CallEstimate(price: price, requestBytes: 0, maxOutputTokens: nanos), user: "u", day: day, runs: runs)
    }

    @Test(arguments: StoreEngine.all) func `S2.140 calls at once that can cost more than there is are all made, and none passes the limit`(
        _ kind: StoreEngine
    ) async throws {
        let folder = TemporaryFolder(), database = try await kind.open(in: folder)
        try await database.migrate([MoneyMigrations.set])
        let node = Treasury(database: database, node: "node_a")
        let run = RunID.make(at: SystemClock().now(), random: SystemRandom())
        let ledger = node.ledgers.open(run, spent: 0)
        let budgets = Budgets(userPerDay: 3_000, projectPerMonth: 2_900)
        let refused = Counter()
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for turn in 0..<20 {
                        let claim = Self.claim(1_000, runs: [RunBound(ledger: ledger, limit: 2_800)])
                        guard case .success(let reservation)? = try? await node.reserveInTurn(claim, within: { budgets }) else {
                            _ = refused.next()
                            continue
                        }
                        reservation.leave()
                        reservation.settle(at: 10)
                        let event = UsageEvent(model: "m", usage: ModelUsage(outputTokens: 10), costNanoUSD: 10)
                        let entry = UsageEntry(day: Self.day, user: "u", agent: "a", model: "m", event: event)
                        var batch = WriteBatch(order: "ses_\(writer % 3)")
                        batch.add(UsageEntry.statement, entry.binds(of: node.node))
                        batch.afterCommit { reservation.close() }
                        _ = try? await database.write(batch)
                        // What is never asked for wakes others, too.
                        if turn % 5 == 0 { _ = try? await node.reserveInTurn(Self.claim(700), within: { budgets }) }
                    }
                }
            }
        }
        // 1,600 are spent in the end, and 1,000 more are within every limit.
        #expect(refused.value == 0)
        #expect(node.waiting == 0)
        #expect(ledger.spent == 1_600)
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `what another node holds, and what nobody will learn the cost of, is not waited for`(
        _ kind: StoreEngine
    ) async throws {
        let folder = TemporaryFolder(), database = try await kind.open(in: folder)
        try await database.migrate([MoneyMigrations.set])
        let budgets = Budgets(userPerDay: 1_000)
        let other = Treasury(database: database, node: "node_b"), node = Treasury(database: database, node: "node_a")
        let held = try await other.reserve(Self.claim(700), within: budgets).get()
        guard case .failure? = try await node.reserveInTurn(Self.claim(400), within: { budgets }) else {
            Issue.record("not refused")
            return
        }
        // A call of its own that left and gave no account of itself.
        (try await node.reserve(Self.claim(200), within: budgets).get()).leave()
        guard case .failure? = try await node.reserveInTurn(Self.claim(200), within: { budgets }) else {
            Issue.record("not refused")
            return
        }
        withExtendedLifetime(held) {}
        await database.close()
    }
}
