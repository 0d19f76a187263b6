import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

/// §9.21: what readers of a store hear that was restored from a backup.
@Suite(.timeLimit(.minutes(5))) struct LogEpochTests {
    static let first: Int64 = 1_000_000_000

    /// The log of a store that was restored: three events are in the backup, what came after them is lost.
    private func restored(_ bench: LogBench) async throws -> EventLog {
        for _ in 0..<3 { try await bench.append(LogBench.status(.running)) }
        try await Self.restore(bench)
        return EventLog(database: bench.database, clock: bench.clock)
    }

    private static func restore(_ bench: LogBench) async throws {
        try await LogEpoch.begin(in: bench.database, backupOf: Timestamp(milliseconds: 0), at: bench.clock.now())
    }

    private func isRewound(_ error: any Error, last: Int64?) -> Bool {
        (error as? RunsError)?.code == .logRewound && (error as? RunsError)?.lastEvent == last
    }

    @Test(arguments: [4, 5, 999_999_999] as [Int64])
    func `a number that was given after the backup is refused, with the last one, and stays refused`(_ number: Int64) async throws {
        let bench = try await LogBench()
        let log = try await restored(bench)
        await #expect { _ = try await log.check(number, of: bench.session) } throws: { isRewound($0, last: Self.first) }
        _ = try await log.append(Draft([LogBench.status(.queued)]), to: bench.session)
        await #expect { _ = try await log.subscribe(to: bench.session, after: number, sink: EventCollector()) } throws: {
            isRewound($0, last: Self.first + 1)
        }
    }

    @Test(arguments: 0...3 as ClosedRange<Int64>)
    func `a number of the backup goes on over the hole, without loss`(_ number: Int64) async throws {
        let bench = try await LogBench()
        let log = try await restored(bench)
        let collector = EventCollector()
        _ = try await log.subscribe(to: bench.session, after: number, sink: collector)
        _ = try await log.append(Draft([LogBench.status(.queued), LogBench.delta("x")]), to: bench.session)
        await collector.wait { events, _ in events.last?.type == "content" }
        #expect(collector.numbers == Array(1...3).filter { $0 > number } + [Self.first, Self.first + 1, Self.first + 2])
        let later = EventCollector()
        _ = try await log.subscribe(to: bench.session, after: number, sink: later)
        #expect(later.numbers == collector.numbers)
        #expect(try await log.check(Self.first + 1, of: bench.session) == Self.first + 2)
        await #expect { _ = try await log.check(Self.first + 3, of: bench.session) } throws: { isRewound($0, last: Self.first + 2) }
    }

    @Test func `a second restore leaves a hole of its own`() async throws {
        let bench = try await LogBench()
        let log = try await restored(bench)
        _ = try await log.append(Draft([LogBench.status(.queued)]), to: bench.session)
        try await Self.restore(bench)
        let again = EventLog(database: bench.database, clock: bench.clock)
        for number in [4, Self.first + 2] {
            await #expect { _ = try await again.check(number, of: bench.session) } throws: { isRewound($0, last: 2 * Self.first) }
        }
        for number in [0, 3, Self.first + 1, 2 * Self.first] { #expect(try await again.check(number, of: bench.session) == 2 * Self.first) }
        let epoch = try await bench.database.read { try $0.first("SELECT epoch FROM sessions") { $0.int(0) } }
        #expect(epoch == 2)
    }

    @Test func `a cursor of all sessions from after the backup is refused, one from before goes on`() async throws {
        let bench = try await LogBench()
        for _ in 0..<3 { try await bench.append(LogBench.status(.running)) }
        let kept = try await bench.log.tail.end()
        try await bench.append(LogBench.status(.queued))
        let lost = try await bench.log.tail.end()
        // Sets the store back by one row, as a restore does.
        var batch = WriteBatch(order: "x")
        batch.add("DELETE FROM events WHERE seq = 4")
        batch.add("UPDATE sessions SET last_event = 3")
        _ = try await bench.database.write(batch)
        try await Self.restore(bench)
        let log = EventLog(database: bench.database, clock: bench.clock)
        let committed = try await log.append(Draft([LogBench.status(.running)]), to: bench.session)
        await #expect { _ = try await log.tail.check(lost) } throws: { ($0 as? RunsError)?.code == .logRewound }
        let page = try await log.tail.page(after: kept, TailFilter(), limit: 10)
        #expect(page.events.map(\.event.number) == [Self.first, committed.last] && page.events[0].event.type == "restored")
        let end = try await log.tail.end()
        #expect(try await log.tail.page(after: end, TailFilter(), limit: 10).events.isEmpty)
    }
}
