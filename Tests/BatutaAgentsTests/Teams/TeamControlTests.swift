import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage
import BatutaTesting
import BatutaTools
import Testing

/// Stops, pauses, crashes and restores that meet a team while several of its runs and calls are under way.
@Suite(.timeLimit(.minutes(5))) struct TeamControlTests {
    private static let write = ToolDefinition(name: "note", description: "Writes.", effect: .write)
    private static let pay = ToolDefinition(name: "pay", description: "Pays.", effect: .critical)
    private static let agents = ["manager": "tools: [note, pay]", "creator": "tools: [note, pay]", "analyzer": ""]
    private static let team = ["teams/ads.yaml": "mode: coordinate\nleader: manager\nmembers: [creator, analyzer]\n"]

    private static func delegate(_ member: String) -> (String, JSON) { ("delegate", ["member": .string(member), "task": "work"]) }

    private static func make(
        on kind: StoreEngine = .sqlite,
        _ files: [String: String] = team,
        tools: [RecordingTool],
        limits: String = "{}",
        folder: TemporaryFolder = TemporaryFolder(),
        policies: PolicyGate? = nil,
        _ rule: @escaping @Sendable (ModelRequest) -> ScriptedModel.Reply
    ) async throws -> EngineBench {
        try await TeamBench.make(
            on: kind,
            files,
            default: "team:ads",
            agents: agents,
            tools: tools,
            limits: limits,
            folder: folder,
            arrange: { if let policies { $0.policies = policies } },
            model: ScriptedModel(rule: rule)
        )
    }

    /// Lets every call of a tool through, and has been asked.
    private static func allowing(_ tool: RecordingTool) throws -> PolicyGate {
        try PolicyGate([PolicyDefinition(name: "all", tool: tool.definition.name)], tools: ToolCatalog([tool]))
    }

    private static func members(of bench: EngineBench) async throws -> [Run] {
        try await RunStore(database: bench.database).list(owner: nil, status: nil, session: nil, before: nil, limit: 20)
            .filter { $0.parentRunID != nil }
    }

    // MARK: Stop

    @Test(arguments: StoreEngine.all) func `a stop reaches a member that began beside a call which a policy looked at`(
        _ kind: StoreEngine
    ) async throws {
        let pay = RecordingTool(Self.pay), note = RecordingTool(Self.write)
        let model: @Sendable (ModelRequest) -> ScriptedModel.Reply = { request in
            request.agent == "manager" ? .call([Self.delegate("creator"), ("pay", [:])]) : .hang(after: "Well")
        }
        let bench = try await Self.make(on: kind, tools: [pay, note], policies: Self.allowing(pay), model)
        let (accepted, events) = try await bench.send("go")
        await events.wait { events, _ in events.contains { $0.type == "content" } }
        await pay.waitForCalls(1)
        #expect(try await bench.engine.stop(try #require(try await bench.run(accepted.runID))))
        await events.waitForEnd(of: accepted.runID)
        #expect(try await Self.members(of: bench).map(\.status) == [.cancelled])
        await bench.stop()
    }

    @Test func `a graph that fails asks nobody about the critical call that it cut itself`() async throws {
        let graph = """
            mode: graph
            start: first
            nodes: { first: { agent: manager }, slow: { tool: pay }, bad: { agent: creator } }
            edges: [{ from: first, to: [slow, bad] }, { from: slow, to: end }, { from: bad, to: end }]
            """
        let pay = RecordingTool(Self.pay) { _ in
            try? await Task.sleep(for: .seconds(3_600))
            return ToolAttempt(.failure("cut", code: "cancelled", uncertain: true), failure: .cancelled)
        }
        let gate = Gate(), policies = try Self.allowing(pay)
        let model = ScriptedModel { $0.agent == "creator" ? .fail(ModelError(.rejected, "No.")) : .say("go") }
        let bench = try await TeamBench.make(
            ["teams/ads.yaml": graph],
            default: "team:ads",
            agents: Self.agents,
            tools: [pay, RecordingTool(Self.write)],
            arrange: { $0.policies = policies },
            model: HeldModel(model, agent: "creator", gate)
        )
        let (accepted, events) = try await bench.send("go")
        await pay.waitForCalls(1)
        gate.open()
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.error?["code"] == "model_rejected")
        #expect(!events.types.contains("approval"))
        let results = events.data(of: .toolResult).filter { $0["tool"] == "pay" }
        #expect(results.count == 1 && results.first?["uncertain"] == true)
        await bench.stop()
    }

    // MARK: Pause

    private static func workThenSay(_ request: ModelRequest) -> ScriptedModel.Reply {
        if request.answersCalls { return .say("\(request.agent) is done") }
        return .call(request.agent == "manager" ? [delegate("creator")] : [("note", [:])])
    }

    /// A member whose tool holds until the gate opens.
    private static func atWork(on kind: StoreEngine) async throws -> (EngineBench, Gate, Acceptance, EventCollector, RecordingTool) {
        let gate = Gate()
        let note = RecordingTool(write) { _ in
            await gate.pass()
            return ToolAttempt(.success(["written": true]))
        }
        let bench = try await make(on: kind, tools: [note, RecordingTool(pay)], workThenSay)
        let (accepted, events) = try await bench.send("go")
        await note.waitForCalls(1)
        return (bench, gate, accepted, events, note)
    }

    @Test(arguments: StoreEngine.all)
    func `a team that goes on before its member's call came back from the pause comes to its end`(_ kind: StoreEngine) async throws {
        let (bench, gate, accepted, events, note) = try await Self.atWork(on: kind)
        #expect(try await bench.pause(accepted.runID))
        try await bench.resume(accepted.runID)
        gate.open()
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.output == "manager is done" && note.received.count == 1)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all)
    func `a member that is paused and resumed by itself while its call is under way lets the team come to its end`(_ kind: StoreEngine)
        async throws
    {
        let (bench, gate, accepted, events, note) = try await Self.atWork(on: kind)
        let member = try #require(try await Self.members(of: bench).first)
        #expect(try await bench.pause(member.id))
        try await bench.resume(member.id)
        gate.open()
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.output == "manager is done" && note.received.count == 1)
        await bench.stop()
    }

    // MARK: Crash

    /// A team that waits because its member asks a person about `pay`; other messages hang.
    private static func asking(in folder: TemporaryFolder, hangs: Bool) async throws -> EngineBench {
        try await make(tools: [RecordingTool(pay), RecordingTool(write)], folder: folder) { request in
            if request.turns.contains(.user("hold")) { return hangs ? .hang() : .say("held") }
            if request.answersCalls { return .say("\(request.agent): \(request.lastTurn)") }
            return .call(request.agent == "manager" ? [delegate("creator")] : [("pay", [:])])
        }
    }

    @Test func `a member that was ended while its team slept is heard of after a crash`() async throws {
        let folder = TemporaryFolder()
        let bench = try await Self.asking(in: folder, hangs: true)
        let (accepted, events) = try await bench.send("go")
        await events.wait { events, isIdle in isIdle && events.contains { $0.type == "approval" } }
        // Another run has the turn, so that the team cannot go on yet.
        let other = try await bench.send("hold", in: accepted.sessionID)
        await events.wait { events, _ in events.contains { $0.runID == other.runID && $0.type == "step" } }
        #expect(try await bench.engine.stop(try #require(try await Self.members(of: bench).first)))
        await bench.crash()
        let again = try await Self.asking(in: folder, hangs: false)
        let seen = EventCollector()
        _ = try await again.log.subscribe(to: accepted.sessionID, after: 0, sink: seen)
        await seen.waitForEnd(of: accepted.runID)
        #expect(try await again.run(accepted.runID)?.output?.contains("stopped") == true)
        await again.stop()
    }

    @Test func `a restored store keeps no member of a team that it ends`() async throws {
        let folder = TemporaryFolder()
        let bench = try await Self.make(tools: [RecordingTool(Self.pay), RecordingTool(Self.write)], folder: folder) { request in
            switch request.agent {
            case "manager": .call([Self.delegate("creator"), Self.delegate("analyzer")])
            case "creator": .call([("pay", [:])])
            default: .hang(after: "Well")
            }
        }
        let (_, events) = try await bench.send("go")
        await events.wait { events, _ in events.contains { $0.type == "approval" } && events.contains { $0.type == "content" } }
        await bench.crash()
        let database = try await StoreEngine.sqlite.open(in: folder)
        let report = try await RestoredRuns(in: database, clock: bench.clock, secrets: []).settle(backupOf: RestoredRunsTests.moment)
        #expect(report.ended == 3 && report.awaitingHuman == 0)
        #expect(try await RunStore(database: database).unfinished().isEmpty)
        await database.close()
    }

    // MARK: Limits

    @Test func `a leader that waited for a person has not forgotten what its members took`() async throws {
        let pay = RecordingTool(Self.pay)
        let asked = Counter()
        let bench = try await Self.make(tools: [pay, RecordingTool(Self.write)], limits: "{ model_calls: 6 }") { request in
            guard request.agent == "manager" else { return .say("again") }
            // The third answer of the leader makes it wait.
            return asked.next() == 2 ? .call([("pay", [:])]) : .call([Self.delegate("analyzer")])
        }
        let (accepted, events) = try await bench.send("go")
        await events.wait { events, isIdle in isIdle && events.contains { $0.type == "approval" } }
        let approval = try #require(try await bench.pendingApprovals().first)
        _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "usr_test"))
        await events.waitForEnd(of: accepted.runID)
        let run = try #require(try await bench.run(accepted.runID))
        #expect(run.error?["code"] == "limit_model_calls")
        let requests = try events.events.count { event in
            guard case .step(let step) = try event.data(), case .modelRequest = step.kind else { return false }
            return true
        }
        #expect(requests == 6)
        await bench.stop()
    }
}

/// A model that holds the answers of one agent until a gate opens.
private struct HeldModel: ModelProvider {
    let model: ScriptedModel
    let agent: String
    let gate: Gate

    init(_ model: ScriptedModel, agent: String, _ gate: Gate) {
        (self.model, self.agent, self.gate) = (model, agent, gate)
    }

    func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
        if request.agent == agent { await gate.pass() }
        return try await model.answer(request, onDelta: onDelta)
    }
}
