public import BatutaCore
import Glibc

/// Writes a store into one archive while others work on it: a copy of the tables as they are at one moment, then the files of large
/// blobs, which no sweep takes away meanwhile (DESIGN §9.13). The master key stays out.
public struct StoreBackup: Sendable {
    /// What came of it.
    public struct Summary: Sendable {
        /// Size of the archive.
        public var bytes: Int
        /// Files of large blobs in it.
        public var blobFiles: Int
        public var manifest: BackupManifest
    }

    private enum Tables: Sendable {
        case sqlite(path: String)
        case postgres(PostgresExport)
    }

    private let tables: Tables
    private let folder: String
    private let program: String
    private let clock: any ProjectClock

    /// - Parameter program: The version that writes it.
    public init(databasePath: String, program: String, clock: any ProjectClock = SystemClock()) {
        self.init(.sqlite(path: databasePath), folder: DurableFile.folder(of: databasePath), program: program, clock: clock)
    }

    /// - Parameters:
    ///   - folder: Where the files of large blobs are, in `blobs`.
    ///   - migrations: Those of this program; the store must be up to date.
    public init(
        _ database: PostgresDatabase,
        folder: String,
        migrations: [MigrationSet],
        program: String,
        clock: any ProjectClock = SystemClock()
    ) {
        let export = PostgresExport(source: database, migrations: migrations)
        self.init(.postgres(export), folder: folder, program: program, clock: clock)
    }

    private init(_ tables: Tables, folder: String, program: String, clock: any ProjectClock) {
        self.tables = tables
        self.folder = folder
        self.program = program
        self.clock = clock
    }

    /// The archive is on disk under its name when this returns; before, and after a crash, there is none of this name. Needs room for the store
    /// twice, since the copy of the tables lies beside the archive until it is in it.
    ///
    /// - Throws: `exists` when there is something of this name, `locked` while another backup of this name is written, `not_found` without a
    ///   store, `full`, and what reading and writing throw.
    public func write(to target: String) async throws -> Summary {
        let backup = self, temporary = target + ".tmp", copy = target + ".store.tmp"
        let lock = try await onThread { () throws(StorageError) in try backup.begin(target, temporary, copy) }
        defer { for suffix in ["", "-wal", "-shm", "-journal"] { unlink(copy + suffix) } }
        do {
            let pause = try await onThread { () throws(StorageError) in
                try FileLock(BlobFiles.sweepLock(in: backup.folder), .shared, waits: true)
            }
            defer { withExtendedLifetime(pause) {} }
            let now = clock.now()
            try await copyTables(to: copy)
            return try await onThread { () throws(StorageError) in
                let summary = try backup.archive(into: lock.file, temporary, copy, at: now)
                try backup.refuse(target)
                try DurableFile.move(temporary, to: target, in: DurableFile.folder(of: target))
                return summary
            }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private func onThread<T: Sendable>(_ body: @escaping @Sendable () throws(StorageError) -> T) async throws(StorageError) -> T {
        try await WorkerThread.run("batuta-backup", body)
    }

    private func begin(_ target: String, _ temporary: String, _ copy: String) throws(StorageError) -> FileLock {
        try refuse(target)
        guard let lock = try FileLock(temporary) else {
            throw StorageError(.locked, "another backup is being written to \(target); wait for it, or choose another name")
        }
        // The last one may have been cut short.
        guard ftruncate(lock.file, 0) == 0 else { throw .system("cannot write \(temporary)", errno) }
        unlink(copy)
        return lock
    }

    private func refuse(_ target: String) throws(StorageError) {
        if case .sqlite(let path) = tables, !DurableFile.isThere(path) {
            throw StorageError(.notFound, "there is no store \(path); --project or --database leads to it")
        }
        guard DurableFile.isThere(target) else { return }
        throw StorageError(.exists, "there is something at \(target) already: choose another name, or move it away", cause: target)
    }

    private func copyTables(to copy: String) async throws {
        switch tables {
        case .sqlite(let path): try await onThread { () throws(StorageError) in try Self.copy(path, to: copy) }
        case .postgres(let export): try await export.copy(to: copy)
        }
    }

    private static func copy(_ path: String, to copy: String) throws(StorageError) {
        let live = try SQLiteConnection(path: path, isReader: false, configuration: SQLiteConfiguration(mode: .admin))
        let large = try live.run("SELECT COALESCE(SUM(size), 0) FROM blobs WHERE content IS NULL").returned.first?.int(0) ?? 0
        let tables = ["", "-wal"].reduce(0) { $0 + (DurableFile.size(path + $1) ?? 0) }
        try DiskSpace.require(2 * tables + Int(large), in: DurableFile.folder(of: copy), for: "the backup")
        try live.run("VACUUM INTO \(copy)")
    }

    private func archive(into file: Int32, _ path: String, _ copy: String, at now: Timestamp) throws(StorageError) -> Summary {
        let contents = try Contents(of: copy)
        let writer = ArchiveWriter(file, path, modified: now)
        let files = contents.blobs.map { (name: BackupArchive.name(of: $0), path: "\(folder)/\(BackupArchive.name(of: $0))") }
        let missing = files.filter { !DurableFile.isThere($0.path) }.map(\.name)
        let manifest = BackupManifest(program: program, takenAt: now, tables: contents.tables, missingBlobs: missing)
        try writer.add(manifest.bytes, as: BackupArchive.manifest)
        guard try writer.add(file: copy, as: BackupArchive.store) else { throw StorageError(.io, "\(copy) went away; try again") }
        var count = 0
        for file in files where try writer.add(file: file.path, as: file.name) { count += 1 }
        try writer.finish()
        return Summary(bytes: writer.written, blobFiles: count, manifest: manifest)
    }

    /// What the copied tables say of themselves.
    private struct Contents {
        /// Newest migration by capability.
        let tables: [String: Int]
        /// Large blobs.
        let blobs: [BlobHash]

        init(of copy: String) throws(StorageError) {
            chmod(copy, 0o600)
            let connection = try SQLiteConnection(path: copy, isReader: false, configuration: SQLiteConfiguration(mode: .admin))
            let applied = try connection.run("SELECT capability, MAX(number) FROM schema_migrations GROUP BY capability").returned
            tables = Dictionary(applied.map { ($0.text(0), Int($0.int(1))) }) { $1 }
            blobs = try connection.run("SELECT hash FROM blobs WHERE content IS NULL ORDER BY hash").returned.compactMap {
                BlobHash(bytes: $0.bytes(0))
            }
        }
    }
}
