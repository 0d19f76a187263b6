import BatutaCore
import BatutaTesting
import Foundation
import Glibc
import Testing

@testable import BatutaStorage

/// Backups of SQLite stores (DESIGN §9.13).
@Suite(.timeLimit(.minutes(5))) struct BackupTests {
    static let large = [UInt8](repeating: 7, count: BlobStore.rowLimit + 1)

    /// A store with rows, a small blob and a large one.
    static func store(in folder: TemporaryFolder, clock: ManualClock = ManualClock()) async throws -> (SQLiteDatabase, BlobStore) {
        let database = try folder.open()
        try await database.migrate([Events.migrations, BlobStore.migrations])
        let blobs = try await BlobStore.open(in: database, folder: folder.path, clock: clock)
        _ = try await database.write(Events.session("a"))
        _ = try await database.write(Events.append(["one", "two"], to: "a"))
        var batch = WriteBatch(order: "a")
        blobs.put([1, 2, 3], owner: "a", into: &batch)
        blobs.put(try await blobs.prepare(large), owner: "a", into: &batch)
        _ = try await database.write(batch)
        return (database, blobs)
    }

    static func backup(_ folder: TemporaryFolder) -> StoreBackup { StoreBackup(databasePath: folder.store, program: "1.0") }

    static func restore(_ file: String, into folder: TemporaryFolder) async throws -> (manifest: BackupManifest, aside: String?) {
        let lock = try StoreLock(folder: folder.path)
        let restore = try StoreRestore(lock, databasePath: folder.store)
        let manifest = try await restore.unpack(file)
        return (manifest, try await restore.putInPlace(at: Timestamp(milliseconds: 0)))
    }

    @Test func `what was committed comes back, large blobs included, on another machine`() async throws {
        let folder = TemporaryFolder(), other = TemporaryFolder(), file = folder.path + "/backup.tar"
        let (database, blobs) = try await Self.store(in: folder)
        let summary = try await Self.backup(folder).write(to: file)
        await database.close()
        #expect(summary.blobFiles == 1 && summary.bytes == DurableFile.size(file))
        let (manifest, aside) = try await Self.restore(file, into: other)
        #expect(aside == nil && manifest.tables == ["events": 1, "blobs": 1] && manifest.program == "1.0")
        let restored = try other.open()
        #expect(try await Events.all(of: "a", in: restored) == ["1 one", "2 two"])
        let again = try await BlobStore.open(in: restored, folder: other.path)
        #expect(try await again.get(blobs.hash(of: Self.large)) == Self.large)
        #expect(try await again.get(blobs.hash(of: [1, 2, 3])) == [1, 2, 3])
        await restored.close()
    }

    @Test func `a backup is taken while others write, and holds one moment`() async throws {
        let folder = TemporaryFolder(), other = TemporaryFolder(), file = folder.path + "/backup.tar"
        let (database, _) = try await Self.store(in: folder)
        for session in ["b", "c"] { _ = try await database.write(Events.session(session)) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Each batch writes the same to both sessions: a moment has equally many of both.
            group.addTask {
                for _ in 0..<500 {
                    var batch = Events.append(["x"], to: "b")
                    let counter = batch.add(Events.take, [.int(1), .text("c"), .int(1)], expecting: 1)
                    batch.add(Events.insert, [.text("c"), .returned(statement: counter, plus: 0), .blob([1])])
                    _ = try await database.write(batch)
                }
            }
            group.addTask { _ = try await Self.backup(folder).write(to: file) }
            try await group.waitForAll()
        }
        await database.close()
        _ = try await Self.restore(file, into: other)
        let restored = try other.open()
        let counts = try await restored.read {
            try $0.rows("SELECT count(*), max(seq) FROM events WHERE session_id IN ('b', 'c') GROUP BY session_id") {
                [$0.int(0), $0.int(1)]
            }
        }
        #expect(Set(counts.flatMap { $0 }).count <= 1)
        await restored.close()
    }

    @Test func `the archive is a tar that other tools read, with sums that they can check`() async throws {
        let folder = TemporaryFolder(), file = folder.path + "/backup.tar"
        let (database, _) = try await Self.store(in: folder)
        _ = try await Self.backup(folder).write(to: file)
        await database.close()
        let command = "mkdir x && tar xf backup.tar -C x && cd x && sha256sum --check --strict --quiet SHA256SUMS && echo sound"
        let outcome = try await SpawnedProcess.run(
            "/bin/sh",
            ["-c", command],
            environment: ["PATH": "/usr/bin:/bin"],
            folder: folder.path
        )
        #expect(outcome.output == "sound\n", "\(outcome.error)")
        var status = stat()
        #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test func `the master key stays out`() async throws {
        let folder = TemporaryFolder(), file = folder.path + "/backup.tar"
        let (database, _) = try await Self.store(in: folder)
        try await database.migrate([Vault.migrations])
        let source = try MasterKeySource(folder: folder.path, variable: nil)
        let vault = try await Vault(in: database, source: source, clock: SystemClock())
        try await vault.set("TOKEN", to: "a-secret-of-the-tests")
        _ = try await Self.backup(folder).write(to: file)
        await database.close()
        let key = try String(contentsOfFile: source.path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        let raw = try #require(Data(base64Encoded: key))
        for secret in [Data(key.utf8), raw, Data("a-secret-of-the-tests".utf8)] { #expect(bytes.range(of: secret) == nil) }
    }

    @Test func `a name that is taken is refused and what is there stays`() async throws {
        let folder = TemporaryFolder(), file = folder.path + "/backup.tar"
        let (database, _) = try await Self.store(in: folder)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: file))
        await #expect { _ = try await Self.backup(folder).write(to: file) } throws: { ($0 as? StorageError)?.code == .exists }
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
        await #expect { _ = try await Self.backup(folder).write(to: folder.path + "/no/such/folder.tar") } throws: {
            ($0 as? StorageError)?.code == .notFound
        }
        await database.close()
        await #expect { _ = try await StoreBackup(databasePath: folder.path + "/none.db", program: "").write(to: file + "2") } throws: {
            ($0 as? StorageError)?.code == .notFound
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".tmp") || $0.contains("none") }
        #expect(left == [])
    }

    @Test func `two backups of one name do not mix, and what a killed one left is no hindrance`() async throws {
        let folder = TemporaryFolder(), file = folder.path + "/backup.tar"
        let (database, _) = try await Self.store(in: folder)
        do {
            let held = try FileLock(file + ".tmp")
            #expect(held != nil)
            await #expect { _ = try await Self.backup(folder).write(to: file) } throws: { ($0 as? StorageError)?.code == .locked }
            withExtendedLifetime(held) {}
        }
        for stray in [".tmp", ".store.tmp"] {
            try Data(repeating: 1, count: 1 << 20).write(to: URL(fileURLWithPath: file + stray))
        }
        _ = try await Self.backup(folder).write(to: file)
        await database.close()
        let other = TemporaryFolder()
        #expect(try await Self.restore(file, into: other).manifest.missingBlobs == [])
    }

    @Test func `a blob whose file is gone is named, and the rest is backed up`() async throws {
        let folder = TemporaryFolder(), other = TemporaryFolder(), file = folder.path + "/backup.tar"
        let (database, blobs) = try await Self.store(in: folder)
        let name = BackupArchive.name(of: blobs.hash(of: Self.large))
        #expect(unlink("\(folder.path)/\(name)") == 0)
        #expect(try await Self.backup(folder).write(to: file).manifest.missingBlobs == [name])
        await database.close()
        #expect(try await Self.restore(file, into: other).manifest.missingBlobs == [name])
    }

    @Test func `while files are backed up no sweep takes them away`() async throws {
        let folder = TemporaryFolder(), clock = ManualClock()
        let (database, blobs) = try await Self.store(in: folder, clock: clock)
        var release = WriteBatch(order: "a")
        blobs.release(owner: "a", into: &release)
        _ = try await database.write(release)
        clock.advance(by: .seconds(7_200))
        do {
            let pause = try FileLock(BlobFiles.sweepLock(in: folder.path), .shared)
            #expect(try await blobs.sweep() == 0)
            #expect(try await blobs.get(blobs.hash(of: [1, 2, 3])) != nil)
            withExtendedLifetime(pause) {}
        }
        #expect(try await blobs.sweep() == 2)
        await database.close()
    }
}
