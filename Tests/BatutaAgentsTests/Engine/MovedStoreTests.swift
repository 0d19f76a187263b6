import BatutaAgents
import BatutaCore
import BatutaMemory
import BatutaStorage
import BatutaTesting
import Testing

@testable import BatutaRuns

/// A conversation that began on SQLite goes on on PostgreSQL.
@Suite(.timeLimit(.minutes(5))) struct MovedStoreTests {
    @Test func `the log goes on where it was, and the order of all commits too`() async throws {
        let (first, accepted, collector) = try await beginOnSQLite()
        let cursor = try await first.log.tail.end()
        await first.stop()
        let folder = try await moveToPostgres(first)
        let second = try await EngineBench(
            on: .postgres,
            model: ScriptedModel([.say("from PostgreSQL")]),
            folder: folder,
            clock: first.clock
        )
        let next = try await second.send("b", in: accepted.sessionID)
        let later = EventCollector()
        _ = try await second.log.subscribe(to: accepted.sessionID, after: 0, sink: later)
        await later.waitForEnd(of: next.runID)
        #expect(later.numbers.prefix(collector.numbers.count) == collector.numbers[...])
        #expect(later.numbers.dropFirst(collector.numbers.count).first == 1_000_000_000)
        let tail = try await second.log.tail.page(after: cursor, TailFilter(), limit: 1_000).events.map(\.event.number)
        #expect(tail == Array(later.numbers.dropFirst(collector.numbers.count)))
        // Several nodes read in the order of transactions, and the cursor is of a store that had none.
        let node = NodeID.make(at: first.clock.now(), random: SystemRandom())
        let sharing = LogSharing(leases: SessionLeases(database: second.database, node: node), doorbell: nil)
        let shared = EventLog(database: second.database, clock: first.clock, sharing: sharing)
        // What other transactions of the server hold up is told a moment later.
        var sharedTail: [Int64] = []
        for _ in 0..<600 where sharedTail.count < tail.count {
            sharedTail = try await shared.tail.page(after: cursor, TailFilter(), limit: 1_000).events.map(\.event.number)
            #expect(tail.starts(with: sharedTail))
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(sharedTail == tail)
        #expect(try await second.run(next.runID)?.output == "from PostgreSQL")
        await second.stop()
    }

    @Test func `a cursor holds while an older transaction of the server keeps everything moved from being read`() async throws {
        let (first, _, _) = try await beginOnSQLite()
        let cursor = try await first.log.tail.end()
        await first.stop()
        // Begins before the move and ends after the look at the cursor.
        let holder = try await StoreEngine.postgres.open(in: TemporaryFolder())
        var hold = WriteBatch(order: "hold")
        hold.add("SELECT pg_current_xact_id()")
        hold.add("SELECT pg_sleep(90.25)")
        async let held: Void = { do { _ = try await holder.write(hold) } catch {} }()
        let sleeping: SQL = "SELECT pid FROM pg_stat_activity WHERE query LIKE '%90.25%' AND state = 'active' AND pid <> pg_backend_pid()"
        var failure: (any Error)?
        do {
            while try await holder.read({ try $0.rows(sleeping) { $0.int(0) } }).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            try await move(first, and: cursor)
        } catch {
            failure = error
        }
        // Whatever became of it: neighbours wait for that transaction too.
        try await PostgresCluster.shared().execute(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%90.25%' AND pid <> pg_backend_pid()"
        )
        await held
        await holder.close()
        if let failure { throw failure }
    }

    /// Moves a store, and looks for the cursor where it is now.
    private func move(_ first: EngineBench, and cursor: EventCursor) async throws {
        let target = try await StoreEngine.postgres.open(in: try await moveToPostgres(first))
        let node = NodeID.make(at: first.clock.now(), random: SystemRandom())
        let sharing = LogSharing(leases: SessionLeases(database: target, node: node), doorbell: nil)
        let log = EventLog(database: target, clock: first.clock, sharing: sharing)
        let found = try? await log.tail.check(cursor)
        #expect(found?.isAt(cursor) == true)
        let tooFar = cursor.moved(to: .max)
        await #expect(throws: RunsError.self) { _ = try await log.tail.check(tooFar) }
        await target.close()
    }

    private func beginOnSQLite() async throws -> (EngineBench, Acceptance, EventCollector) {
        let bench = try await EngineBench(model: ScriptedModel([.say("from SQLite")]))
        let (accepted, collector) = try await bench.send("a")
        await collector.waitForEnd(of: accepted.runID)
        return (bench, accepted, collector)
    }

    /// - Returns: The folder that the store belongs to now.
    private func moveToPostgres(_ first: EngineBench) async throws -> TemporaryFolder {
        let file = first.folder.path + "/backup.tar"
        _ = try await StoreBackup(databasePath: first.folder.path + "/batuta.db", program: "1.0").write(to: file)
        let folder = TemporaryFolder()
        let restore = try StoreRestore(try StoreLock(folder: folder.path), databasePath: folder.path + "/batuta.db")
        let manifest = try await restore.unpack(file)
        let unpacked = try SQLiteDatabase(path: restore.databasePath)
        try await LogEpoch.begin(in: unpacked, backupOf: manifest.takenAt, at: first.clock.now())
        await unpacked.close()
        let target = try await StoreEngine.postgres.open(in: folder)
        try await restore.putInPlace(in: try #require(target as? PostgresDatabase), migrations: EngineBench.migrations)
        await target.close()
        return folder
    }
}
