import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage
import BatutaTelemetry
import BatutaTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct BudgetRunTests {
    private static let look = ToolDefinition(name: "look", description: "Looks.", effect: .read)
    /// Input costs nothing, and each answer of the scripted model 5 tokens of a cent; at most 10 cents a call.
    private static let prices = ModelPrices(own: ["test-model": PriceHistory(ModelPrice(input: 0, output: 10_000))])
    private static let cent: Int64 = 10_000_000

    private static func configure(_ budgets: Budgets, limit: Int64? = nil) -> (inout RunnableProject) -> Void {
        { project in
            project.prices = prices
            project.budgets = budgets
            project.agents["assistant"]?.definition.model.maxOutputTokens = 10
            project.agents["assistant"]?.definition.limits.costNanoUSD = limit
        }
    }

    private static func failure(_ events: EventCollector) -> ErrorEvent? {
        for event in events.events {
            if case .error(let error) = try? event.data(), !error.recoverable { return error }
        }
        return nil
    }

    private static func usages(_ events: EventCollector) -> [UsageEvent] {
        events.events.compactMap { if case .usage(let usage) = try? $0.data() { usage } else { nil } }
    }

    private static func reserved(_ events: EventCollector) -> [Int64] {
        events.events.compactMap { if case .step(let step) = try? $0.data() { step.reservedNanoUSD } else { nil } }
    }

    private static func billed(_ bench: EngineBench) async throws -> Int64 {
        try await bench.database.read { connection in
            try connection.first("SELECT CAST(COALESCE(SUM(cost_nano_usd), 0) AS BIGINT) FROM usage_days") { $0.int(0) } ?? 0
        }
    }

    @Test(arguments: StoreEngine.all) func `S2.140 a run that reaches its budget ends with the figures, before the call that could pass it`(
        _ kind: StoreEngine
    ) async throws {
        let model = ScriptedModel(rule: { .call([("look", ["at": .int($0.turns.count)])]) })
        let bench = try await EngineBench(
            on: kind,
            model: model,
            tools: [RecordingTool(Self.look)],
            configure: Self.configure(Budgets(run: 22 * Self.cent))
        )
        let (accepted, events) = try await bench.send("hi")
        await events.waitForEnd(of: accepted.runID)
        // Five cents each: after three calls 15 are spent, and 10 more could be 25.
        #expect(model.requests.count == 3)
        let error = try #require(Self.failure(events))
        #expect(error.code == "budget_exceeded")
        let details: JSON = [
            "budget": "run", "spent_usd": 0.15, "reserved_usd": 0, "limit_usd": 0.22, "needed_usd": 0.1, "renews_at": nil, "time_zone": nil,
        ]
        #expect(error.details == details)
        #expect(Self.reserved(events) == [10 * Self.cent, 10 * Self.cent, 10 * Self.cent])
        #expect(try await Self.billed(bench) == 15 * Self.cent)
        #expect(try await bench.run(accepted.runID)?.costNanoUSD == 15 * Self.cent)
        let last = try #require(events.events.last)
        #expect(
            last.text(language: "pt-BR")
                == "Erro: o orçamento desta execução não dá para continuar: US$ 0,15 de US$ 0,22 gastos, US$ 0,00 reservados; "
                + "a próxima chamada pode custar US$ 0,10. Aumente budgets.run ou diminua max_output_tokens."
        )
        await bench.stop()
    }

    @Test func `an agent's own limit and the project's: the smaller one holds`() async throws {
        for (budget, limit) in [(8, 100), (100, 8)] as [(Int64, Int64)] {
            let configure = Self.configure(Budgets(run: budget * Self.cent), limit: limit * Self.cent)
            let bench = try await EngineBench(model: ScriptedModel([.say("never")]), configure: configure)
            let (accepted, events) = try await bench.send("hi")
            await events.waitForEnd(of: accepted.runID)
            let error = try #require(Self.failure(events))
            #expect(error.details?["limit_usd"] == 0.08 && error.details?["spent_usd"] == 0)
            #expect(error.details?["budget"] == .string(limit == 8 ? "agent:assistant" : "run"), "the one that refused")
            let key = limit == 8 ? "limits.cost_usd of the agent assistant" : "budgets.run"
            #expect(error.message.contains("Raise \(key), or lower"), "\(error.message)")
            let words =
                limit == 8 ? "o limite do agente assistant não dá para continuar" : "o orçamento desta execução não dá para continuar"
            #expect(events.events.last?.text(language: "pt-BR")?.contains(words) == true)
            await bench.stop()
        }
    }

    @Test(arguments: StoreEngine.all) func `a user's day is full: the message is accepted, its run refused, and the next day goes on`(
        _ kind: StoreEngine
    ) async throws {
        let bench = try await EngineBench(
            on: kind,
            model: ScriptedModel(rule: { _ in .say("Good morning") }),
            configure: Self.configure(Budgets(userPerDay: 14 * Self.cent))
        )
        let (first, events) = try await bench.send("hi")
        await events.waitForEnd(of: first.runID)
        #expect(Self.failure(events) == nil)
        let (second, others) = try await bench.send("hi again")
        await others.waitForEnd(of: second.runID)
        let error = try #require(Self.failure(others))
        #expect(error.details?["budget"] == "user_per_day")
        #expect(error.details?["spent_usd"] == 0.05)
        #expect(error.details?["renews_at"]?.string?.hasSuffix("T00:00:00.000Z") == true)
        #expect(try await bench.run(second.runID)?.status == .failed)
        bench.clock.advance(by: .seconds(86_400))
        let (third, fresh) = try await bench.send("tomorrow")
        await fresh.waitForEnd(of: third.runID)
        #expect(Self.failure(fresh) == nil)
        await bench.stop()
    }

    @Test func `without a budget nothing is set aside, and the bill is kept all the same`() async throws {
        let bench = try await EngineBench(model: ScriptedModel([.say("Good morning")]), configure: Self.configure(Budgets()))
        let (accepted, events) = try await bench.send("hi")
        await events.waitForEnd(of: accepted.runID)
        #expect(Self.reserved(events).isEmpty)
        #expect(try await Self.billed(bench) == 5 * Self.cent)
        await bench.stop()
    }

    @Test func `a rehearsal is never refused, and a model without a price always`() async throws {
        for isRehearsal in [true, false] {
            let bench = try await EngineBench(
                model: ScriptedModel([.say("Good morning")]),
                isRehearsal: isRehearsal,
                configure: { $0.budgets = Budgets(run: 0, userPerDay: 0, projectPerMonth: 0) }
            )
            let (accepted, events) = try await bench.send("hi")
            await events.waitForEnd(of: accepted.runID)
            #expect((Self.failure(events) == nil) == isRehearsal)
            if !isRehearsal {
                let text = try #require(events.events.last).text(language: "en")
                #expect(
                    text == "Error: a budget is set, and nobody knows what test-model costs. Give its price under prices: in batuta.yaml."
                )
            }
            await bench.stop()
        }
    }

    @Test(arguments: StoreEngine.all) func `after a crash a call of unknown fate is on the bill at its worst, before another is asked`(
        _ kind: StoreEngine
    ) async throws {
        let folder = TemporaryFolder()
        let hanging = ScriptedModel([.hang()])
        let configure = Self.configure(Budgets(run: 100 * Self.cent, userPerDay: 100 * Self.cent))
        let bench = try await EngineBench(on: kind, model: hanging, folder: folder, configure: configure)
        let (accepted, _) = try await bench.send("hi")
        await hanging.waitForRequests(1)
        await bench.crash()
        let second = try await EngineBench(on: kind, model: ScriptedModel([.say("Good morning")]), folder: folder, configure: configure)
        let events = EventCollector()
        _ = try await second.log.subscribe(to: accepted.sessionID, after: 0, sink: events)
        await events.waitForEnd(of: accepted.runID)
        #expect(Self.usages(events).map(\.costNanoUSD) == [10 * Self.cent, 5 * Self.cent])
        #expect(Self.usages(events).map(\.isEstimated) == [true, false])
        #expect(try await Self.billed(second) == 15 * Self.cent)
        await second.stop()
    }

    @Test func `a stop gives back at once what the call did not need`() async throws {
        let model = ScriptedModel([.hang(after: "1234 "), .say("Good morning")])
        let bench = try await EngineBench(model: model, configure: Self.configure(Budgets(userPerDay: 14 * Self.cent)))
        let (accepted, events) = try await bench.send("hi")
        await events.wait(for: .content)
        _ = try await bench.engine.stop(try #require(try await bench.run(accepted.runID)))
        await events.waitForEnd(of: accepted.runID)
        // Five bytes were heard: three tokens at most.
        #expect(Self.usages(events).map(\.costNanoUSD) == [3 * Self.cent])
        let (second, others) = try await bench.send("again")
        await others.waitForEnd(of: second.runID)
        #expect(Self.failure(others) == nil)
        await bench.stop()
    }

    @Test func `what a provider refused costs nothing; a model that never said a word costs the worst`() async throws {
        let model = ScriptedModel([
            .fail(ModelError(.rateLimited, "later", retryAfter: .zero)), .fail(ModelError(.timeout, "silence")), .say("Good morning"),
        ])
        let bench = try await EngineBench(model: model, configure: Self.configure(Budgets(run: 100 * Self.cent)))
        let (accepted, events) = try await bench.send("hi")
        await events.waitForEnd(of: accepted.runID)
        #expect(Self.usages(events).map(\.costNanoUSD) == [10 * Self.cent, 5 * Self.cent])
        await bench.stop()
    }

    // MARK: Calls that say little of their cost

    /// Says something, and nothing of tokens.
    private struct SilentModel: ModelProvider {
        func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
            ModelAnswer(text: "Good morning")
        }
    }

    @Test func `an answer without a report of tokens costs its whole input and what was heard, with a budget and without`() async throws {
        for budgets in [Budgets(), Budgets(run: 1_000 * Self.cent)] {
            let bench = try await EngineBench(
                model: SilentModel(),
                configure: { project in
                    Self.configure(budgets)(&project)
                    project.prices = ModelPrices(own: ["test-model": PriceHistory(ModelPrice(input: 10_000, output: 10_000))])
                }
            )
            let (accepted, events) = try await bench.send("hi")
            await events.waitForEnd(of: accepted.runID)
            let usage = try #require(Self.usages(events).first)
            // Instructions and message have 11 bytes at least, the answer 12: two bytes a token.
            #expect(usage.isEstimated && usage.costNanoUSD ?? 0 >= 11 * Self.cent)
            #expect(try await Self.billed(bench) == usage.costNanoUSD)
            await bench.stop()
        }
    }

    @Test(arguments: StoreEngine.all) func `without a budget, calls that failed and that were stopped are on the bill all the same`(
        _ kind: StoreEngine
    ) async throws {
        let model = ScriptedModel([.fail(ModelError(.timeout, "silence")), .hang(after: "1234 ")])
        let bench = try await EngineBench(on: kind, model: model, configure: Self.configure(Budgets()))
        let (accepted, events) = try await bench.send("hi")
        await events.wait(for: .content)
        _ = try await bench.engine.stop(try #require(try await bench.run(accepted.runID)))
        await events.waitForEnd(of: accepted.runID)
        #expect(Self.usages(events).map(\.costNanoUSD) == [10 * Self.cent, 3 * Self.cent])
        #expect(try await Self.billed(bench) == 13 * Self.cent)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `who waits for the next try has set nothing aside, so a crash then costs nothing`(
        _ kind: StoreEngine
    ) async throws {
        let folder = TemporaryFolder(), clock = ManualClock()
        let limited = ScriptedModel([.fail(ModelError(.rateLimited, "later", retryAfter: .seconds(60)))])
        let configure = Self.configure(Budgets(run: 100 * Self.cent))
        let bench = try await EngineBench(on: kind, model: limited, folder: folder, clock: clock, configure: configure)
        let (accepted, events) = try await bench.send("hi")
        await events.wait(for: .error)
        await bench.crash()
        clock.advance(by: .seconds(120))
        let model = ScriptedModel([.say("Good morning")])
        let second = try await EngineBench(on: kind, model: model, folder: folder, clock: clock, configure: configure)
        let later = EventCollector()
        _ = try await second.log.subscribe(to: accepted.sessionID, after: 0, sink: later)
        await later.waitForEnd(of: accepted.runID)
        #expect(Self.usages(later).map(\.costNanoUSD) == [5 * Self.cent])
        #expect(Self.reserved(later) == [10 * Self.cent, 10 * Self.cent])
        await second.stop()
    }

    /// Refuses in the moment in which it is cut.
    private struct LateRefusal: ModelProvider {
        let model: ScriptedModel

        func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
            do throws(ModelError) { return try await model.answer(request, onDelta: onDelta) } catch {
                throw error.code == .cancelled ? ModelError(.rateLimited, "later", retryAfter: .zero) : error
            }
        }
    }

    @Test(arguments: StoreEngine.all) func `a call that was refused while a pause came costs nothing`(_ kind: StoreEngine) async throws {
        let model = ScriptedModel([.hang(), .say("Good morning")])
        let configure = Self.configure(Budgets(run: 100 * Self.cent))
        let bench = try await EngineBench(on: kind, model: LateRefusal(model: model), configure: configure)
        let (accepted, events) = try await bench.send("hi")
        await model.waitForRequests(1)
        #expect(try await bench.pause(accepted.runID))
        await events.wait { _, isIdle in isIdle }
        try await bench.resume(accepted.runID)
        await events.waitForEnd(of: accepted.runID)
        #expect(Self.usages(events).map(\.costNanoUSD) == [5 * Self.cent])
        await bench.stop()
    }

    @Test func `a model of a provider that plays scripts costs nothing under whatever name`() {
        let settings = ModelSettings(name: "m", provider: "stage", model: "gpt-5")
        #expect(ModelPrices(scripted: ["stage"]).cost(of: ModelUsage(inputTokens: 9), settings: settings, at: ManualClock().now()) == 0)
        #expect(ModelPrices(scripted: ["stage"]).isKnown(ModelSettings(name: "m", provider: "stage", model: "nobody knows it")))
    }

    // MARK: Calls of unknown fate

    /// A run whose first question had left when its node went.
    private static func cut(on kind: StoreEngine, in folder: TemporaryFolder) async throws -> (Acceptance, ManualClock) {
        let model = ScriptedModel { _ in .hang(after: "well ") }
        let bench = try await EngineBench(on: kind, model: model, folder: folder, configure: configure(Budgets(run: 100 * cent)))
        let (accepted, events) = try await bench.send("hi")
        await events.wait(for: .content)
        await bench.crash()
        return (accepted, bench.clock)
    }

    @Test(arguments: StoreEngine.all) func `S2.140 a call of unknown fate is on the bill of a run that a restored store ends`(
        _ kind: StoreEngine
    ) async throws {
        let folder = TemporaryFolder()
        let (accepted, clock) = try await Self.cut(on: kind, in: folder)
        let database = try await kind.open(in: folder)
        _ = try await RestoredRuns(in: database, clock: clock, secrets: []).settle(backupOf: RestoredRunsTests.moment)
        await database.close()
        let bench = try await EngineBench(on: kind, model: ScriptedModel([]), folder: folder, clock: clock)
        #expect(try await bench.run(accepted.runID)?.costNanoUSD == 10 * Self.cent)
        #expect(try await Self.billed(bench) == 10 * Self.cent)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `S2.140 a call of unknown fate is on the bill of a run whose agent is gone`(_ kind: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder()
        let (accepted, clock) = try await Self.cut(on: kind, in: folder)
        let bench = try await EngineBench(
            on: kind,
            model: ScriptedModel([]),
            folder: folder,
            clock: clock,
            configure: { project in
                project.agents["other"] = project.agents["assistant"]
                project.agents["assistant"] = nil
            }
        )
        let events = EventCollector()
        _ = try await bench.log.subscribe(to: accepted.sessionID, after: 0, sink: events)
        try await Deadline.wait(for: "the end") { await events.waitForEnd(of: accepted.runID) }
        let run = try #require(try await bench.run(accepted.runID))
        #expect(run.error?["code"] == "internal" && run.costNanoUSD == 10 * Self.cent)
        #expect(try await Self.billed(bench) == 10 * Self.cent)
        #expect(Self.usages(events).map(\.model) == ["test-model"])
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `a run that is refused counts once among those that failed`(_ kind: StoreEngine) async throws {
        let registry = MetricsRegistry()
        let bench = try await EngineBench(
            on: kind,
            model: ScriptedModel([]),
            metrics: BatutaMetrics(in: registry),
            configure: Self.configure(Budgets(run: Self.cent))
        )
        let (accepted, events) = try await bench.send("hi")
        await events.waitForEnd(of: accepted.runID)
        let counted = #"batuta_runs_total{status="failed",target="agent:assistant"}"#
        try await Deadline.look(for: "count") { registry.prometheusText().contains(counted) }
        #expect(registry.prometheusText().contains(counted + " 1\n"))
        await bench.stop()
    }

    /// The question's events are in the log before the call that they ask for has ended.
    @Test(arguments: StoreEngine.all) func `what a step with a slow read took is counted`(_ kind: StoreEngine) async throws {
        let registry = MetricsRegistry()
        let log = Mutex<EventCollector?>(nil)
        let tool = RecordingTool(Self.look) { _ in
            while log.withLock({ $0.map { !Self.usages($0).isEmpty } }) != true { await Task.yield() }
            return ToolAttempt(.success(["ok": true]))
        }
        let model = ScriptedModel(rule: { $0.turns.count < 2 ? .call([("look", [:])]) : .say("Done") })
        let bench = try await EngineBench(
            on: kind,
            model: model,
            tools: [tool],
            metrics: BatutaMetrics(in: registry),
            configure: Self.configure(Budgets(run: 100 * Self.cent))
        )
        let (accepted, events) = try await bench.send("hi")
        log.withLock { $0 = events }
        await events.waitForEnd(of: accepted.runID)
        let spent = NanoUSD.dollars(Self.usages(events).reduce(0) { $0 + ($1.costNanoUSD ?? 0) })
        #expect(spent == 0.1)
        try await Deadline.look(for: "costs") { registry.prometheusText().contains("batuta_cost_usd_total 0.1\n") }
        await bench.stop()
    }
}
