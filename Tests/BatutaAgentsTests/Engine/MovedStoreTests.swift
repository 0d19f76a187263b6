import BatutaAgents
import BatutaCore
import BatutaMemory
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

/// A conversation that began on SQLite goes on on PostgreSQL.
@Suite(.timeLimit(.minutes(5))) struct MovedStoreTests {
    @Test func `the log goes on where it was, and the order of all commits too`() async throws {
        let first = try await EngineBench(model: ScriptedModel([.say("from SQLite")]))
        let (accepted, collector) = try await first.send("a")
        await collector.waitForEnd(of: accepted.runID)
        let cursor = try await first.log.tail.end()
        await first.stop()
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
}
