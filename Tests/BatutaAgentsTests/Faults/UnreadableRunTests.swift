import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

/// What no waiting cures, and a store that is away just when a node starts: runs end with a reason or go on, and nobody waits for ever.
@Suite(.timeLimit(.minutes(5))) struct UnreadableRunTests {
    /// Makes an event of a run unreadable: the last one, so that the beginning still says what the run had begun.
    private static func spoil(_ run: RunID, in database: any Database) async throws {
        var batch = WriteBatch(order: "test")
        batch.add(spoiling, [.blob(Array("spoilt".utf8)), .text(run.rawValue)])
        _ = try await database.write(batch)
    }

    private static let spoiling = PreparedSQL(
        """
        UPDATE events SET payload = ? WHERE serial = (
            SELECT MAX(serial) FROM events WHERE run_id = ? AND type NOT IN ('content', 'reasoning'))
        """
    )

    private static func follow(_ session: SessionID, on bench: EngineBench) async throws -> EventCollector {
        let events = EventCollector()
        _ = try await bench.log.subscribe(to: session, after: 0, sink: events)
        return events
    }

    private static func end(of run: RunID, _ events: EventCollector) async throws {
        try await Deadline.wait(for: "the end of \(run)") { await events.waitForEnd(of: run) }
    }

    @Test(arguments: StoreEngine.all) func `a start ends a run whose log cannot be read, names it, and goes on with all others`(
        _ kind: StoreEngine
    ) async throws {
        let folder = TemporaryFolder()
        let first = try await EngineBench(on: kind, model: ScriptedModel { _ in .hang(after: "well ") }, folder: folder)
        let (spoilt, one) = try await first.send("a")
        let (whole, two) = try await first.send("b")
        for events in [one, two] { await events.wait(for: .content) }
        try await Self.spoil(spoilt.runID, in: first.database)
        await first.crash()
        let bench = try await EngineBench(on: kind, model: ScriptedModel { _ in .say("fine") }, folder: folder, clock: first.clock)
        try await Self.end(of: whole.runID, try await Self.follow(whole.sessionID, on: bench))
        #expect(try await bench.run(whole.runID)?.output == "fine")
        try await Self.end(of: spoilt.runID, try await Self.follow(spoilt.sessionID, on: bench))
        let run = try #require(try await bench.run(spoilt.runID))
        #expect(run.status == .failed && run.error?["code"] == "internal")
        #expect(run.error?["message"]?.string?.contains("of \(spoilt.sessionID) cannot be read") == true)
        let next = try await bench.send("and now?", in: spoilt.sessionID)
        try await Self.end(of: next.runID, try await Self.follow(spoilt.sessionID, on: bench))
        #expect(try await bench.run(next.runID)?.output == "fine")
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `a run that becomes unreadable while it waits ends with a reason, and the next message runs`(
        _ kind: StoreEngine
    ) async throws {
        let tool = RecordingTool(ToolDefinition(name: "pay", description: "Pays.", effect: .critical))
        let bench = try await EngineBench(on: kind, model: ScriptedModel([.call([("pay", [:])]), .say("fine")]), tools: [tool])
        let (accepted, events) = try await bench.send("pay")
        await events.wait { events, isIdle in isIdle && events.contains { $0.type == "approval" } }
        let approval = try #require(try await bench.pendingApprovals().first)
        try await Self.spoil(accepted.runID, in: bench.database)
        // Whoever decides may be told that it is too late: the run has ended.
        _ = try? await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "usr_test"))
        try await Self.end(of: accepted.runID, events)
        #expect(try await bench.run(accepted.runID)?.error?["code"] == "internal" && tool.received.isEmpty)
        #expect(try await bench.pendingApprovals().isEmpty)
        let page = try await bench.log.pages.read(accepted.sessionID, after: 0, limit: 100)
        #expect(page.allSatisfy { (try? JSON.parse($0.envelope(language: "en"))) != nil }, "readers get JSON, whatever the store has lost")
        let next = try await bench.send("and now?", in: accepted.sessionID)
        try await Self.end(of: next.runID, events)
        #expect(try await bench.run(next.runID)?.output == "fine")
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `a start that cannot look at the runs says so, and goes on with them when it can`(
        _ kind: StoreEngine
    ) async throws {
        let folder = TemporaryFolder()
        let first = try await EngineBench(on: kind, model: ScriptedModel { _ in .hang(after: "well ") }, folder: folder)
        let (accepted, events) = try await first.send("a")
        await events.wait(for: .content)
        await first.crash()
        let isAway = Flag(true)
        let bench = try await EngineBench(
            on: kind,
            model: ScriptedModel { _ in .say("fine") },
            folder: folder,
            clock: first.clock,
            store: { store in
                DisturbedReads(store) { statements in
                    if isAway.value, statements.contains("ended_at IS NULL") { throw StorageError(.unavailable, "away") }
                }
            }
        )
        try await Deadline.look(for: "trouble") { bench.engine.trouble != nil }
        #expect(bench.engine.trouble?.english.contains("cannot be looked at") == true)
        isAway.set(false)
        try await Self.end(of: accepted.runID, try await Self.follow(accepted.sessionID, on: bench))
        #expect(try await bench.run(accepted.runID)?.output == "fine" && bench.engine.trouble == nil)
        await bench.stop()
    }
}
