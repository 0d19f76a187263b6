import BatutaCore
import BatutaStorage
import BatutaTesting
import Glibc
import Testing

struct BlobTests {
    private func open(_ engine: StoreEngine, _ folder: TemporaryFolder, _ clock: ManualClock) async throws -> (any Database, BlobStore) {
        let database = try await engine.open(in: folder)
        try await database.migrate([BlobStore.migrations])
        return (database, try await BlobStore.open(in: database, folder: folder.path, clock: clock))
    }

    private func count(_ table: StaticString, _ database: any Database) async throws -> Int64? {
        try await database.read { try $0.first("SELECT count(*) FROM \(raw: table)") { $0.int(0) } }
    }

    @Test(arguments: StoreEngine.all, [0, 1, 20_000, BlobStore.rowLimit, BlobStore.rowLimit + 1])
    func `§9.9 bytes come back by their hash`(_ engine: StoreEngine, size: Int) async throws {
        let folder = TemporaryFolder(), clock = ManualClock()
        let (database, blobs) = try await open(engine, folder, clock)
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var batch = WriteBatch(order: "s")
        let hash = blobs.put(try await blobs.prepare(bytes), owner: "s", into: &batch)
        #expect(try await blobs.get(hash) == nil)
        _ = try await database.write(batch)
        #expect(try await blobs.get(hash) == bytes)
        #expect(hash == blobs.hash(of: bytes) && BlobHash(hash.description) == hash && BlobHash(bytes: hash.bytes) == hash)
        let path = "\(folder.path)/blobs/\(hash.description.prefix(2))/\(hash)"
        #expect((access(path, F_OK) == 0) == (size > BlobStore.rowLimit))
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `a repeated put costs no row once the first is on disk`(_ engine: StoreEngine) async throws {
        let folder = TemporaryFolder(), clock = ManualClock()
        let (database, blobs) = try await open(engine, folder, clock)
        var first = WriteBatch(order: "s"), early = WriteBatch(order: "s")
        blobs.put([1, 2, 3], owner: "s", into: &first)
        blobs.put([1, 2, 3], owner: "s", into: &early)
        #expect(first.count == 2 && early.count == 2)
        _ = try await database.write(first)
        var later = WriteBatch(order: "s"), other = WriteBatch(order: "t")
        blobs.put([1, 2, 3], owner: "s", into: &later)
        blobs.put([1, 2, 3], owner: "t", into: &other)
        #expect(later.count == 0 && other.count == 2)
        clock.advance(by: .seconds(3_600))
        blobs.put([1, 2, 3], owner: "s", into: &later)
        #expect(later.count == 2)
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `a batch that is undone is not remembered`(_ engine: StoreEngine) async throws {
        let folder = TemporaryFolder(), clock = ManualClock()
        let (database, blobs) = try await open(engine, folder, clock)
        var failing = WriteBatch(order: "s")
        let hash = blobs.put([9], owner: "s", into: &failing)
        failing.add("DELETE FROM blobs WHERE size = 77", expecting: 1)
        #expect(try await database.write(failing).results == nil)
        var again = WriteBatch(order: "s")
        blobs.put([9], owner: "s", into: &again)
        #expect(again.count == 2)
        _ = try await database.write(again)
        #expect(try await blobs.get(hash) == [9])
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `the sweep takes what nobody refers to and what is old, files included`(_ engine: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder(), clock = ManualClock()
        let (database, blobs) = try await open(engine, folder, clock)
        let large = [UInt8](repeating: 7, count: BlobStore.rowLimit + 1)
        var batch = WriteBatch(order: "s")
        let small = blobs.put([1], owner: "a", into: &batch)
        let shared = blobs.put([2], owner: "a", into: &batch)
        blobs.put([2], owner: "b", into: &batch)
        let file = blobs.put(try await blobs.prepare(large), owner: "a", into: &batch)
        _ = try await database.write(batch)
        var release = WriteBatch(order: "a")
        blobs.release(owner: "a", into: &release)
        _ = try await database.write(release)
        #expect(try await blobs.sweep() == 0)
        clock.advance(by: .seconds(3_601))
        let path = "\(folder.path)/blobs/\(file.description.prefix(2))/\(file)"
        #expect(try await blobs.sweep() == 2)
        #expect(access(path, F_OK) == 0)
        var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
        utimensat(AT_FDCWD, path, &times, 0)
        #expect(try await blobs.sweep() == 0)
        #expect(access(path, F_OK) != 0)
        #expect(try await blobs.get(small) == nil)
        #expect(try await blobs.get(file) == nil)
        #expect(try await blobs.get(shared) == [2])
        #expect(try await count("blob_refs", database) == 1)
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `the sweep pages through many`(_ engine: StoreEngine) async throws {
        let folder = TemporaryFolder(), clock = ManualClock()
        let (database, blobs) = try await open(engine, folder, clock)
        var batch = WriteBatch(order: "a")
        for number in 0..<1_200 { blobs.put(Array("\(number)".utf8), owner: "a", into: &batch) }
        _ = try await database.write(batch)
        var release = WriteBatch(order: "a")
        blobs.release(owner: "a", into: &release)
        _ = try await database.write(release)
        clock.advance(by: .seconds(3_601))
        #expect(try await blobs.sweep() == 1_200)
        #expect(try await count("blobs", database) == 0)
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `a file that was changed is not believed`(_ engine: StoreEngine) async throws {
        let folder = TemporaryFolder(), clock = ManualClock()
        let (database, blobs) = try await open(engine, folder, clock)
        var batch = WriteBatch(order: "s")
        let hash = blobs.put(try await blobs.prepare([UInt8](repeating: 1, count: BlobStore.rowLimit + 1)), owner: "s", into: &batch)
        _ = try await database.write(batch)
        let path = "\(folder.path)/blobs/\(hash.description.prefix(2))/\(hash)"
        truncate(path, 100)
        var error = await #expect(throws: StorageError.self) { try await blobs.get(hash) }
        #expect(error?.code == .corrupt)
        unlink(path)
        error = await #expect(throws: StorageError.self) { try await blobs.get(hash) }
        #expect(error?.code == .notFound)
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `tenants have keys of their own, kept over a restart`(_ engine: StoreEngine) async throws {
        let folder = TemporaryFolder(), clock = ManualClock()
        let (database, one) = try await open(engine, folder, clock)
        let two = try await BlobStore.open(in: database, folder: folder.path, tenant: "two", clock: clock)
        let again = try await BlobStore.open(in: database, folder: folder.path, clock: clock)
        #expect(one.hash(of: [1]) != two.hash(of: [1]))
        #expect(one.hash(of: [1]) == again.hash(of: [1]))
        var batch = WriteBatch(order: "s")
        let hash = one.put([1], owner: "s", into: &batch)
        _ = try await database.write(batch)
        #expect(try await two.get(hash) == nil)
        await database.close()
    }

    @Test(arguments: ["", "00", String(repeating: "0", count: 63), String(repeating: "0", count: 66), String(repeating: "x", count: 64)])
    func `text that is no hash is refused`(text: String) {
        #expect(BlobHash(text) == nil)
    }
}
