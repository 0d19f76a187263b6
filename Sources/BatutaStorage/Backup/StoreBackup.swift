public import BatutaCore
import Glibc

/// Writes a SQLite store into one archive while others work on it: a copy of the tables as they are at one moment, then the files of large
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

    private let databasePath: String
    private let folder: String
    private let program: String
    private let clock: any ProjectClock

    /// - Parameter program: The version that writes it.
    public init(databasePath: String, program: String, clock: any ProjectClock = SystemClock()) {
        self.databasePath = databasePath
        folder = DurableFile.folder(of: databasePath)
        self.program = program
        self.clock = clock
    }

    /// The archive is on disk under its name when this returns; before, and after a crash, there is none of this name. Needs room for the store
    /// twice, since the copy of the tables lies beside the archive until it is in it.
    ///
    /// - Throws: `exists` when there is something of this name, `locked` while another backup of this name is written, `not_found` without a
    ///   store, `full`, and what reading and writing throw.
    public func write(to target: String) async throws(StorageError) -> Summary {
        let backup = self
        return try await WorkerThread.run("batuta-backup") { () throws(StorageError) in try backup.blockingWrite(to: target) }
    }

    private func blockingWrite(to target: String) throws(StorageError) -> Summary {
        try refuse(target)
        let temporary = target + ".tmp", copy = target + ".store.tmp"
        guard let lock = try FileLock(temporary) else {
            throw StorageError(.locked, "another backup is being written to \(target); wait for it, or choose another name")
        }
        // The last one may have been cut short.
        guard ftruncate(lock.file, 0) == 0 else { throw .system("cannot write \(temporary)", errno) }
        unlink(copy)
        defer { for suffix in ["", "-wal", "-shm", "-journal"] { unlink(copy + suffix) } }
        do {
            let summary = try archive(into: lock.file, temporary, copy)
            try refuse(target)
            try DurableFile.move(temporary, to: target, in: DurableFile.folder(of: target))
            return summary
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private func refuse(_ target: String) throws(StorageError) {
        guard DurableFile.isThere(databasePath) else {
            throw StorageError(.notFound, "there is no store \(databasePath); --project or --database leads to it")
        }
        guard DurableFile.isThere(target) else { return }
        throw StorageError(.exists, "there is something at \(target) already: choose another name, or move it away", cause: target)
    }

    private func archive(into file: Int32, _ path: String, _ copy: String) throws(StorageError) -> Summary {
        let pause = try FileLock(BlobFiles.sweepLock(in: folder), .shared, waits: true)
        defer { withExtendedLifetime(pause) {} }
        let contents = try copyTables(to: copy)
        let writer = ArchiveWriter(file, path, modified: contents.manifest.takenAt)
        var manifest = contents.manifest
        let files = contents.blobs.map { (name: BackupArchive.name(of: $0), path: "\(folder)/\(BackupArchive.name(of: $0))") }
        manifest.missingBlobs = files.filter { !DurableFile.isThere($0.path) }.map(\.name)
        try writer.add(manifest.bytes, as: BackupArchive.manifest)
        guard try writer.add(file: copy, as: BackupArchive.store) else { throw StorageError(.io, "\(copy) went away; try again") }
        var count = 0
        for file in files where try writer.add(file: file.path, as: file.name) { count += 1 }
        try writer.finish()
        return Summary(bytes: writer.written, blobFiles: count, manifest: manifest)
    }

    private struct Contents {
        var manifest: BackupManifest
        var blobs: [BlobHash]
    }

    private func copyTables(to copy: String) throws(StorageError) -> Contents {
        let configuration = SQLiteConfiguration(mode: .admin)
        let live = try SQLiteConnection(path: databasePath, isReader: false, configuration: configuration)
        let large = try live.run("SELECT COALESCE(SUM(size), 0) FROM blobs WHERE content IS NULL").returned.first?.int(0) ?? 0
        let tables = ["", "-wal"].reduce(0) { $0 + (DurableFile.size(databasePath + $1) ?? 0) }
        try DiskSpace.require(2 * tables + Int(large), in: DurableFile.folder(of: copy), for: "the backup")
        let now = clock.now()
        try live.run("VACUUM INTO \(copy)")
        chmod(copy, 0o600)
        let connection = try SQLiteConnection(path: copy, isReader: false, configuration: configuration)
        let applied = try connection.run("SELECT capability, MAX(number) FROM schema_migrations GROUP BY capability").returned
        let blobs = try connection.run("SELECT hash FROM blobs WHERE content IS NULL ORDER BY hash").returned
        return Contents(
            manifest: BackupManifest(
                program: program,
                takenAt: now,
                tables: Dictionary(applied.map { ($0.text(0), Int($0.int(1))) }) { $1 },
                missingBlobs: []
            ),
            blobs: blobs.compactMap { BlobHash(bytes: $0.bytes(0)) }
        )
    }
}
