import BatutaCore
import BatutaTesting
import Foundation
import Testing

@testable import BatutaStorage

/// One archive for both databases: a store moves from one to the other.
@Suite(.timeLimit(.minutes(5))) struct MoveTests {
    static let migrations = [
        MigrationSet(
            capability: "things",
            [
                Migration(
                    1,
                    "things",
                    [
                        "CREATE TABLE things (serial {serial}, name TEXT, \"order\" DOUBLE PRECISION, bytes {bytes}, small INTEGER)",
                        "CREATE TABLE made (name TEXT PRIMARY KEY)", "INSERT INTO made (name) VALUES ('by the migration')",
                    ]
                )
            ]
        ), BlobStore.migrations,
    ]

    /// 300 rows of every kind of value, and blobs of both kinds.
    private func fill(_ database: any Database, _ folder: TemporaryFolder) async throws {
        try await database.migrate(Self.migrations)
        let blobs = try await BlobStore.open(in: database, folder: folder.path)
        var batch = WriteBatch(order: "x")
        for number in 0..<300 {
            let name: String? = number % 7 == 0 ? nil : "ação '\(number)' \"x\" \\ 🎼"
            let bytes: [UInt8]? = number % 5 == 0 ? nil : (0..<number).map { UInt8(truncatingIfNeeded: $0) }
            batch.add(
                "INSERT INTO things (name, \"order\", bytes, small) VALUES (\(name), \(Double(number) / 3), \(Bind.optional(bytes)), \(number))"
            )
        }
        blobs.put([1, 2, 3], owner: "a", into: &batch)
        blobs.put(try await blobs.prepare(BackupTests.large), owner: "a", into: &batch)
        _ = try await database.write(batch)
    }

    private func contents(_ database: any Database) async throws -> [[RowValue]] {
        try await database.read { reading in
            let things = try reading.rows("SELECT serial, name, \"order\", bytes, small FROM things ORDER BY serial") { row in
                (0..<5).map(row.value)
            }
            let made = try reading.rows("SELECT name FROM made") { [$0.value(0)] }
            let blobs = try reading.rows("SELECT hash, size, content, at FROM blobs ORDER BY hash") { row in (0..<4).map(row.value) }
            return things + made + blobs
                + (try reading.rows("SELECT hash, owner FROM blob_refs ORDER BY hash") { [$0.value(0), $0.value(1)] })
        }
    }

    private func backup(_ database: any Database, _ folder: TemporaryFolder) throws -> StoreBackup {
        guard let postgres = database as? PostgresDatabase else {
            return StoreBackup(databasePath: folder.path + "/batuta.db", program: "1.0")
        }
        return StoreBackup(postgres, folder: folder.path, migrations: Self.migrations, program: "1.0")
    }

    /// Restores into an empty store and opens it.
    private func restore(_ file: String, on kind: StoreEngine, _ folder: TemporaryFolder) async throws -> any Database {
        let restore = try StoreRestore(try StoreLock(folder: folder.path), databasePath: folder.path + "/batuta.db")
        _ = try await restore.unpack(file)
        let database = try await kind.open(in: folder)
        if let postgres = database as? PostgresDatabase {
            try await restore.putInPlace(in: postgres, migrations: Self.migrations)
            return postgres
        }
        await database.close()
        _ = try await restore.putInPlace(at: Timestamp(milliseconds: 0))
        return try await kind.open(in: folder)
    }

    @Test(arguments: StoreEngine.all, StoreEngine.all)
    func `what one database held the other holds, value by value, and goes on from there`(_ from: StoreEngine, _ to: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder(), other = TemporaryFolder(), file = folder.path + "/backup.tar"
        let source = try await from.open(in: folder)
        try await fill(source, folder)
        let expected = try await contents(source)
        let summary = try await backup(source, folder).write(to: file)
        #expect(summary.blobFiles == 1)
        await source.close()
        let target = try await restore(file, on: to, other)
        #expect(try await contents(target) == expected)
        let blobs = try await BlobStore.open(in: target, folder: other.path)
        #expect(try await blobs.get(blobs.hash(of: BackupTests.large)) == BackupTests.large)
        var batch = WriteBatch(order: "x")
        batch.add("INSERT INTO things (name) VALUES ('next') RETURNING serial", expecting: 1)
        #expect(try await target.write(batch).results?[0].returned[0].int(0) == 301)
        await target.close()
    }

    @Test func `a database that holds something is refused and stays as it is`() async throws {
        let folder = TemporaryFolder(), other = TemporaryFolder(), file = folder.path + "/backup.tar"
        let source = try await StoreEngine.sqlite.open(in: folder)
        try await fill(source, folder)
        _ = try await backup(source, folder).write(to: file)
        await source.close()
        let target = try await StoreEngine.postgres.open(in: other)
        try await target.migrate(Self.migrations)
        var batch = WriteBatch(order: "x")
        batch.add("INSERT INTO things (name) VALUES ('mine')")
        _ = try await target.write(batch)
        await target.close()
        await #expect { _ = try await restore(file, on: .postgres, other) } throws: { ($0 as? StorageError)?.code == .notEmpty }
        let again = try await StoreEngine.postgres.open(in: other)
        #expect(try await contents(again) == [[.int(1), .text("mine"), .null, .null, .null], [.text("by the migration")]])
        await again.close()
    }

    @Test func `a store on PostgreSQL is backed up as of one moment while others write`() async throws {
        let folder = TemporaryFolder(), other = TemporaryFolder(), file = folder.path + "/backup.tar"
        let source = try await StoreEngine.postgres.open(in: folder)
        try await fill(source, folder)
        let saved = try backup(source, folder)
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Each batch writes to the first and the last table that is copied.
            group.addTask {
                for number in 0..<300 {
                    var batch = WriteBatch(order: "x")
                    batch.add("INSERT INTO blob_refs (tenant_id, hash, owner) VALUES ('t', \([UInt8(1)]), \("owner \(number)"))")
                    batch.add("INSERT INTO things (name) VALUES ('both')")
                    _ = try await source.write(batch)
                }
            }
            group.addTask { _ = try await saved.write(to: file) }
            try await group.waitForAll()
        }
        await source.close()
        let copy = try await restore(file, on: .sqlite, other)
        let counts = try await copy.read { reading in
            (
                try reading.first("SELECT COUNT(*) FROM blob_refs WHERE tenant_id = 't'") { $0.int(0) },
                try reading.first("SELECT COUNT(*) FROM things WHERE name = 'both'") { $0.int(0) }
            )
        }
        #expect(counts.0 == counts.1)
        await copy.close()
    }

    @Test func `tables of another version are not copied`() async throws {
        let folder = TemporaryFolder()
        let source = try await StoreEngine.postgres.open(in: folder)
        try await source.migrate([Self.migrations[0]])
        await #expect { _ = try await backup(source, folder).write(to: folder.path + "/backup.tar") } throws: {
            ($0 as? StorageError)?.code == .migration
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).allSatisfy { !$0.contains("backup") })
        await source.close()
    }
}
