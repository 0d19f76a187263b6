public import BatutaCore
import Glibc

/// Puts a backup in the place of a store. The old store stays as it is until the new one is whole, and lies aside afterwards.
///
/// In order: `unpack`, whatever is to be done to the new tables at `databasePath`, `putInPlace`. A crash before `putInPlace` leaves the old
/// store and a folder that the next restore removes; a crash within it leaves one that the next `StoreLock` finishes.
public struct StoreRestore: Sendable {
    private let lock: StoreLock
    private let target: String
    /// Held until the end: no backup may read files that are being exchanged.
    private let pause: FileLock

    /// Where the new tables are until they are put in place.
    public var databasePath: String { RestoreSwap.staging(in: lock.folder) + "/" + BackupArchive.store }

    /// - Parameters:
    ///   - lock: The right to the store; nobody else may have it open.
    ///   - databasePath: The store's file, in the folder of the lock.
    /// - Throws: `locked` while a backup of this store is being written.
    public init(_ lock: StoreLock, databasePath: String) throws(StorageError) {
        guard let pause = try FileLock(BlobFiles.sweepLock(in: lock.folder)) else {
            throw StorageError(.locked, "a backup of this store is being written; wait for it and try again")
        }
        self.lock = lock
        self.pause = pause
        target = databasePath.split(separator: "/").last.map(String.init) ?? databasePath
    }

    /// Unpacks the archive beside the store, checking every byte.
    ///
    /// - Throws: `foreign_backup`, `newer_backup`, `damaged_backup`, `full`, or what reading and writing throw.
    public func unpack(_ file: String) async throws(StorageError) -> BackupManifest {
        let folder = lock.folder
        return try await WorkerThread.run("batuta-restore") { () throws(StorageError) in
            let staging = RestoreSwap.staging(in: folder)
            try DurableFile.removeTree(staging)
            do throws(StorageError) {
                return try BackupUnpacking(file, into: staging).run()
            } catch {
                try? DurableFile.removeTree(staging)
                throw error
            }
        }
    }

    /// Lets go of what was unpacked.
    public func abandon() async {
        let folder = lock.folder
        _ = try? await WorkerThread.run("batuta-restore") { () throws(StorageError) in
            try DurableFile.removeTree(RestoreSwap.staging(in: folder))
        }
    }

    /// Exchanges the stores.
    /// - Returns: The folder where the old one lies; nil when there was none.
    public func putInPlace(at now: Timestamp) async throws(StorageError) -> String? {
        let folder = lock.folder, target = target
        return try await WorkerThread.run("batuta-restore") { () throws(StorageError) in
            let aside = Self.asideName(at: now, in: folder)
            try RestoreSwap.decide(RestoreSwap.Plan(database: target, aside: aside), in: folder)
            try RestoreSwap.finish(in: folder)
            return DurableFile.isThere("\(folder)/\(aside)") ? "\(folder)/\(aside)" : nil
        }
    }

    /// Puts what was unpacked into a PostgreSQL store that holds nothing yet: first the files of large blobs, which nothing refers to before the
    /// rows are there, then all rows in one transaction.
    /// - Throws: `not_empty`.
    public func putInPlace(in database: PostgresDatabase, migrations: [MigrationSet]) async throws {
        let folder = lock.folder, fresh = RestoreSwap.staging(in: folder) + "/fresh.db"
        try await database.migrate(migrations)
        let empty = try SQLiteDatabase(path: fresh)
        do {
            try await empty.migrate(migrations)
        } catch {
            await empty.close()
            throw error
        }
        await empty.close()
        try await WorkerThread.run("batuta-restore") { () throws(StorageError) in try Self.takeInBlobs(folder) }
        try await database.fill(from: databasePath, fresh: fresh)
        await abandon()
    }

    private static func takeInBlobs(_ folder: String) throws(StorageError) {
        let (new, place) = (RestoreSwap.staging(in: folder) + "/" + BackupArchive.blobs, folder + "/" + BackupArchive.blobs)
        try DurableFile.makeFolder(place)
        for prefix in DurableFile.entries(new) {
            try DurableFile.makeFolder("\(place)/\(prefix)")
            for name in DurableFile.entries("\(new)/\(prefix)") {
                try DurableFile.move("\(new)/\(prefix)/\(name)", to: "\(place)/\(prefix)/\(name)", in: "\(place)/\(prefix)")
            }
        }
    }

    private static func asideName(at now: Timestamp, in folder: String) -> String {
        let moment = now.rfc3339.prefix(19).filter { $0 != ":" && $0 != "-" }
        let name = "before-restore-\(moment)"
        let free = (2...1_000).lazy.map { "\(name)-\($0)" }.first { !DurableFile.isThere("\(folder)/\($0)") }
        return DurableFile.isThere("\(folder)/\(name)") ? free ?? name : name
    }
}
