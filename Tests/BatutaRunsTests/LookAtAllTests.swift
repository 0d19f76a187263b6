import BatutaCore
@testable import BatutaRuns
import BatutaStorage
import BatutaTesting
import Synchronization
import Testing

/// A node that nobody can ring looks at its open sessions itself.
@Suite(.timeLimit(.minutes(2))) struct LookAtAllTests {
    @Test(arguments: StoreEngine.all) func `while the store answers no look no other begins, and the next finds what came meanwhile`(
        _ kind: StoreEngine
    ) async throws {
        let bench = try await LogBench(kind)
        let looks = Mutex(0)
        let gate = Gate()
        let slow = DisturbedReads(bench.database) { statements in
            guard statements.contains("SELECT last_event FROM sessions") else { return }
            looks.withLock { $0 += 1 }
            await gate.pass()
        }
        let node = NodeID.make(at: SystemClock().now(), random: SystemRandom())
        let sharing = LogSharing(leases: SessionLeases(database: slow, node: node), doorbell: nil)
        let log = EventLog(database: slow, clock: bench.clock, sharing: sharing)
        let writer = try await log.writer(for: bench.session)
        defer { withExtendedLifetime(writer) {} }
        for _ in 0..<5 { log.hear(.everything) }
        try await Deadline.look(for: "look") { looks.withLock { $0 } == 1 }
        try await bench.append(LogBench.status(.queued))
        for _ in 0..<5 { log.hear(.everything) }
        let during = looks.withLock { $0 }
        #expect(during == 1)
        gate.open()
        let channel = try #require(log.openChannel(bench.session))
        try await Deadline.look(for: "what another wrote") { channel.committed == 1 }
        let all = looks.withLock { $0 }
        #expect(all == 2)
    }

    @Test(arguments: StoreEngine.all) func `what a driver writes counts under the lease with which it began, and under no later one`(
        _ kind: StoreEngine
    ) async throws {
        let bench = try await LogBench(kind)
        let node = NodeID.make(at: SystemClock().now(), random: SystemRandom())
        let leases = SessionLeases(database: bench.database, node: node)
        let log = EventLog(database: bench.database, clock: bench.clock, sharing: LogSharing(leases: leases, doorbell: nil))
        #expect(try await leases.claim(bench.session))
        let first = try await log.writer(for: bench.session)
        #expect(try await first.append(Draft([LogBench.status(.running)])).last == 1)
        // Lost, and taken again.
        let fence = try #require(leases.fence(of: bench.session))
        leases.drop(bench.session, fence)
        try await bench.release()
        #expect(try await leases.claim(bench.session))
        first.postDelta(LogBench.delta("stale"))
        await #expect { _ = try await first.append(Draft([LogBench.status(.running)])) } throws: { ($0 as? RunsError)?.code == .leaseLost }
        let second = try await log.writer(for: bench.session)
        #expect(try await second.append(Draft([LogBench.status(.queued)])).last == 2)
        #expect(try await log.pages.read(bench.session, after: 0, limit: 10).map(\.type) == ["status", "status"])
    }
}

extension LogBench {
    /// Nobody has the session any more.
    fileprivate func release() async throws {
        var batch = WriteBatch(order: "test")
        batch.add("UPDATE sessions SET lease_owner = NULL, lease_until = NULL WHERE id = \(session.rawValue)")
        _ = try await database.write(batch)
    }
}
