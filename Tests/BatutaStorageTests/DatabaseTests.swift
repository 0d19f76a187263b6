import BatutaStorage
import BatutaTesting
import Glibc
import Synchronization
import Testing

struct DatabaseTests {
    @Test(arguments: StoreEngine.all) func `a read sees one moment`(_ engine: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        try await database.migrate([Events.migrations])
        let begun = AsyncStream.makeStream(of: Void.self), written = Gate()
        async let counts = database.read { reading in
            let before = try reading.first("SELECT count(*) FROM sessions") { $0.int(0) }
            begun.continuation.yield()
            written.wait()
            return [before, try reading.first("SELECT count(*) FROM sessions") { $0.int(0) }]
        }
        for await _ in begun.stream { break }
        _ = try await database.write(Events.session("a"))
        written.open()
        #expect(try await counts == [0, 0])
        #expect(try await database.read { try $0.first("SELECT count(*) FROM sessions") { $0.int(0) } } == 1)
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `a read cannot write`(_ engine: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        try await database.migrate([Events.migrations])
        let error = await #expect(throws: StorageError.self) { try await database.read { try $0.rows("DELETE FROM sessions") { _ in 0 } } }
        #expect(error?.code == .readOnly)
        await database.close()
    }

    struct Refusal: Error {}

    @Test(arguments: StoreEngine.all) func `what the body of a read throws comes out, and the reader goes on`(_ engine: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        for _ in 0..<3 {
            await #expect(throws: Refusal.self) { try await database.read { try $0.forEach("SELECT 1") { _ in throw Refusal() } } }
        }
        #expect(try await database.read { try $0.first("SELECT 1 WHERE 1 = 0") { $0.int(0) } } == nil)
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `a row kept beyond its read is empty, not a crash`(_ engine: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        let kept = try await database.read { try $0.first("SELECT 'gone', 7") { $0 } }
        await database.close()
        #expect(kept?.text(0) == "" && kept?.int(1) == 0 && kept?.isNull(0) == true)
    }

    @Test(arguments: StoreEngine.all) func `too many waiting batches are refused, and those that were taken commit`(_ engine: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder, maximumWaitingBatches: 3)
        try await database.migrate([Events.migrations])
        let results = await GroupCommitTests.asOneGroup((0..<5).map { Events.session("s\($0)") }, in: database)
        let refused = results.filter {
            if case .failure(let error) = $0.result { error.code == .overloaded && error.isRetryable } else { false }
        }
        #expect(refused.map(\.key) == ["s3", "s4"])
        #expect(try await database.read { try $0.rows("SELECT id FROM sessions ORDER BY id") { $0.text(0) } } == ["s0", "s1", "s2"])
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `too many waiting bytes are refused, but one large batch passes`(_ engine: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder, maximumWaitingBytes: 1_000)
        try await database.migrate([Events.migrations])
        let batches = ["a", "b"].map { Events.session($0 + String(repeating: "x", count: 2_000)) }
        let results = await GroupCommitTests.asOneGroup(batches, in: database)
        #expect(results.filter { (try? $0.result.get()) != nil }.map { $0.key.first } == ["a"])
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `closing writes what waits and refuses what comes later`(_ engine: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        try await database.migrate([Events.migrations])
        let load = Load()
        for number in 0..<100 {
            database.submit(Events.session("\(number)")) { if (try? $0.get()) != nil { load.done.wrappingAdd(1, ordering: .relaxed) } }
        }
        await database.close()
        #expect(load.done.load(ordering: .relaxed) == 100)
        #expect(access(folder.path + "/batuta.db-wal", F_OK) != 0)
        let write = await #expect(throws: StorageError.self) { try await database.write(Events.session("late")) }
        let read = await #expect(throws: StorageError.self) { try await database.read { _ in 0 } }
        let migrate = await #expect(throws: StorageError.self) { try await database.migrate([]) }
        #expect([write?.code, read?.code, migrate?.code] == [.closed, .closed, .closed])
        await database.close()
    }

    @Test func `the files are the owner's alone`() async throws {
        let folder = TemporaryFolder()
        let database = try folder.open()
        try await database.migrate([Events.migrations])
        for suffix in ["", "-wal", "-shm"] {
            var status = stat()
            #expect(stat(folder.store + suffix, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
        await database.close()
    }

    @Test func `§9.13 the log stays short under load with readers`() async throws {
        let folder = TemporaryFolder()
        let database = try folder.open()
        try await database.migrate([Events.migrations])
        let payload = String(repeating: "x", count: 8_000)
        let load = Load()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    while load.isOn.load(ordering: .relaxed) {
                        _ = try await database.read { try $0.first("SELECT max(seq), length(payload) FROM events") { $0.int(0) } }
                    }
                }
            }
            group.addTask {
                defer { load.isOn.store(false, ordering: .relaxed) }
                try await withThrowingTaskGroup(of: Void.self) { writers in
                    for writer in 0..<8 {
                        writers.addTask {
                            _ = try await database.write(Events.session("\(writer)"))
                            for _ in 0..<250 {
                                _ = try await database.write(Events.append(Array(repeating: payload, count: 10), to: "\(writer)"))
                                load.longest.max(database.statistics.logFrames, ordering: .relaxed)
                            }
                        }
                    }
                    try await writers.waitForAll()
                }
            }
            try await group.waitForAll()
        }
        var status = stat()
        stat(folder.store + "-wal", &status)
        // All that is written is some 46,000 pages. A reader that the machine lets stand still for longer than the writer waits for it lets the log
        // grow meanwhile.
        #expect(load.longest.load(ordering: .relaxed) < 35_000)
        #expect(status.st_size < 35_000 * 4_120)
        #expect(database.statistics.checkpoints > 0)
        await database.close()
    }

    @Test func `a backup is a store of its own`() async throws {
        let folder = TemporaryFolder()
        let database = try folder.open()
        try await database.migrate([Events.migrations])
        _ = try await database.write(Events.session("a"))
        try await database.backUp(to: folder.path + "/copy.db")
        await #expect(throws: StorageError.self) { try await database.backUp(to: folder.path + "/copy.db") }
        await database.close()
        let copy = try SQLiteDatabase(path: folder.path + "/copy.db")
        try await copy.migrate([Events.migrations])
        #expect(try await copy.read { try $0.rows("SELECT id FROM sessions") { $0.text(0) } } == ["a"])
        await copy.close()
    }
}

/// What tasks and completions of one test share.
private final class Load: Sendable {
    let isOn = Atomic<Bool>(true)
    let longest = Atomic<Int>(0)
    let done = Atomic<Int>(0)
}
