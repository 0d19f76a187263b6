import BatutaStorage
import BatutaTesting
import Dispatch
import Synchronization
import Testing

struct GroupCommitTests {
    /// Holds the writer in a completion until everything of a test is queued, so that it becomes one group.
    static func asOneGroup(_ batches: [WriteBatch], in database: any Database) async -> [(
        key: String, result: Result<BatchOutcome, StorageError>
    )] {
        let gate = Gate()
        let seen = Mutex<[(key: String, result: Result<BatchOutcome, StorageError>)]>([])
        var hold = WriteBatch(order: "")
        hold.add("SELECT 1")
        await withCheckedContinuation { held in
            database.submit(hold) { _ in
                held.resume()
                gate.wait()
            }
        }
        return await withCheckedContinuation { continuation in
            for batch in batches {
                database.submit(batch) { result in
                    let all = seen.withLock { seen in
                        seen.append((batch.key, result))
                        return seen
                    }
                    if all.count == batches.count { continuation.resume(returning: all) }
                }
            }
            gate.open()
        }
    }

    @Test(arguments: StoreEngine.all) func `§9.1 members whose guard fails fail alone`(_ engine: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        try await database.migrate([Events.migrations])
        for id in ["a", "b", "c"] { _ = try await database.write(Events.session(id)) }
        var late = WriteBatch(order: "b")
        late.add(Events.take, [.int(1), .text("b"), .int(1)], expecting: 1)
        late.add(Events.insert, [.text("b"), .returned(statement: 0, plus: 0), .blob([1])])
        late.add("UPDATE sessions SET last_event = 99 WHERE id = 'missing'", expecting: 1)
        let groups = database.groupsCommitted
        let results = await Self.asOneGroup(
            [Events.append(["1", "2"], to: "c"), late, Events.append(["x"], to: "a", fence: 9), Events.append(["3"], to: "c")],
            in: database
        )
        #expect(database.groupsCommitted == groups + 2)
        #expect(
            try results.map { "\($0.key) \(try $0.result.get().summary)" } == [
                "a guard 0", "b guard 2", "c committed [1, 1, 1]", "c committed [1, 1]",
            ]
        )
        #expect(try await Events.all(of: "a", in: database) == [])
        #expect(try await Events.all(of: "b", in: database) == [])
        #expect(try await Events.all(of: "c", in: database) == ["1 1", "2 2", "3 3"])
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `a broken rule or a broken statement fails alone, with its changes taken back`(
        _ engine: StoreEngine
    ) async throws {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        try await database.migrate([Events.migrations])
        for id in ["a", "b"] { _ = try await database.write(Events.session(id)) }
        var twice = Events.append(["lost"], to: "a")
        twice.add(Events.insert, [.text("a"), .int(1), .blob([])])
        var orphan = WriteBatch(order: "a2")
        orphan.add(Events.insert, [.text("nobody"), .int(1), .blob([])])
        var wrong = Events.append(["lost as well"], to: "a")
        wrong.add("UPDATE nothing SET x = 1")
        let results = await Self.asOneGroup(
            [twice, orphan, wrong, Events.append(["kept"], to: "b"), Events.append(["first"], to: "a")],
            in: database
        )
        let codes = results.map { entry -> String in
            switch entry.result {
            case .success(let outcome): "\(entry.key) \(outcome.summary)"
            case .failure(let error): "\(entry.key) \(error.code.rawValue)"
            }
        }
        #expect(codes == ["a constraint", "a misuse", "a committed [1, 1]", "a2 constraint", "b committed [1, 1]"])
        #expect(try await Events.all(of: "a", in: database) == ["1 first"])
        #expect(try await Events.all(of: "b", in: database) == ["1 kept"])
        await database.close()
    }

    @Test(arguments: StoreEngine.all, [(0, true), (1, false), (2, true), (3, true)])
    func `a guard counts the rows affected`(_ engine: StoreEngine, _ row: (expected: Int, fails: Bool)) async throws {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        try await database.migrate([Events.migrations])
        _ = try await database.write(Events.session("a"))
        var batch = WriteBatch(order: "a")
        batch.add("UPDATE sessions SET fence = fence + 1 WHERE id = 'a'", expecting: row.expected)
        #expect(try await database.write(batch).summary == (row.fails ? "guard 0" : "committed [1]"))
        #expect(try await database.read { try $0.first("SELECT fence FROM sessions") { $0.int(0) } } == (row.fails ? 1 : 2))
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `a guard on a query counts the rows returned`(_ engine: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        for (expected, summary) in [(2, "committed [0]"), (1, "guard 0")] {
            var batch = WriteBatch(order: "")
            batch.add("SELECT 1 UNION ALL SELECT 2", expecting: expected)
            #expect(try await database.write(batch).summary == summary)
        }
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `§9.2 event numbers come from the counter's own row`(_ engine: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        try await database.migrate([Events.migrations])
        _ = try await database.write(Events.session("a"))
        let first = try await database.write(Events.append(["x", "y", "z"], to: "a"))
        #expect(first.results?.first?.returned.first?.int(0) == 3)
        #expect(try await Events.all(of: "a", in: database) == ["1 x", "2 y", "3 z"])
        await database.close()
    }

    @Test(
        arguments: StoreEngine.all,
        [
            Bind.returned(statement: 0, plus: 0), .returned(statement: 1, plus: 0), .returned(statement: -1, plus: 0),
            .returned(statement: 2, plus: .max),
        ]
    )
    func `a number from a statement that returned none is refused`(_ engine: StoreEngine, bind: Bind) async throws {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        try await database.migrate([Events.migrations])
        var batch = Events.session("a")
        batch.add("UPDATE sessions SET fence = 2 WHERE id = 'missing' RETURNING fence")
        batch.add("SELECT 1")
        batch.add("UPDATE sessions SET fence = \(bind)")
        let error = await #expect(throws: StorageError.self) { try await database.write(batch) }
        #expect(error?.code == .misuse)
        #expect(try await database.read { try $0.rows("SELECT id FROM sessions") { $0.text(0) } } == [])
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `a rule that is checked at the commit fails only the batch that broke it`(_ engine: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        var tables = WriteBatch(order: "")
        tables.add("CREATE TABLE parents (id TEXT PRIMARY KEY)")
        tables.add("CREATE TABLE children (parent TEXT REFERENCES parents(id) DEFERRABLE INITIALLY DEFERRED)")
        _ = try await database.write(tables)
        var orphan = WriteBatch(order: "a"), family = WriteBatch(order: "b")
        orphan.add("INSERT INTO children VALUES ('nobody')")
        family.add("INSERT INTO children VALUES ('p')")
        family.add("INSERT INTO parents VALUES ('p')")
        let results = await Self.asOneGroup([family, orphan], in: database)
        let error = #expect(throws: StorageError.self) { try results[0].result.get() }
        #expect(error?.code == .constraint)
        #expect(try results[1].result.get().summary == "committed [1, 1]")
        #expect(try await database.read { try $0.rows("SELECT parent FROM children") { $0.text(0) } } == ["p"])
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `batches of one key keep their order, whatever else is in the group`(_ engine: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        try await database.migrate([Events.migrations])
        for id in ["a", "b", "c"] { _ = try await database.write(Events.session(id)) }
        let batches = (0..<60).map { Events.append(["\($0)"], to: ["c", "a", "b"][$0 % 3]) }
        let results = await Self.asOneGroup(batches, in: database)
        #expect(results.map(\.key) == ["a", "b", "c"].flatMap { Array(repeating: $0, count: 20) })
        for (offset, id) in [("c"), ("a"), ("b")].enumerated() {
            #expect(try await Events.all(of: id, in: database) == (0..<20).map { "\($0 + 1) \($0 * 3 + offset)" })
        }
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `an empty batch commits nothing and says so`(_ engine: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        #expect(try await database.write(WriteBatch(order: "x")).summary == "committed []")
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `200 writers at once all commit`(_ engine: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        try await database.migrate([Events.migrations])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<200 {
                group.addTask {
                    let id = "session \(writer)"
                    _ = try await database.write(Events.session(id))
                    for round in 0..<5 { #expect(try await database.write(Events.append(["\(round)"], to: id)).results != nil) }
                }
            }
            try await group.waitForAll()
        }
        #expect(
            try await database.read {
                try $0.first("SELECT count(*), count(DISTINCT session_id), max(seq) FROM events") { [$0.int(0), $0.int(1), $0.int(2)] }
            } == [1000, 200, 5]
        )
        #expect(database.groupsCommitted < 1_200)
        await database.close()
    }
}

/// Opened once; then whoever waited goes on.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    func open() { semaphore.signal() }
    func wait() { semaphore.wait() }
}
