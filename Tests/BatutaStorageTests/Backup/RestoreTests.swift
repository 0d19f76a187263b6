import BatutaCore
import BatutaTesting
import Foundation
import Glibc
import Testing

@testable import BatutaStorage

/// Putting a backup in the place of a store.
@Suite(.timeLimit(.minutes(5))) struct RestoreTests {
    /// A store that has moved on after its backup.
    struct Bench {
        let folder = TemporaryFolder()
        let blobs: BlobStore
        var file: String { folder.path + "/backup.tar" }

        init() async throws {
            let (database, blobs) = try await BackupTests.store(in: folder)
            self.blobs = blobs
            _ = try await BackupTests.backup(folder).write(to: folder.path + "/backup.tar")
            _ = try await database.write(Events.append(["later"], to: "a"))
            await database.close()
        }

        func events() async throws -> [String] {
            let database = try folder.open()
            let found = try await Events.all(of: "a", in: database)
            await database.close()
            return found
        }

        func events(aside: String) async throws -> [String] {
            let database = try SQLiteDatabase(path: aside + "/store.db")
            let found = try await Events.all(of: "a", in: database)
            await database.close()
            return found
        }
    }

    @Test func `the old store lies aside, whole, with its blobs`() async throws {
        let bench = try await Bench()
        let aside = try #require(try await BackupTests.restore(bench.file, into: bench.folder).aside)
        #expect(try await bench.events() == ["1 one", "2 two"])
        #expect(try await bench.events(aside: aside) == ["1 one", "2 two", "3 later"])
        let name = BackupArchive.name(of: bench.blobs.hash(of: BackupTests.large))
        #expect(DurableFile.size("\(aside)/\(name)") == BackupTests.large.count)
        #expect(DurableFile.size("\(bench.folder.path)/\(name)") == BackupTests.large.count)
        let second = try #require(try await BackupTests.restore(bench.file, into: bench.folder).aside)
        #expect(second == aside + "-2")
    }

    @Test func `a store that is held, or being backed up, is left alone`() async throws {
        let bench = try await Bench()
        do {
            let lock = try StoreLock(folder: bench.folder.path)
            #expect { _ = try StoreLock(folder: bench.folder.path) } throws: { ($0 as? StorageError)?.code == .locked }
            let pause = try FileLock(BlobFiles.sweepLock(in: bench.folder.path), .shared)
            #expect { _ = try StoreRestore(lock, databasePath: bench.folder.store) } throws: { ($0 as? StorageError)?.code == .locked }
            withExtendedLifetime((lock, pause)) {}
        }
        #expect(try await bench.events().count == 3)
    }

    /// What is done to an archive, and what a restore then says.
    enum Damage: String, CaseIterable, Sendable {
        case empty, noTar, foreignTar, cutInManifest, cutInTables, cutInBlob, cutBeforeSums, changedManifest, changedTables, changedBlob,
            extraFile,
            pathOutside, newer

        var code: StorageError.Code {
            switch self {
            case .empty, .noTar, .foreignTar: .foreignBackup
            case .newer: .newerBackup
            default: .damagedBackup
            }
        }

        /// The archive's files begin where their names stand.
        func applied(to bytes: [UInt8]) throws -> [UInt8] {
            func place(of name: String) throws -> Int {
                let found = stride(from: 0, to: bytes.count, by: 512).first { bytes[$0...].starts(with: Array(name.utf8)) }
                return try #require(found)
            }
            func changed(_ place: Int) -> [UInt8] {
                var bytes = bytes
                bytes[place] ^= 1
                return bytes
            }
            func inserted(_ name: String) throws -> [UInt8] {
                let end = try place(of: BackupArchive.sums)
                let header = TarHeader(name: name, count: 3)
                return bytes[..<end] + header.bytes + [1, 2, 3] + [UInt8](repeating: 0, count: header.padding) + bytes[end...]
            }
            switch self {
            case .empty: return []
            case .noTar: return Array(String(repeating: "no archive at all. ", count: 100).utf8)
            case .foreignTar: return TarHeader(name: "hello.txt", count: 2).bytes + [1, 2] + [UInt8](repeating: 0, count: 1_534)
            case .cutInManifest: return Array(bytes[..<(512 + 10)])
            case .cutInTables: return Array(bytes[..<(try place(of: BackupArchive.store) + 2_000)])
            case .cutInBlob: return Array(bytes[..<(try place(of: "blobs/") + 5_000)])
            case .cutBeforeSums: return Array(bytes[..<(try place(of: BackupArchive.sums))])
            case .changedManifest: return changed(512 + 30)
            case .changedTables: return changed(try place(of: BackupArchive.store) + 512 + 3_000)
            case .changedBlob: return changed(try place(of: "blobs/") + 512 + 3_000)
            case .extraFile: return try inserted("notes.txt")
            case .pathOutside: return try inserted("blobs/../../../outside")
            case .newer:
                let text = Array(#"{"format":2,"program":"9.0"}"#.utf8)
                let header = TarHeader(name: BackupArchive.manifest, count: text.count)
                return header.bytes + text + [UInt8](repeating: 0, count: header.padding)
            }
        }
    }

    @Test(arguments: Damage.allCases) func `an archive that is not what it should be changes nothing`(_ damage: Damage) async throws {
        let bench = try await Bench()
        let bytes = try damage.applied(to: try DurableFile.read(bench.file))
        try Data(bytes).write(to: URL(fileURLWithPath: bench.file))
        await #expect { _ = try await BackupTests.restore(bench.file, into: bench.folder) } throws: {
            ($0 as? StorageError)?.code == damage.code && ($0 as? StorageError)?.message.contains(bench.file) == true
        }
        #expect(try await bench.events().count == 3)
        #expect(!DurableFile.isThere(RestoreSwap.staging(in: bench.folder.path)))
    }

    /// The steps of the exchange, done by hand up to one of them, as a crash leaves them.
    @Test(arguments: 0...8) func `an exchange that a crash cut short is finished by whoever takes the lock`(_ steps: Int) async throws {
        let bench = try await Bench()
        let folder = bench.folder.path, ready = folder + "/restore.ready", aside = folder + "/aside"
        try Data("wal".utf8).write(to: URL(fileURLWithPath: folder + "/store.db-wal"))
        do {
            let restore = try StoreRestore(try StoreLock(folder: folder), databasePath: bench.folder.store)
            _ = try await restore.unpack(bench.file)
        }
        try RestoreSwap.decide(RestoreSwap.Plan(database: "store.db", aside: "aside"), in: folder)
        let moves = [
            (folder + "/blobs", aside + "/blobs"), (ready + "/blobs", folder + "/blobs"),
            (folder + "/store.db-wal", aside + "/store.db-wal"), (folder + "/store.db", aside + "/store.db"),
            (ready + "/store.db", folder + "/store.db"), (ready, folder + "/restore.done"),
        ]
        if steps > 0 { try DurableFile.makeFolder(aside) }
        for (from, to) in moves.prefix(max(0, steps - 1)) { #expect(rename(from, to) == 0) }
        if steps == 8 { try DurableFile.removeTree(folder + "/restore.done") }
        do { _ = try StoreLock(folder: folder) }
        #expect(DurableFile.size(aside + "/store.db-wal") == 3)
        #expect(unlink(aside + "/store.db-wal") == 0)
        #expect(try await bench.events() == ["1 one", "2 two"])
        #expect(try await bench.events(aside: aside).count == 3)
        let large = BackupArchive.name(of: bench.blobs.hash(of: BackupTests.large))
        for place in [folder, aside] { #expect(DurableFile.size("\(place)/\(large)") == BackupTests.large.count) }
        #expect(!DurableFile.isThere(ready))
    }

    @Test func `what a restore unpacked before it was killed is neither used nor in the way`() async throws {
        let bench = try await Bench()
        let staging = RestoreSwap.staging(in: bench.folder.path)
        try DurableFile.makeFolder(staging)
        try Data("half".utf8).write(to: URL(fileURLWithPath: staging + "/store.db"))
        do { _ = try StoreLock(folder: bench.folder.path) }
        #expect(try await bench.events().count == 3)
        _ = try await BackupTests.restore(bench.file, into: bench.folder)
        #expect(try await bench.events().count == 2)
    }
}
