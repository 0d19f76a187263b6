import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Synchronization
import Testing

/// Several nodes on one store (API §5, Many nodes).
@Suite(.timeLimit(.minutes(5))) struct NodesTests {
    /// A lease that ends soon after its node fell silent.
    private static let short = SessionLeases.Terms(life: .milliseconds(600), heartbeat: .milliseconds(200))
    private static let onlyTakesIn = EngineConfiguration(performsRuns: false)

    private func node(
        in folder: TemporaryFolder,
        _ model: ScriptedModel,
        tools: [any Tool] = [],
        configuration: EngineConfiguration = EngineConfiguration(),
        terms: SessionLeases.Terms = SessionLeases.Terms(),
        bell: StoreBell
    ) async throws -> EngineBench {
        try await EngineBench(
            on: .postgres,
            model: model,
            tools: tools,
            folder: folder,
            configuration: configuration,
            sharing: terms,
            bell: bell
        )
    }

    private func isGapless(_ events: EventCollector) -> Bool { events.numbers == Array(1...Int64(events.numbers.count)) }

    private func follow(_ session: SessionID, on bench: EngineBench, after: Int64 = 0) async throws -> EventCollector {
        let collector = EventCollector()
        _ = try await bench.log.subscribe(to: session, after: after, sink: collector)
        return collector
    }

    @Test(arguments: StoreBell.all)
    func `S3.6 a message taken in on one node is performed by another, and every node streams the same events`(
        _ bell: StoreBell
    ) async throws {
        let folder = TemporaryFolder()
        let door = try await node(in: folder, ScriptedModel([]), configuration: Self.onlyTakesIn, bell: bell)
        let worker = try await node(in: folder, ScriptedModel([.speak("one two three")]), bell: bell)
        let (accepted, here) = try await door.send("count")
        let there = try await follow(accepted.sessionID, on: worker)
        try await end(of: accepted.runID, here, on: door)
        try await end(of: accepted.runID, there, on: worker)
        #expect(isGapless(here))
        #expect(here.types == there.types && here.numbers == there.numbers)
        #expect(try await door.run(accepted.runID)?.output == "one two three ")
        await here.wait { _, isIdle in isIdle }
        for bench in [door, worker] { await bench.stop() }
    }

    @Test(arguments: StoreBell.all)
    func `S3.5 a run whose node is gone goes on with another when the lease is over, with no event lost or told twice`(_ bell: StoreBell)
        async throws
    {
        let folder = TemporaryFolder()
        // A machine that stands still may take the lease of either; then it asks again.
        let first = try await node(in: folder, ScriptedModel { _ in .hang(after: "half an ") }, terms: Self.short, bell: bell)
        let second = try await node(in: folder, ScriptedModel { _ in .say("a whole answer") }, terms: Self.short, bell: bell)
        let (accepted, _) = try await first.send("hi")
        let events = try await follow(accepted.sessionID, on: second)
        await events.wait(for: .content)
        await first.crash()
        try await end(of: accepted.runID, events, on: second)
        #expect(isGapless(events))
        #expect(try await second.run(accepted.runID)?.output == "a whole answer")
        await second.stop()
    }

    @Test(arguments: StoreBell.all) func `a node that lost its lease while it slept writes nothing more, and its tools stay still`(
        _ bell: StoreBell
    ) async throws {
        let folder = TemporaryFolder()
        let pay = RecordingTool(ToolDefinition(name: "pay", description: "Pays.", effect: .write))
        // It answers when its lease is long over, and nobody renews it.
        let gate = Gate()
        let sleeper = ScriptedModel(rule: { _ in .call([("pay", [:])]) })
        let slow = GatedModel(sleeper, gate)
        let asleep = SessionLeases.Terms(life: .milliseconds(300), heartbeat: .seconds(3_600), looking: .seconds(3_600))
        let first = try await EngineBench(on: .postgres, model: slow, tools: [pay], folder: folder, sharing: asleep, bell: bell)
        let (accepted, _) = try await first.send("hi")
        await sleeper.waitForRequests(1)
        let second = try await node(in: folder, ScriptedModel([.say("done elsewhere")]), tools: [pay], terms: Self.short, bell: bell)
        let events = try await follow(accepted.sessionID, on: second)
        try await end(of: accepted.runID, events, on: second)
        let last = try await second.log.lastEvent(of: accepted.sessionID)
        gate.open()
        await first.engine.waitUntilRest(of: accepted.runID)
        #expect(try await second.log.lastEvent(of: accepted.sessionID) == last)
        #expect(pay.received.isEmpty)
        #expect(isGapless(events))
        for bench in [first, second] { await bench.stop() }
    }

    @Test(arguments: StoreBell.all) func `a stop reaches the run on whichever node it is, and nothing follows its end`(_ bell: StoreBell)
        async throws
    {
        let folder = TemporaryFolder()
        let door = try await node(in: folder, ScriptedModel([]), configuration: Self.onlyTakesIn, bell: bell)
        let worker = try await node(in: folder, ScriptedModel([.hang(after: "thinking ")]), bell: bell)
        let (accepted, events) = try await door.send("hi")
        await events.wait(for: .content)
        let run = try #require(try await door.run(accepted.runID))
        #expect(try await door.engine.stop(run))
        #expect(try await door.run(accepted.runID)?.status == .cancelled)
        try await end(of: accepted.runID, events, on: door)
        #expect(events.types.last == "complete" && isGapless(events))
        for bench in [door, worker] { await bench.stop() }
    }

    @Test(arguments: StoreBell.all) func `a stop or a pause answers when a run that waits on another node has come to it`(_ bell: StoreBell)
        async throws
    {
        let folder = TemporaryFolder()
        let pay = RecordingTool(ToolDefinition(name: "pay", description: "Pays.", effect: .critical))
        let rule: @Sendable (ModelRequest) -> ScriptedModel.Reply = { _ in .call([("pay", [:])]) }
        let door = try await node(in: folder, ScriptedModel([]), tools: [pay], configuration: Self.onlyTakesIn, bell: bell)
        let worker = try await node(in: folder, ScriptedModel(rule: rule), tools: [pay], bell: bell)
        let (accepted, events) = try await door.send("pay it")
        await events.wait(for: .approval)
        func run() async throws -> Run { try #require(try await door.run(accepted.runID)) }
        #expect(try await door.engine.pause(try await run()))
        #expect(try await run().status == .paused)
        #expect(try await door.engine.stop(try await run()))
        #expect(try await run().status == .cancelled)
        #expect(try await door.pendingApprovals().isEmpty)
        try await end(of: accepted.runID, events, on: door)
        for bench in [door, worker] { await bench.stop() }
    }

    @Test(arguments: StoreBell.all) func `a run that waits for its turn on another node is stopped alone`(_ bell: StoreBell) async throws {
        let folder = TemporaryFolder()
        let model = ScriptedModel([.hang(after: "thinking ")])
        let door = try await node(in: folder, ScriptedModel([]), configuration: Self.onlyTakesIn, bell: bell)
        let worker = try await node(in: folder, model, bell: bell)
        let (first, events) = try await door.send("hi")
        let second = try await door.send("and", in: first.sessionID)
        try await Deadline.wait(for: "a question") { await model.waitForRequests(1) }
        #expect(try await door.engine.stop(try #require(try await door.run(second.runID))))
        #expect(try await door.run(second.runID)?.status == .cancelled)
        #expect(try await door.run(first.runID)?.status == .running)
        #expect(try await door.engine.stop(try #require(try await door.run(first.runID))))
        for run in [first, second] { try await end(of: run.runID, events, on: door) }
        #expect(model.requests.count == 1 && isGapless(events))
        for bench in [door, worker] { await bench.stop() }
    }

    @Test(arguments: StoreBell.all) func `a decision after all nodes were restarted lets the run go on`(_ bell: StoreBell) async throws {
        let folder = TemporaryFolder()
        let pay = RecordingTool(ToolDefinition(name: "pay", description: "Pays.", effect: .critical))
        let rule: @Sendable (ModelRequest) -> ScriptedModel.Reply = { request in
            if case .tool = request.turns.last { return .say("paid") }
            guard case .user(let text) = request.turns.last, text == "pay" else { return .say("answer") }
            return .call([("pay", [:])])
        }
        func pair() async throws -> (EngineBench, EngineBench) {
            (
                try await node(in: folder, ScriptedModel([]), tools: [pay], configuration: Self.onlyTakesIn, bell: bell),
                try await node(in: folder, ScriptedModel(rule: rule), tools: [pay], bell: bell)
            )
        }
        var (door, worker) = try await pair()
        let (one, early) = try await door.send("one")
        try await end(of: one.runID, early, on: door)
        let asked = try await door.send("pay", in: one.sessionID)
        try await Deadline.wait(for: "a question") { await early.wait(for: .approval) }
        let other = try await door.send("other", in: one.sessionID)
        try await end(of: other.runID, early, on: door)
        for bench in [door, worker] { await bench.stop() }
        (door, worker) = try await pair()
        let events = try await follow(one.sessionID, on: door)
        _ = try await door.engine.decide(
            try #require(try await door.pendingApprovals().first),
            ApprovalDecision(approve: true, by: "usr_test")
        )
        try await end(of: asked.runID, events, on: door)
        #expect(pay.received.count == 1 && isGapless(events))
        for bench in [door, worker] { await bench.stop() }
    }

    @Test(arguments: StoreBell.all) func `a decision made on one node lets the run go on, and it is carried out once`(_ bell: StoreBell)
        async throws
    {
        let folder = TemporaryFolder()
        let pay = RecordingTool(ToolDefinition(name: "pay", description: "Pays.", effect: .critical))
        let rule: @Sendable (ModelRequest) -> ScriptedModel.Reply = { request in
            request.turns.count == 1 ? .call([("pay", [:])]) : .say("paid")
        }
        let first = try await node(in: folder, ScriptedModel(rule: rule), tools: [pay], bell: bell)
        let second = try await node(in: folder, ScriptedModel(rule: rule), tools: [pay], bell: bell)
        let (accepted, events) = try await first.send("pay it")
        await events.wait(for: .approval)
        let approval = try #require(try await second.pendingApprovals().first)
        let decision = ApprovalDecision(approve: true, by: "usr_test")
        async let here = first.engine.decide(approval, decision)
        async let there = second.engine.decide(approval, decision)
        _ = try await (here, there)
        try await end(of: accepted.runID, events, on: second)
        #expect(pay.received.count == 1)
        #expect(isGapless(events))
        for bench in [first, second] { await bench.stop() }
    }

    @Test(arguments: StoreBell.all) func `messages to one session from several nodes at once take turns, and none is lost`(
        _ bell: StoreBell
    ) async throws {
        let folder = TemporaryFolder()
        let rule: @Sendable (ModelRequest) -> ScriptedModel.Reply = { _ in .say("ok") }
        let first = try await node(in: folder, ScriptedModel(rule: rule), bell: bell)
        let second = try await node(in: folder, ScriptedModel(rule: rule), bell: bell)
        let (opening, events) = try await first.send("begin")
        let session = opening.sessionID
        let accepted = try await withThrowingTaskGroup(of: Acceptance.self) { group in
            for index in 0..<20 { group.addTask { try await (index.isMultiple(of: 2) ? first : second).send("\(index)", in: session) } }
            return try await group.reduce(into: [opening]) { $0.append($1) }
        }
        for one in accepted { try await end(of: one.runID, events, on: first) }
        #expect(isGapless(events))
        #expect(Self.mostAtOnce(events) == 1)
        for bench in [first, second] { await bench.stop() }
    }

    @Test(arguments: StoreBell.all) func `a node that leaves hands its sessions to the others`(_ bell: StoreBell) async throws {
        let folder = TemporaryFolder()
        let first = try await node(in: folder, ScriptedModel([.hang(after: "thinking ")]), bell: bell)
        let second = try await node(in: folder, ScriptedModel([.say("finished elsewhere")]), bell: bell)
        let (accepted, _) = try await first.send("hi")
        let events = try await follow(accepted.sessionID, on: second)
        await events.wait(for: .content)
        await first.stop()
        try await end(of: accepted.runID, events, on: second)
        #expect(try await second.run(accepted.runID)?.output == "finished elsewhere")
        #expect(isGapless(events))
        await second.stop()
    }

    @Test(arguments: StoreBell.all) func `the stream of all sessions misses nothing and tells nothing twice while several nodes write`(
        _ bell: StoreBell
    ) async throws {
        let folder = TemporaryFolder()
        let rule: @Sendable (ModelRequest) -> ScriptedModel.Reply = { _ in .speak("one two three four") }
        let first = try await node(in: folder, ScriptedModel(rule: rule), bell: bell)
        let second = try await node(in: folder, ScriptedModel(rule: rule), bell: bell)
        let (early, late) = (TailedNames(), TailedNames())
        try await first.log.tail.reader(after: .start, TailFilter(), to: early).begin()
        let runs = try await withThrowingTaskGroup(of: (Acceptance, EventCollector).self) { group in
            for index in 0..<24 { group.addTask { try await (index.isMultiple(of: 2) ? first : second).send("\(index)") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        try await second.log.tail.reader(after: .start, TailFilter(), to: late).begin()
        for (accepted, events) in runs { try await end(of: accepted.runID, events, on: first) }
        let all = try await first.database.read { connection in
            try connection.first("SELECT SUM(last_event) FROM sessions") { Int($0.int(0)) } ?? 0
        }
        for reader in [early, late] {
            await reader.wait(for: all)
            #expect(Set(reader.names).count == all && reader.names.count == all)
        }
        for bench in [first, second] { await bench.stop() }
    }

    @Test func `without a bell a run is found and streamed all the same`() async throws {
        let folder = TemporaryFolder()
        // Leases on SQLite have no bell; one process with two engines stands for what a pooler of transactions leaves.
        let door = try await EngineBench(
            model: ScriptedModel([]),
            folder: folder,
            configuration: Self.onlyTakesIn,
            sharing: SessionLeases.Terms()
        )
        let worker = try await EngineBench(model: ScriptedModel([.say("found")]), folder: folder, sharing: SessionLeases.Terms())
        let (accepted, events) = try await door.send("hi")
        try await end(of: accepted.runID, events, on: door)
        #expect(try await door.run(accepted.runID)?.output == "found")
        #expect(isGapless(events))
        for bench in [door, worker] { await bench.stop() }
    }

    /// Who listens to all sessions and remembers what came, by session and number.
    private final class TailedNames: TailSink {
        private struct State {
            var names: [String] = []
            var waiter: (count: Int, waiter: Waiter)?
        }

        private let state = Mutex(State())

        var names: [String] { state.withLock { $0.names } }

        func deliver(_ events: [TailedEvent]) -> Bool {
            let ready = state.withLock { state in
                state.names += events.map { "\($0.event.sessionID) \($0.event.number)" }
                guard let waiter = state.waiter, state.names.count >= waiter.count else { return nil as Waiter? }
                state.waiter = nil
                return waiter.waiter
            }
            ready?.resume()
            return true
        }

        func room() async throws {}

        func wait(for count: Int) async {
            await Waiter.wait { waiter in
                let isThere = state.withLock { state in
                    if state.names.count >= count { return true }
                    state.waiter = (count, waiter)
                    return false
                }
                if isThere { waiter.resume() }
            }
        }
    }

    /// How many runs held the session's turn at the same time.
    private static func mostAtOnce(_ events: EventCollector) -> Int {
        var running: Set<RunID> = []
        var most = 0
        for event in events.events {
            guard let run = event.runID, let data = try? event.data() else { continue }
            switch data {
            case .status(let status) where status.status == RunStatus.running.rawValue: running.insert(run)
            case .complete, .error: running.remove(run)
            default: break
            }
            most = max(most, running.count)
        }
        return most
    }

    /// Waits for the end of a run, and says how things stand when it does not come.
    private func end(of run: RunID, _ events: EventCollector, on bench: EngineBench) async throws {
        let isThere = Gate()
        let waiting = Task {
            await events.waitForEnd(of: run)
            isThere.open()
        }
        let alarm = Task {
            try await Task.sleep(for: Deadline.patience)
            let row = try await bench.run(run)
            let session = try await bench.database.read { connection in
                try connection.rows("SELECT id, last_event, fence, COALESCE(lease_owner, '-'), COALESCE(wanted, 0) FROM sessions") {
                    "\($0.text(0)) \($0.int(1)) \($0.int(2)) \($0.text(3)) \($0.int(4))"
                }
            }
            Issue.record("no end: \(row?.status.rawValue ?? "-"), \(session), heard \(events.numbers), \(bench.engine.activeRuns) active")
            isThere.open()
        }
        await isThere.pass()
        waiting.cancel()
        alarm.cancel()
    }
}
