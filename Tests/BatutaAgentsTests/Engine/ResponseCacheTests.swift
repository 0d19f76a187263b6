import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage
import BatutaTesting
import BatutaTools
import Synchronization
import Testing

/// S4.15, S4.17: an answer that the same user was given before is given again, for nothing, and the log says so.
@Suite(.timeLimit(.minutes(5))) struct ResponseCacheTests {
    static let look = ToolDefinition(name: "look", description: "Looks.", effect: .read)
    static let send = ToolDefinition(name: "send", description: "Sends.", effect: .write)

    static func bench(
        _ kind: StoreEngine = .sqlite,
        _ model: any ModelProvider,
        tools: [any Tool] = [],
        folder: TemporaryFolder = TemporaryFolder(),
        clock: ManualClock = ManualClock(),
        policy: ResponseCachePolicy = ResponseCachePolicy(mode: .exact),
        configure: @escaping (inout RunnableProject) -> Void = { _ in }
    ) async throws -> EngineBench {
        try await EngineBench(
            on: kind,
            model: model,
            tools: tools,
            folder: folder,
            clock: clock,
            configure: { project in
                project.agents["assistant"]?.definition.responseCache = policy
                project.prices = ModelPrices(own: ["test-model": PriceHistory(ModelPrice(input: 100, output: 200))])
                configure(&project)
            }
        )
    }

    @discardableResult
    static func ask(_ text: String, _ bench: EngineBench, from owner: String = "usr_test") async throws -> Told {
        let (accepted, events) = try await bench.send(text, from: owner)
        await events.waitForEnd(of: accepted.runID)
        return Told(accepted, events.events.compactMap { try? $0.data() }, output: try await bench.run(accepted.runID)?.output)
    }

    /// What a run's log tells.
    struct Told {
        let accepted: Acceptance
        let events: [EventData]
        let output: String?

        init(_ accepted: Acceptance, _ events: [EventData], output: String?) {
            (self.accepted, self.events, self.output) = (accepted, events, output)
        }

        var usages: [UsageEvent] { events.compactMap { if case .usage(let usage) = $0 { usage } else { nil } } }
        var deltas: String { events.map { if case .content(_, let delta) = $0 { delta } else { "" } }.joined() }
        var steps: [StepEvent] { events.compactMap { if case .step(let step) = $0 { step } else { nil } } }
    }

    @Test(arguments: StoreEngine.all)
    func `S4.15 S4.16 the same question is answered from the cache, streams, costs nothing and says what it saves`(_ kind: StoreEngine)
        async throws
    {
        let model = ScriptedModel([.say("A piece for voices.")])
        let bench = try await Self.bench(kind, model)
        let first = try await Self.ask("What is a fugue?", bench)
        let second = try await Self.ask("What is a fugue?", bench)
        #expect(model.requests.count == 1)
        #expect(first.usages.first?.cache == nil && first.usages.first?.costNanoUSD == 2_000_000)
        #expect(second.output == "A piece for voices." && second.deltas == second.output)
        let usage = try #require(second.usages.first)
        #expect(second.usages.count == 1 && usage.model == "test-model" && usage.cache == .exact)
        #expect(usage.costNanoUSD == 0 && usage.savedNanoUSD == 2_000_000 && usage.usage == ModelUsage())
        #expect(second.steps.map(\.kind.word) == first.steps.map(\.kind.word), "to the log it is an answer like any other")
        #expect(second.steps.allSatisfy { $0.reservedNanoUSD == nil })
        let bill = try await UsageStore(database: bench.database).report(
            CalendarDay(number: 0),
            CalendarDay(number: 100_000),
            of: nil,
            by: []
        )
        #expect(bill?.first?.figures.calls == 1 && bill?.first?.figures.cacheHits == 1 && bill?.first?.figures.savedNanoUSD == 2_000_000)
        let run = try #require(try await bench.run(second.accepted.runID))
        let replay = try await bench.engine.replay(run, showsPrompts: false)
        #expect(replay.differences.isEmpty, "\(replay.differences)")
        await bench.stop()
    }

    /// Where a result came from is nothing that a model is told, so it makes no other question.
    @Test func `a run whose tool answers from its own cache asks the model nothing that was answered before`() async throws {
        let model = ScriptedModel([.call([("look", [:])]), .say("It is sunny.")])
        let calls = Counter()
        let tool = RecordingTool(Self.look) { _ in ToolAttempt(ToolResult(success: true, data: ["sun": true], cached: calls.next() > 0)) }
        let bench = try await Self.bench(.sqlite, model, tools: [tool])
        try await Self.ask("How is the weather?", bench)
        let second = try await Self.ask("How is the weather?", bench)
        #expect(model.requests.count == 2 && tool.received.count == 2)
        #expect(second.output == "It is sunny." && second.usages.map(\.cache) == [.exact, .exact])
        let results = second.events.compactMap { if case .toolResult(let told) = $0 { told.result.cached } else { nil } }
        #expect(results == [true], "people are told")
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `answers survive a restart`(_ kind: StoreEngine) async throws {
        let folder = TemporaryFolder(), clock = ManualClock()
        let before = try await Self.bench(kind, ScriptedModel([.say("A piece.")]), folder: folder, clock: clock)
        try await Self.ask("What is a fugue?", before)
        await before.crash()
        let model = ScriptedModel([])
        let after = try await Self.bench(kind, model, folder: folder, clock: clock)
        let told = try await Self.ask("What is a fugue?", after)
        #expect(told.output == "A piece." && told.usages.first?.cache == .exact && model.requests.isEmpty)
        await after.stop()
    }

    @Test(arguments: StoreEngine.all) func `a user, another question and an agent without a cache do not share`(_ kind: StoreEngine)
        async throws
    {
        let model = ScriptedModel(rule: { .say("to \($0.turns.count) turns") })
        let bench = try await Self.bench(kind, model)
        try await Self.ask("What is a fugue?", bench)
        let other = try await Self.ask("What is a fugue?", bench, from: "usr_other")
        let further = try await Self.ask("What is a canon?", bench)
        #expect(other.usages.first?.cache == nil && further.usages.first?.cache == nil && model.requests.count == 3)
        await bench.stop()
        let off = try await Self.bench(kind, model, policy: .off)
        try await Self.ask("What is a fugue?", off)
        #expect(try await Self.ask("What is a fugue?", off).usages.first?.cache == nil && model.requests.count == 5)
        await off.stop()
    }

    @Test(arguments: StoreEngine.all)
    func `another version of the project asks again only where the agent is told something else, or its tools or its server are others`(
        _ kind: StoreEngine
    ) async throws {
        let folder = TemporaryFolder(), clock = ManualClock()
        func asked(_ version: String, _ change: @escaping (inout RunnableProject) -> Void = { _ in }) async throws -> Bool {
            let model = ScriptedModel(rule: { _ in .say("A piece.") })
            let look = RecordingTool(Self.look)
            let bench = try await Self.bench(kind, model, tools: [look], folder: folder, clock: clock) { project in
                project.hash = version
                change(&project)
            }
            try await Self.ask("What is a fugue?", bench)
            await bench.stop()
            return !model.requests.isEmpty
        }
        #expect(try await asked("v1"))
        #expect(try await !asked("v2"), "another file changed")
        #expect(try await asked("v3") { $0.agents["assistant"]?.definition.instructions = PromptTemplate(text: "You help a lot.") })
        #expect(try await asked("v4") { $0.agents["assistant"]?.definition.model.temperature = 0.7 })
        #expect(
            try await asked("v5") {
                $0.agents["assistant"]?.definition.output = (try? JSONSchema(["type": "string"])).map(OutputSchema.init)
            }
        )
        #expect(try await asked("v6") { $0.addresses = ["test": "openai http://other"] })
        #expect(
            try await asked("v7") { project in
                guard let agent = project.agents["assistant"] else { return }
                let writing = ToolDefinition(name: "look", description: "Looks.", effect: .write)
                let tools = ToolCatalog([RecordingTool(writing)]).registry(offering: ["look"])
                project.agents["assistant"] = RunnableAgent(definition: agent.definition, provider: agent.provider, tools: tools)
            }
        )
        #expect(try await !asked("v8"), "as it was at first")
    }

    @Test(arguments: StoreEngine.all) func `what somebody thinks badly of is not given again, whichever run had it`(_ kind: StoreEngine)
        async throws
    {
        let model = ScriptedModel(rule: { _ in .say("A piece.") })
        let bench = try await Self.bench(kind, model)
        let first = try await Self.ask("What is a fugue?", bench)
        let second = try await Self.ask("What is a fugue?", bench)
        #expect(second.usages.first?.cache == .exact)
        try await bench.engine.answers?.evict(usedBy: second.accepted.runID)
        let third = try await Self.ask("What is a fugue?", bench)
        #expect(third.usages.first?.cache == nil && model.requests.count == 2)
        // The first is of another answer by now, of the same question: what is thought of it counts for the question.
        try await bench.engine.answers?.evict(usedBy: first.accepted.runID)
        #expect(try await Self.ask("What is a fugue?", bench).usages.first?.cache == nil && model.requests.count == 3)
        try await bench.engine.answers?.evict(usedBy: RunID(trusted: "run_none"))
        #expect(try await Self.ask("What is a fugue?", bench).usages.first?.cache == .exact)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `an answer grows old`(_ kind: StoreEngine) async throws {
        let clock = ManualClock(), model = ScriptedModel(rule: { _ in .say("A piece.") })
        let bench = try await Self.bench(kind, model, clock: clock, policy: ResponseCachePolicy(mode: .exact, lifetime: .seconds(60)))
        try await Self.ask("What is a fugue?", bench)
        clock.advance(by: .seconds(59))
        #expect(try await Self.ask("What is a fugue?", bench).usages.first?.cache == .exact)
        clock.advance(by: .seconds(2))
        #expect(try await Self.ask("What is a fugue?", bench).usages.first?.cache == nil)
        clock.advance(by: .seconds(30))
        #expect(try await Self.ask("What is a fugue?", bench).usages.first?.cache == .exact, "the new answer is as good")
        #expect(model.requests.count == 2)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `what came of a session goes with it`(_ kind: StoreEngine) async throws {
        let model = ScriptedModel(rule: { _ in .say("A piece.") })
        let bench = try await Self.bench(kind, model)
        let first = try await Self.ask("What is a fugue?", bench)
        let session = first.accepted.sessionID
        try await SessionStore(database: bench.database).delete(session, with: ResponseCacheStore.forgetting(session))
        bench.engine.answers?.forget(session)
        #expect(try await Self.rows(bench) == 0)
        #expect(try await Self.ask("What is a fugue?", bench).usages.first?.cache == nil)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `old answers are pruned, and the oldest of too many`(_ kind: StoreEngine) async throws {
        let clock = ManualClock(), bench = try await Self.bench(kind, ScriptedModel(rule: { _ in .say("A piece.") }), clock: clock)
        for number in 1...5 {
            try await Self.ask("Question \(number)", bench)
            clock.advance(by: .seconds(1))
        }
        let store = ResponseCacheStore(database: bench.database)
        #expect(try await store.prune(at: clock.now(), keeping: 3) == false)
        #expect(try await Self.rows(bench) == 3)
        #expect(try await store.prune(at: clock.now().advanced(by: .seconds(86_397))) == false)
        #expect(try await Self.rows(bench) == 2)
        await bench.stop()
    }

    private static func rows(_ bench: EngineBench) async throws -> Int64 {
        try await bench.database.read { try $0.first("SELECT COUNT(*) FROM cached_answers") { $0.int(0) } ?? -1 }
    }

    @Test(arguments: StoreEngine.all) func `who says the same again at the same place gets another answer, which is kept`(
        _ kind: StoreEngine
    )
        async throws
    {
        let model = ScriptedModel([.say("A piece."), .say("Another piece.")])
        let bench = try await Self.bench(kind, model)
        let first = try await Self.ask("What is a fugue?", bench)
        let session = try #require(try await SessionStore(database: bench.database).find(first.accepted.sessionID, owner: nil))
        let again = try await bench.engine.accept(IncomingMessage(content: "What is a fugue?", place: .after(nil)), in: session)
        let events = EventCollector()
        _ = try await bench.log.subscribe(to: session.id, after: again.after, sink: events)
        await events.waitForEnd(of: again.runID)
        #expect(try await bench.run(again.runID)?.output == "Another piece.")
        let third = try await Self.ask("What is a fugue?", bench)
        #expect(third.output == "Another piece." && third.usages.first?.cache == .exact && model.requests.count == 2)
        await bench.stop()
    }

    // MARK: What is not kept

    @Test func `failed and cut-off answers are not kept`() async throws {
        let fault = ModelError(.rejected, "no key")
        let model = ScriptedModel([.fail(fault), .say(""), .say("A piece.")])
        let bench = try await Self.bench(.sqlite, model)
        for _ in 1...2 { try await Self.ask("What is a fugue?", bench) }
        #expect(try await Self.rows(bench) == 0)
        #expect(try await Self.ask("What is a fugue?", bench).output == "A piece.")
        #expect(try await Self.rows(bench) == 1)
        await bench.stop()
    }

    @Test func `a call that reads is made anew, and what it finds belongs to the next question`() async throws {
        let model = ScriptedModel(rule: { request in
            guard case .tool(_, _, let envelope) = request.turns.last else { return .call([("look", ["n": 1])]) }
            return .say(String(decoding: envelope, as: UTF8.self))
        })
        let found = Mutex(0)
        let tool = RecordingTool(Self.look) { _ in
            ToolAttempt(
                .success(
                    .bool(
                        found.withLock { count in
                            count += 1
                            return count > 2
                        }
                    )
                )
            )
        }
        let bench = try await Self.bench(.sqlite, model, tools: [tool])
        try await Self.ask("How many?", bench)
        let same = try await Self.ask("How many?", bench)
        #expect(tool.received.count == 2 && same.usages.map(\.cache) == [.exact, .exact])
        let changed = try await Self.ask("How many?", bench)
        #expect(changed.usages.map(\.cache) == [.exact, nil] && changed.output != same.output)
        await bench.stop()
    }

    @Test func `neither a call that writes nor what comes after it is kept`() async throws {
        let model = ScriptedModel(rule: { request in
            if case .tool = request.turns.last { .say("Sent.") } else { .call([("send", ["n": 1])]) }
        })
        let tool = RecordingTool(Self.send)
        let bench = try await Self.bench(.sqlite, model, tools: [tool])
        for _ in 1...2 { #expect(try await Self.ask("Send it", bench).usages.map(\.cache) == [nil, nil]) }
        #expect(tool.received.count == 2 && model.requests.count == 4)
        await bench.stop()
    }

    @Test func `a rehearsal keeps nothing`() async throws {
        let model = ScriptedModel(rule: { _ in .say("A piece.") })
        let bench = try await Self.bench(.sqlite, model) { $0.isRehearsal = true }
        for _ in 1...2 { #expect(try await Self.ask("What is a fugue?", bench).usages.first?.cache == nil) }
        await bench.stop()
    }

    @Test func `a hit needs no money`() async throws {
        let bench = try await Self.bench(.sqlite, ScriptedModel([.say("A piece.")])) { project in
            project.agents["assistant"]?.definition.model.maxOutputTokens = 10
            project.budgets = Budgets(userPerDay: 50_000_000)
        }
        #expect(try await Self.ask("What is a fugue?", bench).output == "A piece.")
        let poor = try await Self.ask(String(repeating: "And what is a canon? ", count: 100), bench)
        #expect(poor.output == nil, "there is no money for another question")
        #expect(try await Self.ask("What is a fugue?", bench).output == "A piece.")
        await bench.stop()
    }

    // MARK: At once

    @Test(arguments: StoreEngine.all) func `S4.55 who asks the same at the same time waits for the one that asks`(_ kind: StoreEngine)
        async throws
    {
        let script = ScriptedModel([.say("A piece.")]), gate = Gate()
        let bench = try await Self.bench(kind, GatedModel(script, gate))
        let leader = try await bench.send("What is a fugue?")
        await script.waitForRequests(1)
        var others: [(Acceptance, EventCollector)] = []
        for _ in 1...3 { others.append(try await bench.send("What is a fugue?")) }
        gate.open()
        for (accepted, events) in [leader] + others {
            await events.waitForEnd(of: accepted.runID)
            #expect(try await bench.run(accepted.runID)?.output == "A piece.")
        }
        #expect(script.requests.count == 1)
        await bench.stop()
    }

    @Test func `when the one that asks is stopped, another asks; one that waits is stopped at once`() async throws {
        let model = ScriptedModel([.hang(), .say("A piece.")])
        let bench = try await Self.bench(.sqlite, model)
        let (leader, leads) = try await bench.send("What is a fugue?")
        await model.waitForRequests(1)
        let (stopped, leaves) = try await bench.send("What is a fugue?")
        let (second, waits) = try await bench.send("What is a fugue?")
        _ = try await bench.engine.stop([try #require(try await bench.run(stopped.runID))])
        await leaves.waitForEnd(of: stopped.runID)
        #expect(try await bench.run(stopped.runID)?.status == .cancelled && model.requests.count == 1)
        _ = try await bench.engine.stop([try #require(try await bench.run(leader.runID))])
        await leads.waitForEnd(of: leader.runID)
        await waits.waitForEnd(of: second.runID)
        #expect(try await bench.run(second.runID)?.output == "A piece." && model.requests.count == 2)
        await bench.stop()
    }

    @Test func `when the one that asks fails, the others ask for themselves`() async throws {
        let fault = ModelError(.rejected, "no key")
        let script = ScriptedModel([.fail(fault), .say("A piece."), .say("A piece.")]), gate = Gate()
        let bench = try await Self.bench(.sqlite, FailingBehindGate(script, gate))
        let leader = try await bench.send("What is a fugue?")
        await script.waitForRequests(1)
        let others = [try await bench.send("What is a fugue?"), try await bench.send("What is a fugue?")]
        gate.open()
        await leader.1.waitForEnd(of: leader.0.runID)
        #expect(try await bench.run(leader.0.runID)?.status == .failed)
        for (accepted, events) in others {
            await events.waitForEnd(of: accepted.runID)
            #expect(try await bench.run(accepted.runID)?.output == "A piece.")
        }
        await bench.stop()
    }

    @Test func `one that waits for another's answer waits no longer than it may work`() async throws {
        let script = ScriptedModel([.say("A piece."), .hang()]), gate = Gate()
        let bench = try await Self.bench(.sqlite, GatedModel(script, gate)) { project in
            project.agents["assistant"]?.definition.limits.workTime = .seconds(1)
        }
        let (leader, leads) = try await bench.send("What is a fugue?")
        await script.waitForRequests(1)
        let (second, waits) = try await bench.send("What is a fugue?")
        await waits.waitForEnd(of: second.runID)
        let ended = try #require(try await bench.run(second.runID))
        #expect(ended.status == .failed && ended.error?["code"]?.string == RunErrorCode.limitWorkTime.rawValue)
        gate.open()
        await leads.waitForEnd(of: leader.runID)
        #expect(try await bench.run(leader.runID)?.output == "A piece.")
        await bench.stop()
    }
}

/// A model whose failures wait for a gate, too.
private struct FailingBehindGate: ModelProvider {
    let model: ScriptedModel
    let gate: Gate

    init(_ model: ScriptedModel, _ gate: Gate) { (self.model, self.gate) = (model, gate) }

    func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
        do throws(ModelError) {
            let answer = try await model.answer(request, onDelta: onDelta)
            await gate.pass()
            return answer
        } catch {
            await gate.pass()
            throw error
        }
    }
}
