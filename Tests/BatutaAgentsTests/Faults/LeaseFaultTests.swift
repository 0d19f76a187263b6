import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

/// A node that loses sessions and gets them back, and one whose store is slow while it takes sessions over.
@Suite(.timeLimit(.minutes(5))) struct LeaseFaultTests {
    private static let short = SessionLeases.Terms(life: .seconds(30), heartbeat: .milliseconds(50), looking: .milliseconds(50))

    private static func write(_ sql: SQL, to database: any Database) async throws {
        var batch = WriteBatch(order: "test")
        batch.add(sql)
        _ = try await database.write(batch)
    }

    /// Another node takes the session, and a while later wants no more of it.
    private static func lose(_ session: SessionID, on bench: EngineBench) async throws {
        try await write(
            "UPDATE sessions SET fence = fence + 1, lease_owner = 'other' WHERE id = \(session.rawValue)",
            to: bench.database
        )
        try await Deadline.look(for: "loss of the session") { bench.log.sharing?.leases.holds(session) == false }
    }

    private static func free(_ session: SessionID, on bench: EngineBench) async throws {
        try await write(
            "UPDATE sessions SET lease_owner = NULL, lease_until = NULL, wanted = 1 WHERE id = \(session.rawValue)",
            to: bench.database
        )
    }

    @Test(arguments: StoreEngine.all)
    func `a node that loses a session and gets it back goes on with its run when what the old driver waited for has come`(
        _ kind: StoreEngine
    ) async throws {
        let gate = Gate()
        // It heeds no cancellation.
        let slow = RecordingTool(ToolDefinition(name: "slow", description: "Takes its time.", effect: .read)) { _ in
            await gate.pass()
            return ToolAttempt(.success(["ok": true]))
        }
        let model = ScriptedModel { request in request.turns.count > 1 ? .say("done") : .call([("slow", [:])]) }
        let bench = try await EngineBench(on: kind, model: model, tools: [slow], sharing: Self.short)
        let (accepted, events) = try await bench.send("go")
        await slow.waitForCalls(1)
        try await Self.lose(accepted.sessionID, on: bench)
        try await Self.free(accepted.sessionID, on: bench)
        try await Deadline.look(for: "return of the session") { bench.log.sharing?.leases.holds(accepted.sessionID) == true }
        gate.open()
        try await Deadline.wait(for: "the end") { await events.waitForEnd(of: accepted.runID) }
        #expect(try await bench.run(accepted.runID)?.output == "done")
        // What the old driver learnt is not written under the new lease: the read is made again.
        #expect(slow.received.count == 2)
        #expect(events.numbers == Array(1...Int64(events.numbers.count)))
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `leases are renewed while sessions are taken over slowly`(_ kind: StoreEngine)
        async throws
    {
        let gate = Gate(), isSlow = Flag(false), isHeld = Flag(false)
        let bench = try await EngineBench(
            on: kind,
            model: ScriptedModel { _ in .hang(after: "well ") },
            store: { store in
                DisturbedReads(store) { statements in
                    guard isSlow.value, statements.contains("ended_at IS NULL") else { return }
                    isHeld.set(true)
                    await gate.pass()
                }
            },
            sharing: Self.short
        )
        let (kept, events) = try await bench.send("a")
        let (other, others) = try await bench.send("b")
        for events in [events, others] { await events.wait(for: .content) }
        isSlow.set(true)
        try await Self.lose(other.sessionID, on: bench)
        try await Self.free(other.sessionID, on: bench)
        try await Deadline.look(for: "look into the session") { isHeld.value }
        @Sendable func until() async throws -> Int64 {
            let id = kept.sessionID.rawValue
            return try await bench.database.read { try $0.first("SELECT lease_until FROM sessions WHERE id = \(id)") { $0.int(0) } } ?? 0
        }
        let before = try await until()
        try await Deadline.look(for: "renewal") { try await until() > before }
        #expect(isHeld.value && bench.log.sharing?.leases.holds(kept.sessionID) == true)
        gate.open()
        await bench.stop()
    }
}
