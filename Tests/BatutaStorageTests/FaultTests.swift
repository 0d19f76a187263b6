import BatutaStorage
import BatutaTesting
import Glibc
import Synchronization
import Testing

struct FaultTests {
    @Test(arguments: 1...3)
    func `§8 kill -9 during writes loses nothing whose completion ran`(round: Int) async throws {
        let folder = TemporaryFolder()
        var child = try ChildProcess(.write, path: folder.store)
        var announced: [String: Int64] = [:]
        var lines = 0
        while let line = await child.line() {
            let words = line.split(separator: " ")
            announced[String(words[0])] = Int64(words[1])
            lines += 1
            if lines == 150 * round { child.kill() }
        }
        await child.end()
        #expect(lines >= 150 * round)
        let database = try folder.open()
        for (session, last) in announced {
            let found = try await database.read {
                try $0.first(
                    "SELECT count(*), max(seq), (SELECT last_event FROM sessions WHERE id = \(session)) FROM events WHERE session_id = \(session)"
                ) { row in
                    (0..<3).map(row.int)
                }
            }
            #expect(found?.allSatisfy { $0 == found?.first } == true)
            #expect(try #require(found?.first) >= last)
        }
        #expect(try await database.read { try $0.first("PRAGMA integrity_check") { $0.text(0) } } == "ok")
        await database.close()
    }

    @Test func `a full store fails every member, and writing goes on when there is room`() async throws {
        let folder = TemporaryFolder()
        var configuration = SQLiteConfiguration()
        configuration.maximumPages = 64
        let database = try folder.open(configuration)
        try await database.migrate([Events.migrations])
        _ = try await database.write(Events.session("a"))
        let large = Events.append([String(repeating: "x", count: 400_000)], to: "a")
        let results = await GroupCommitTests.asOneGroup([Events.session("b"), large], in: database)
        for entry in results {
            #expect(throws: StorageError.self) { try entry.result.get() }
            if case .failure(let error) = entry.result { #expect(error.code == .full) }
        }
        #expect(try await database.write(Events.append(["small"], to: "a")).results != nil)
        #expect(try await Events.all(of: "a", in: database) == ["1 small"])
        await database.close()
    }

    @Test func `a file that may not grow is an error, and writing goes on when it may`() async throws {
        let folder = TemporaryFolder()
        var child = try ChildProcess(.limit, path: folder.store)
        let said = [await child.line(), await child.line(), await child.line()]
        await child.end()
        #expect(said[0] == "io" || said[0] == "full")
        #expect(said[1] == "recovered")
        #expect(said[2] == "consistent")
    }

    @Test func `a store that cannot be written says so`() async throws {
        let folder = TemporaryFolder()
        let made = try folder.open()
        await made.close()
        chmod(folder.path, 0o555)
        chmod(folder.store, 0o444)
        var child = try ChildProcess(.readOnly, path: folder.store)
        let said = await child.line()
        await child.end()
        let line = try #require(said)
        #expect(line.hasPrefix("read_only ") && line.contains(folder.store))
        chmod(folder.path, 0o755)
    }

    @Test func `a file that is no store is refused`() throws {
        let folder = TemporaryFolder()
        let file = try #require(fopen(folder.store, "w"))
        fputs(String(repeating: "this is not a database. ", count: 200), file)
        fclose(file)
        let error = #expect(throws: StorageError.self) { try folder.open() }
        #expect(error?.code == .corrupt)
    }

    @Test func `a store in a folder that is not there is refused`() throws {
        let error = #expect(throws: StorageError.self) { try SQLiteDatabase(path: "/nonexistent/store.db") }
        #expect(error?.code == .io || error?.code == .notFound)
    }

    @Test func `two processes write in turn`() async throws {
        let folder = TemporaryFolder()
        let owner = try folder.open()
        try await owner.migrate([Events.migrations])
        let visitor = try folder.open(SQLiteConfiguration(mode: .admin))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (name, database) in [("owner", owner), ("visitor", visitor)] {
                group.addTask { for number in 0..<50 { _ = try await database.write(Events.session("\(name) \(number)")) } }
            }
            try await group.waitForAll()
        }
        #expect(try await owner.read { try $0.first("SELECT count(*) FROM sessions") { $0.int(0) } } == 100)
        await visitor.close()
        await owner.close()
    }

    @Test func `a write that another process keeps waiting too long is busy`() async throws {
        let folder = TemporaryFolder()
        let owner = try folder.open(SQLiteConfiguration(busyTimeout: .milliseconds(10)))
        try await owner.migrate([Events.migrations])
        let blocker = try folder.open(SQLiteConfiguration(mode: .admin))
        var hold = WriteBatch(order: "")
        // A statement that takes the lock and keeps it while the other one tries.
        hold.add("INSERT INTO sessions (id, last_event, fence) SELECT 'x', 0, count(*) FROM events")
        hold.add("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) FROM n")
        let isOver = Atomic(false)
        async let held: Void = {
            _ = try await blocker.write(hold)
            isOver.store(true, ordering: .releasing)
        }()
        var codes: Set<StorageError.Code> = []
        var number = 0
        // However late the other one gets its turn on a busy machine: the tries go on until it is through.
        while codes.isEmpty, !isOver.load(ordering: .acquiring) {
            number += 1
            do { _ = try await owner.write(Events.session("s\(number)")) } catch { codes.insert(error.code) }
            try await Task.sleep(for: .milliseconds(5))
        }
        try await held
        #expect(codes == [.busy])
        #expect(try await owner.write(Events.session("after")).results != nil)
        await blocker.close()
        await owner.close()
    }
}
