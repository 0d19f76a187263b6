import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaTesting
import BatutaTools
import Testing

/// What holds of a team whatever its mode: one table for `coordinate`, `route`, `collaborate` and `graph`, and for a team in a team.
@Suite(.timeLimit(.minutes(5))) struct TeamConformanceTests {
    /// A team of a leader and two members, in one of the modes.
    enum Mode: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case coordinate, route, collaborate, graph, nested

        var testDescription: String { rawValue }

        /// Who works for the leader on one message. In a graph the leader is the first node.
        var workers: [String] { self == .route ? ["ann"] : ["ann", "ben"] }

        var files: [String: String] {
            guard self == .nested else { return ["teams/crew.yaml": file] }
            return ["teams/crew.yaml": "mode: coordinate\nleader: top\nmembers: [inner]\n", "teams/inner.yaml": Mode.coordinate.file]
        }

        private var file: String {
            guard self == .graph else { return "mode: \(rawValue)\nleader: lead\nmembers: [ann, ben]\n" }
            return """
                mode: graph
                start: first
                nodes: { first: { agent: lead }, ann: { agent: ann }, ben: { agent: ben }, last: { agent: lead } }
                edges:
                  - { from: first, to: [ann, ben] }
                  - { from: ann, to: last }
                  - { from: ben, to: last }
                  - { from: last, to: end }
                """
        }

        /// What the leader says to it.
        func lead(_ request: ModelRequest) -> ScriptedModel.Reply {
            switch self {
            case .nested where !request.answersCalls && request.agent == "top":
                .call([("delegate", ["member": "inner", "task": "Work."])])
            case .coordinate where !request.answersCalls, .route where !request.answersCalls, .nested where !request.answersCalls:
                .call(workers.map { ("delegate", ["member": .string($0), "task": "Work."]) })
            default: .say("All told: \(request.turns.map(\.words).joined(separator: " | "))")
            }
        }

        /// Runs below the team's: the members', and in a graph the leader's two.
        var members: Int {
            switch self {
            case .graph: 4
            case .nested: workers.count + 1
            case .coordinate, .route, .collaborate: workers.count
            }
        }

        /// Teams above each other.
        var levels: Int { self == .nested ? 2 : 1 }
    }

    private static let critical = ToolDefinition(name: "pay", description: "Pays.", effect: .critical)
    private static let look = ToolDefinition(name: "look", description: "Looks.", effect: .read)

    private static func model(_ mode: Mode, _ work: @escaping @Sendable (ModelRequest) -> ScriptedModel.Reply) -> ScriptedModel {
        ScriptedModel { ["lead", "top"].contains($0.agent) ? mode.lead($0) : work($0) }
    }

    private static func bench(
        _ mode: Mode,
        on kind: StoreEngine = .sqlite,
        tools: [any Tool] = [],
        limits: String = "{}",
        folder: TemporaryFolder = TemporaryFolder(),
        arrange: @escaping (inout RunnableProject) -> Void = { _ in },
        model: ScriptedModel
    ) async throws -> EngineBench {
        let names = tools.map(\.definition.name).joined(separator: ", ")
        var agents = ["lead": "", "ann": "tools: [\(names)]", "ben": "tools: [\(names)]"]
        if mode == .nested { agents["top"] = "" }
        return try await TeamBench.make(
            on: kind,
            mode.files,
            default: "team:crew",
            agents: agents,
            tools: tools,
            limits: limits,
            folder: folder,
            arrange: arrange,
            model: model
        )
    }

    private static func runs(_ bench: EngineBench) async throws -> [Run] {
        try await RunStore(database: bench.database).list(owner: nil, status: nil, session: nil, before: nil, limit: 100)
    }

    /// Each run has one end, nothing of a run follows it, and the team's is the last.
    private static func endsInOrder(_ events: EventCollector, _ root: RunID, _ what: String) {
        let ends = events.events.filter { event in
            guard let data = try? event.data() else { return false }
            if case .complete = data { return true }
            if case .error(let error) = data { return !error.recoverable }
            return false
        }
        #expect(Set(ends.map(\.runID)).count == ends.count, "\(what): a run has two ends")
        #expect(ends.last?.runID == root && events.events.last?.runID == root, "\(what): the team's end is not the last")
        for end in ends {
            let last = events.events.last { $0.runID == end.runID && $0.type != EventType.usage.rawValue }
            #expect(last?.number == end.number, "\(what): something follows an end")
        }
        #expect(events.numbers == Array(1...Int64(events.numbers.count)))
    }

    // MARK: Success

    @Test(arguments: Mode.allCases, StoreEngine.all)
    func `it answers, with a run below it for each who worked, and the whole bill`(_ mode: Mode, _ kind: StoreEngine) async throws {
        let model = Self.model(mode) { .say("\($0.agent) did it") }
        let bench = try await Self.bench(mode, on: kind, model: model)
        let (accepted, events) = try await bench.send("Work.")
        await events.waitForEnd(of: accepted.runID)
        let root = try #require(try await bench.run(accepted.runID))
        #expect(root.status == .completed && root.target == "team:crew")
        for worker in mode.workers { #expect(root.output?.contains("\(worker) did it") == true, "\(root.output ?? "")") }
        let below = try await Self.runs(bench).filter { $0.id != root.id }
        #expect(below.count == mode.members)
        #expect(below.allSatisfy { $0.rootRunID == root.id && $0.status == .completed })
        #expect(below.count { $0.parentRunID == root.id } == (mode == .nested ? 1 : mode.members))
        #expect(root.usage.inputTokens == 10 * model.requests.count)
        #expect(try await bench.conversation(root.sessionID).map(\.role.rawValue) == ["user", "assistant"])
        Self.endsInOrder(events, root.id, mode.rawValue)
        let asked = model.requests.count
        for run in [root] + below {
            let report = try await bench.engine.replay(run, showsPrompts: false)
            #expect(report.differences.isEmpty, "\(run.agent): \(report.differences)")
        }
        #expect(model.requests.count == asked, "a replay asks nobody")
        await bench.stop()
    }

    // MARK: Failure

    @Test(arguments: Mode.allCases)
    func `a member that fails is told to whoever leads; in a graph, where nobody does, it is the team's failure`(_ mode: Mode) async throws
    {
        let model = Self.model(mode) { $0.agent == "ann" ? .fail(ModelError(.rejected, "No such model.")) : .say("ben did it") }
        let bench = try await Self.bench(mode, model: model)
        let (accepted, events) = try await bench.send("Work.")
        await events.waitForEnd(of: accepted.runID)
        let root = try #require(try await bench.run(accepted.runID))
        switch mode {
        case .coordinate, .collaborate, .route, .nested:
            #expect(root.status == .completed && root.output?.contains("No such model.") == true, "\(root.output ?? "")")
            if mode != .route { #expect(root.output?.contains("ben did it") == true) }
        case .graph:
            #expect(root.status == .failed && root.error?["code"] == "model_rejected", "\(root.error ?? .null)")
            #expect(root.error?["message"]?.string?.contains("No such model.") == true)
        }
        Self.endsInOrder(events, root.id, mode.rawValue)
        await bench.stop()
    }

    // MARK: Control

    @Test(arguments: Mode.allCases, StoreEngine.all)
    func `S3.55 a stop reaches all who work, and the team ends last`(_ mode: Mode, _ kind: StoreEngine) async throws {
        let model = Self.model(mode) { _ in .hang(after: "Well") }
        let bench = try await Self.bench(mode, on: kind, model: model)
        let (accepted, events) = try await bench.send("Work.")
        await events.wait { events, _ in Set(events.filter { $0.type == "content" }.compactMap(\.agent)).isSuperset(of: mode.workers) }
        #expect(try await bench.engine.stop(try #require(try await bench.run(accepted.runID))))
        await events.waitForEnd(of: accepted.runID)
        let cancelled = try await Self.runs(bench).filter { $0.status == .cancelled }
        #expect(Set(cancelled.compactMap(\.agent)).isSuperset(of: mode.workers) && cancelled.contains { $0.id == accepted.runID })
        Self.endsInOrder(events, accepted.runID, mode.rawValue)
        await bench.stop()
    }

    @Test(arguments: Mode.allCases, StoreEngine.all)
    func `a pause rests all who work, and a resumption lets them finish`(_ mode: Mode, _ kind: StoreEngine) async throws {
        let isSlow = Flag(true)
        let model = Self.model(mode) { isSlow.value ? .hang(after: "Well") : .say("\($0.agent) did it") }
        let bench = try await Self.bench(mode, on: kind, model: model)
        let (accepted, events) = try await bench.send("Work.")
        await events.wait { events, _ in Set(events.filter { $0.type == "content" }.compactMap(\.agent)).isSuperset(of: mode.workers) }
        #expect(try await bench.engine.pause(try #require(try await bench.run(accepted.runID))))
        await events.wait { _, isIdle in isIdle }
        let paused = try await Self.runs(bench).filter { $0.status == .paused }
        #expect(paused.count == mode.workers.count + mode.levels && paused.contains { $0.id == accepted.runID })
        isSlow.set(false)
        try await bench.engine.resume(try #require(try await bench.run(accepted.runID)))
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.status == .completed)
        Self.endsInOrder(events, accepted.runID, mode.rawValue)
        await bench.stop()
    }

    /// Nobody is asked anything: whoever looks at the team must not look for a question.
    @Test(arguments: Mode.allCases, StoreEngine.all)
    func `a member that is paused while its tool works leaves every team above it waiting, and goes on when it is told`(
        _ mode: Mode,
        _ kind: StoreEngine
    ) async throws {
        let gate = Gate()
        let tool = RecordingTool(Self.look) { _ in
            await gate.pass()
            return ToolAttempt(.success(["seen": true]))
        }
        let model = Self.model(mode) { request in
            if request.agent == "ben" || request.answersCalls { return .say("\(request.agent) did it") }
            return .call([("look", [:])])
        }
        let bench = try await Self.bench(mode, on: kind, tools: [tool], model: model)
        let (accepted, events) = try await bench.send("Work.")
        await tool.waitForCalls(1)
        let member = try #require(try await Self.runs(bench).first { $0.agent == "ann" })
        #expect(try await bench.engine.pause(member))
        gate.open()
        let resting: Set<String> = [RunStatus.waiting.rawValue, RunStatus.pendingApproval.rawValue]
        await events.wait { events, _ in
            events.contains { event in
                guard event.runID == accepted.runID, case .status(let status)? = try? event.data() else { return false }
                return resting.contains(status.status)
            }
        }
        let teams = try await Self.runs(bench).filter { !$0.status.isEnded && $0.id != member.id }
        #expect(teams.count == mode.levels && teams.allSatisfy { $0.status == .waiting }, "\(teams.map { ($0.agent, $0.status) })")
        #expect(try await bench.pendingApprovals().isEmpty)
        try await bench.resume(member.id)
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.status == .completed)
        #expect(tool.received.count == 1)
        Self.endsInOrder(events, accepted.runID, mode.rawValue)
        await bench.stop()
    }

    @Test(arguments: Mode.allCases, [true, false])
    func `S2.31 S2.46 a member's critical call asks a person, and leaves once or not at all`(_ mode: Mode, _ approves: Bool) async throws {
        let tool = RecordingTool(Self.critical)
        let model = Self.model(mode) { request in
            if request.agent == "ben" || request.answersCalls { return .say("\(request.agent) did it") }
            return .call([("pay", [:])])
        }
        let bench = try await Self.bench(mode, tools: [tool], model: model)
        let (accepted, events) = try await bench.send("Work.")
        await events.wait { events, isIdle in isIdle && events.contains { $0.type == "approval" } }
        #expect(try await bench.run(accepted.runID)?.status == .pendingApproval)
        let approval = try #require(try await bench.pendingApprovals().first)
        #expect(approval.agent == "ann" && approval.runID != accepted.runID && tool.received.isEmpty)
        _ = try await bench.engine.decide(approval, ApprovalDecision(approve: approves, by: "usr_test"))
        await events.waitForEnd(of: accepted.runID)
        #expect(tool.received.count == (approves ? 1 : 0))
        #expect(try await bench.run(accepted.runID)?.status == .completed)
        Self.endsInOrder(events, accepted.runID, mode.rawValue)
        await bench.stop()
    }

    // MARK: Limits and money

    @Test(arguments: Mode.allCases)
    func `model calls of members count against the limit of the team's run`(_ mode: Mode) async throws {
        let model = Self.model(mode) { .call([("look", ["at": .int($0.turns.count)])]) }
        let bench = try await Self.bench(mode, tools: [RecordingTool(Self.look)], limits: "{ model_calls: 7 }", model: model)
        let (accepted, events) = try await bench.send("Work.")
        await events.waitForEnd(of: accepted.runID)
        // The seventh may be cut before it leaves: of members at work at once, another one may be refused the eighth meanwhile.
        #expect((6...7).contains(model.requests.count))
        #expect(try await bench.run(accepted.runID)?.status == .failed)
        #expect(try await bench.run(accepted.runID)?.error?["code"] == "limit_model_calls")
        Self.endsInOrder(events, accepted.runID, mode.rawValue)
        await bench.stop()
    }

    @Test(arguments: Mode.allCases)
    func `tool calls of members count against the limit of the team's run`(_ mode: Mode) async throws {
        let tool = RecordingTool(Self.look)
        let model = Self.model(mode) { .call([("look", ["at": .int($0.turns.count)])]) }
        let bench = try await Self.bench(mode, tools: [tool], limits: "{ tool_calls: 6 }", model: model)
        let (accepted, events) = try await bench.send("Work.")
        await events.waitForEnd(of: accepted.runID)
        #expect(tool.received.count <= 6)
        #expect(try await bench.run(accepted.runID)?.error?["code"] == "limit_tool_calls")
        await bench.stop()
    }

    /// Five cents a call, at most ten.
    private static func cents(_ budget: Int64) -> @Sendable (inout RunnableProject) -> Void {
        { project in
            project.prices = ModelPrices(own: ["m": PriceHistory(ModelPrice(input: 0, output: 10_000))])
            project.budgets = Budgets(run: budget * 10_000_000)
        }
    }

    @Test(arguments: Mode.allCases, StoreEngine.all)
    func `S2.140 what members spend is the team's, and no call of any of them passes the team's budget`(
        _ mode: Mode,
        _ kind: StoreEngine
    ) async throws {
        let model = Self.model(mode) { .call([("look", ["at": .int($0.turns.count)])]) }
        let bench = try await Self.bench(mode, on: kind, tools: [RecordingTool(Self.look)], arrange: Self.cents(48), model: model)
        let (accepted, events) = try await bench.send("Work.")
        await events.waitForEnd(of: accepted.runID)
        let root = try #require(try await bench.run(accepted.runID))
        let spent = try #require(root.costNanoUSD)
        #expect(spent == Int64(model.requests.count) * 50_000_000, "the team's bill is that of all")
        #expect(spent <= 480_000_000 && spent >= 300_000_000, "\(spent)")
        #expect(root.status == .failed && root.error?["code"] == "budget_exceeded", "\(root.error ?? .null)")
        #expect(root.error?["message"]?.string?.contains("The budget run has no room") == true, "\(root.error ?? .null)")
        // What a team within it spent is that team's whole bill.
        let members = try await Self.runs(bench).filter { $0.parentRunID == root.id }.compactMap(\.costNanoUSD).reduce(0, +)
        #expect(members <= spent)
        Self.endsInOrder(events, root.id, mode.rawValue)
        await bench.stop()
    }

    // MARK: Crash

    @Test(arguments: Mode.allCases, StoreEngine.all)
    func `S3.11 after a crash every member goes on in its own run, and nobody begins anew`(_ mode: Mode, _ kind: StoreEngine) async throws {
        let folder = TemporaryFolder(), tool = RecordingTool(Self.look)
        let hanging = Self.model(mode) { $0.answersCalls ? .hang(after: "Well") : .call([("look", [:])]) }
        let bench = try await Self.bench(mode, on: kind, tools: [tool], folder: folder, model: hanging)
        let (accepted, before) = try await bench.send("Work.")
        await before.wait { events, _ in Set(events.filter { $0.type == "content" }.compactMap(\.agent)).isSuperset(of: mode.workers) }
        let known = Set(before.events.compactMap(\.runID)), last = before.events.count
        await bench.crash()
        let model = Self.model(mode) { .say("\($0.agent) did it") }
        let again = try await Self.bench(mode, on: kind, tools: [tool], folder: folder, model: model)
        let events = EventCollector()
        _ = try await again.log.subscribe(to: accepted.sessionID, after: 0, sink: events)
        await events.waitForEnd(of: accepted.runID)
        let root = try #require(try await again.run(accepted.runID))
        #expect(root.status == .completed)
        for worker in mode.workers { #expect(root.output?.contains("\(worker) did it") == true) }
        #expect(tool.received.count == mode.workers.count, "no call was made twice")
        #expect(events.events.count > last)
        #expect(try await Self.runs(again).count == mode.members + 1)
        #expect(Set(try await Self.runs(again).map(\.id)).isSuperset(of: known))
        Self.endsInOrder(events, root.id, mode.rawValue)
        await again.stop()
    }
}

extension ModelTurn {
    /// What stands in it, for looking.
    fileprivate var words: String {
        switch self {
        case .user(let text), .shown(let text, _): text
        case .assistant(let text, _): text
        case .tool(_, _, let envelope): String(decoding: envelope, as: UTF8.self)
        }
    }
}
