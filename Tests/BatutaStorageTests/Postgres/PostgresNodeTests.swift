import BatutaCore
import BatutaStorage
import BatutaTesting
import Synchronization
import Testing

/// Several nodes on one server, and what only a server can do.
@Suite(.timeLimit(.minutes(5))) struct PostgresNodeTests {
    private func nodes(_ count: Int, _ folder: TemporaryFolder, _ change: (inout PostgresConfiguration) -> Void = { _ in }) async throws
        -> [PostgresDatabase]
    {
        var configuration = try await PostgresCluster.shared().configuration(for: folder)
        change(&configuration)
        return try (0..<count).map { _ in try PostgresDatabase(configuration) }
    }

    private func close(_ nodes: [PostgresDatabase]) async { for node in nodes { await node.close() } }

    @Test func `nodes that start at once migrate once`() async throws {
        let folder = TemporaryFolder()
        let nodes = try await nodes(6, folder)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for node in nodes { group.addTask { try await node.migrate([Events.migrations, DialectTests.names]) } }
            try await group.waitForAll()
        }
        #expect(try await nodes[0].read { try $0.first("SELECT count(*) FROM schema_migrations") { $0.int(0) } } == 2)
        await close(nodes)
    }

    @Test func `§9.2 two nodes that write to the same sessions count without a gap`() async throws {
        let folder = TemporaryFolder()
        let nodes = try await nodes(2, folder)
        try await nodes[0].migrate([Events.migrations])
        for number in 0..<5 { _ = try await nodes[0].write(Events.session("s\(number)")) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<40 {
                group.addTask {
                    for round in 0..<5 {
                        let batch = Events.append(["\(writer)", "\(round)"], to: "s\((writer + round) % 5)")
                        let results = try await nodes[writer % 2].write(batch).results
                        #expect(results != nil)
                    }
                }
            }
            try await group.waitForAll()
        }
        let found = try await nodes[1].read {
            try $0.rows(
                "SELECT s.last_event, count(*), max(e.seq) FROM sessions s JOIN events e ON e.session_id = s.id GROUP BY s.id, s.last_event"
            ) { row in
                (0..<3).map(row.int)
            }
        }
        #expect(found == Array(repeating: [80, 80, 80], count: 5))
        await close(nodes)
    }

    @Test func `transactions of two nodes that get in each other's way both come through`() async throws {
        let folder = TemporaryFolder()
        let nodes = try await nodes(2, folder)
        try await nodes[0].migrate([Events.migrations])
        for id in ["a", "b"] { _ = try await nodes[0].write(Events.session(id)) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (node, order) in zip(nodes, [["a", "b"], ["b", "a"]]) {
                group.addTask {
                    for _ in 0..<40 {
                        var batch = WriteBatch(order: "x")
                        for id in order {
                            batch.add("UPDATE sessions SET last_event = last_event + 1 WHERE id = \(id)", expecting: 1)
                            batch.add("SELECT pg_sleep(0.002)")
                        }
                        let results = try await node.write(batch).results
                        #expect(results != nil)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await nodes[0].read { try $0.rows("SELECT last_event FROM sessions") { $0.int(0) } } == [80, 80])
        await close(nodes)
    }

    @Test func `a statement that takes too long fails alone, and so does a read`() async throws {
        let folder = TemporaryFolder()
        let ready = try await nodes(1, folder)
        try await ready[0].migrate([Events.migrations])
        let nodes = try await nodes(1, folder) { $0.statementTimeout = .seconds(5) }
        var slow = WriteBatch(order: "b")
        slow.add("SELECT pg_sleep(20)")
        let results = await GroupCommitTests.asOneGroup([Events.session("a"), slow, Events.session("c")], in: nodes[0])
        #expect(results.map { (try? $0.result.get())?.summary } == ["committed [1]", nil, "committed [1]"])
        if case .failure(let error) = results[1].result { #expect(error.code == .overloaded && error.isRetryable) }
        let error = await #expect(throws: StorageError.self) { try await nodes[0].read { try $0.rows("SELECT pg_sleep(20)") { _ in 0 } } }
        #expect(error?.code == .overloaded)
        #expect(try await nodes[0].read { try $0.first("SELECT count(*) FROM sessions") { $0.int(0) } } == 2)
        await close(ready + nodes)
    }

    @Test func `a write that another transaction keeps waiting too long is busy`() async throws {
        let folder = TemporaryFolder()
        let holder = try await nodes(1, folder) { $0.statementTimeout = .seconds(600) }[0]
        let waiter = try await nodes(1, folder) { $0.lockTimeout = .milliseconds(100) }[0]
        try await holder.migrate([Events.migrations])
        _ = try await holder.write(Events.session("a"))
        // Holds the lock until it is told to let go, and is not committed.
        var hold = WriteBatch(order: "a")
        hold.add("UPDATE sessions SET fence = 2 WHERE id = 'a'")
        hold.add("SELECT pg_sleep(90.515)")
        let isOver = Atomic(false)
        async let held: StorageError? = {
            defer { isOver.store(true, ordering: .releasing) }
            do throws(StorageError) { _ = try await holder.write(hold) } catch { return error }
            return nil
        }()
        var code: StorageError.Code?
        while code == nil {
            var batch = WriteBatch(order: "a")
            batch.add("UPDATE sessions SET last_event = 1 WHERE id = 'a' AND fence = 1", expecting: 1)
            do { _ = try await waiter.write(batch) } catch { code = error.code }
        }
        #expect(code == .busy)
        var letGo = WriteBatch(order: "")
        letGo.add(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%90.515%' AND state = 'active' AND pid <> pg_backend_pid()"
        )
        // It may not have come to that statement yet.
        while !isOver.load(ordering: .acquiring) {
            _ = try await waiter.write(letGo)
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(await held?.code == .overloaded, "a statement that was cancelled is not committed")
        await close([holder, waiter])
    }

    @Test func `a table that another node changes does not disturb a statement that was compiled before`() async throws {
        let folder = TemporaryFolder()
        let nodes = try await nodes(2, folder)
        try await nodes[0].migrate([DialectTests.names])
        var insert = WriteBatch(order: "")
        insert.add("INSERT INTO names VALUES ('a', 1) RETURNING *")
        for _ in 0..<3 { #expect(try await nodes[0].write(insert).results?[0].returned.count == 1) }
        func all() async throws -> [Int64] { try await nodes[0].read { try $0.rows("SELECT * FROM names") { $0.int(1) } } }
        #expect(try await all() == [1, 1, 1])
        var alter = WriteBatch(order: "")
        alter.add("ALTER TABLE names ADD COLUMN more BIGINT")
        _ = try await nodes[1].write(alter)
        #expect(try await all() == [1, 1, 1])
        #expect(try await nodes[0].write(insert).results?[0].returned.count == 1)
        await close(nodes)
    }

    @Test(arguments: [false, true])
    func `a commit is durable whatever the server's default is, and a pooler finds nothing of ours left`(_ isPooled: Bool) async throws {
        let folder = TemporaryFolder()
        let cluster = try await PostgresCluster.shared()
        let (name, given) = try await cluster.ownDatabase(for: folder)
        try await cluster.execute("ALTER DATABASE \"\(name)\" SET synchronous_commit = off")
        var configuration = given
        configuration.isPooled = isPooled
        let node = try PostgresDatabase(configuration)
        try await node.migrate([Events.migrations])
        _ = try await node.write(Events.session("a"))
        #expect(try await node.write(Events.append(["x", "y"], to: "a")).results?.count == 3)
        #expect(try await node.write(Events.append(["x"], to: "a", fence: 9)).summary == "guard 0")
        var asking = WriteBatch(order: "a")
        asking.add("SELECT current_setting('synchronous_commit'), (SELECT count(*) FROM pg_prepared_statements)")
        let rows = try await node.write(asking).results?[0].returned
        #expect(rows?.first?.text(0) == "on")
        #expect((rows?.first?.int(1) == 0) == isPooled)
        #expect(try await Events.all(of: "a", in: node) == ["1 x", "2 y"])
        await node.close()
    }

    @Test func `reads wait for each other only when there are as many as connections`() async throws {
        let folder = TemporaryFolder()
        let node = try await nodes(1, folder) { $0.maximumReaders = 3 }[0]
        let begun = Begun()
        let gate = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await node.read { reading in
                        _ = try reading.first("SELECT 1") { $0.int(0) }
                        begun.count.wrappingAdd(1, ordering: .relaxed)
                        gate.wait()
                    }
                }
            }
            while begun.count.load(ordering: .relaxed) < 3 { try await Task.sleep(for: .milliseconds(2)) }
            #expect(node.statistics.readers == 3 && node.statistics.reads == 3)
            for _ in 0..<4 { gate.open() }
            try await group.waitForAll()
        }
        #expect(node.statistics.reads == 4 && node.statistics.longestReadWait > .zero && node.statistics.connects == 3)
        await node.close()
    }

    @Test func `a user who may not write is told so`() async throws {
        let folder = TemporaryFolder()
        let cluster = try await PostgresCluster.shared()
        let (name, configuration) = try await cluster.ownDatabase(for: folder)
        let owner = try PostgresDatabase(configuration)
        try await owner.migrate([Events.migrations])
        try await cluster.execute("CREATE ROLE \"\(name)\" LOGIN")
        let visitor = try PostgresDatabase(PostgresConfiguration(url: "postgres:///\(name)?host=\(cluster.folder)&user=\(name)"))
        let write = await #expect(throws: StorageError.self) { try await visitor.write(Events.session("a")) }
        let read = await #expect(throws: StorageError.self) { try await visitor.read { try $0.rows("SELECT 1 FROM sessions") { _ in 0 } } }
        let migrate = await #expect(throws: StorageError.self) { try await visitor.migrate([DialectTests.names]) }
        #expect([write?.code, read?.code, migrate?.code] == [.readOnly, .readOnly, .readOnly])
        await close([owner, visitor])
    }
}

/// Reads of one test that are under way.
private final class Begun: Sendable {
    let count = Atomic(0)
}
