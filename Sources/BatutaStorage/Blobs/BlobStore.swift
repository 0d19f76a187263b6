public import BatutaCore
import Synchronization

/// Large values by their content (DESIGN §9.9): tool results, files, parts of model requests. Events carry the hash.
///
/// Up to 1 MiB a blob is a row of the same transaction as what refers to it. A larger one is a file that is on disk before that transaction is submitted.
public final class BlobStore: Sendable {
    public static var migrations: MigrationSet { BlobTables.migrations }
    /// Bytes up to which a blob is a row.
    public static let rowLimit = 1 << 20
    /// No blob younger than this is ever swept: whoever is about to refer to one has this long to do so.
    public static let grace = Duration.seconds(3_600)
    /// Blobs removed by one statement, so that a large sweep holds up no commit for long.
    private static let sweepPage = 500

    private let database: any Database
    private let tenant: String
    private let clock: any ProjectClock
    private let key: [UInt8]
    private let files: BlobFiles
    private let memory = Mutex(BlobMemory())

    /// Opens the blobs of a tenant, making its key at the first start.
    /// - Parameter folder: the store's folder, usually `.batuta`; files go to `blobs/` in it.
    public static func open(
        in database: any Database,
        folder: String,
        tenant: String = "default",
        clock: any ProjectClock = SystemClock()
    ) async throws -> BlobStore {
        var batch = WriteBatch(order: "blob_keys")
        batch.add(
            "INSERT INTO blob_keys (tenant_id, key, at) VALUES (\(tenant), \(Digest.randomBytes(32)), \(clock.now())) ON CONFLICT DO NOTHING"
        )
        _ = try await database.write(batch)
        let key = try await database.read { try $0.first("SELECT key FROM blob_keys WHERE tenant_id = \(tenant)") { $0.bytes(0) } }
        guard let key else { throw StorageError(.notFound, "the key of the tenant's blobs is missing right after it was made") }
        return BlobStore(database, tenant: tenant, clock: clock, key: key, files: try BlobFiles(store: folder))
    }

    private init(_ database: any Database, tenant: String, clock: any ProjectClock, key: [UInt8], files: BlobFiles) {
        self.database = database
        self.tenant = tenant
        self.clock = clock
        self.key = key
        self.files = files
    }

    public func hash(of bytes: [UInt8]) -> BlobHash {
        guard let hash = BlobHash(bytes: Digest.hmacSHA256(key: key, bytes)) else { preconditionFailure("an HMAC-SHA-256 has 32 bytes") }
        return hash
    }

    /// Adds the blob as a row, and the owner's reference, to the batch. Nothing is added when both are known to be in the store.
    ///
    /// Submit the batch within half an hour. Meant for up to `rowLimit` bytes: more works, but belongs through `prepare`.
    @discardableResult
    public func put(_ bytes: [UInt8], owner: String, into batch: inout WriteBatch) -> BlobHash {
        put(PreparedBlob(hash: hash(of: bytes), size: bytes.count, content: bytes), owner: owner, into: &batch)
    }

    /// Hashes the bytes and, when they are too many for a row, puts them on disk: durable when this returns.
    public func prepare(_ bytes: [UInt8]) async throws(StorageError) -> PreparedBlob {
        let hash = hash(of: bytes)
        guard bytes.count > Self.rowLimit else { return PreparedBlob(hash: hash, size: bytes.count, content: bytes) }
        try await files.write(bytes, as: hash)
        return PreparedBlob(hash: hash, size: bytes.count, content: nil)
    }

    /// Takes a blob in piece by piece, for what is too large to hold.
    public func writer() -> BlobWriter { BlobWriter(files, key: key) }

    /// At most `count` bytes from a place on, empty at the end; nil when there is no such blob. A large file is not checked against its name.
    public func read(_ hash: BlobHash, at offset: Int, count: Int) async throws -> [UInt8]? {
        let tenant = tenant
        let row = try await database.read {
            try $0.first(BlobTables.content, [.text(tenant), .blob(hash.bytes)]) { $0.optionalBytes(0) }
        }
        guard let row else { return nil }
        guard let content = row else { return try await files.read(hash, at: offset, count: count) }
        return Array(content.dropFirst(offset).prefix(count))
    }

    /// Adds a prepared blob and the owner's reference to the batch.
    @discardableResult
    public func put(_ blob: PreparedBlob, owner: String, into batch: inout WriteBatch) -> BlobHash {
        let now = clock.now()
        let known = BlobMemory.Key(hash: blob.hash, owner: owner)
        if memory.withLock({ $0.knows(known, now: now) }) { return blob.hash }
        let hash = Bind.blob(blob.hash.bytes)
        batch.add(BlobTables.insert, [.text(tenant), hash, .integer(blob.size), .optional(blob.content), .int(now.milliseconds)])
        batch.add(BlobTables.refer, [.text(tenant), hash, .text(owner)])
        batch.afterCommit { [weak self] in self?.memory.withLock { $0.remember(known, at: now) } }
        return blob.hash
    }

    /// Lets go of everything the owner refers to; the sweep takes away what nobody else does.
    public func release(owner: String, into batch: inout WriteBatch) {
        memory.withLock { $0.forget(owner: owner) }
        batch.add(BlobTables.release, [.text(tenant), .text(owner)])
        batch.afterCommit { [weak self] in self?.memory.withLock { $0.forget(owner: owner) } }
    }

    /// The bytes, or nil when there is no such blob. Throws `corrupt` when a file no longer holds what its name says.
    public func get(_ hash: BlobHash) async throws -> [UInt8]? {
        let tenant = tenant
        let row = try await database.read {
            try $0.first(BlobTables.content, [.text(tenant), .blob(hash.bytes)]) { $0.optionalBytes(0) }
        }
        guard let row else { return nil }
        if let content = row { return content }
        let bytes = try await files.read(hash)
        guard self.hash(of: bytes) == hash else {
            throw StorageError(.corrupt, "the file of blob \(hash) was changed; restore it from a backup")
        }
        return bytes
    }

    /// Removes blobs without an owner, and files without a blob, that are older than `age` (at least an hour), for good. Returns how many
    /// blobs went: none while a backup is being written, whose files must stay.
    @discardableResult
    public func sweep(olderThan age: Duration = grace) async throws -> Int {
        guard let turn = try await files.sweepTurn() else { return 0 }
        defer { withExtendedLifetime(turn) {} }
        memory.withLock { $0.forgetAll() }
        let before = clock.now().milliseconds - max(age, Self.grace).inMilliseconds
        var swept = 0
        while true {
            var batch = WriteBatch(order: "blobs")
            batch.add(BlobTables.sweep, [.text(tenant), .text(tenant), .int(before), .integer(Self.sweepPage)])
            let page = try await database.write(batch).results?.first?.rowsAffected ?? 0
            swept += page
            if page < Self.sweepPage { break }
        }
        try await sweepFiles()
        try await database.purge()
        return swept
    }

    private func sweepFiles() async throws {
        let tenant = tenant
        let old = try await files.old()
        for start in stride(from: 0, to: old.count, by: Self.sweepPage) {
            let page = Array(old[start..<min(start + Self.sweepPage, old.count)])
            let orphans = try await database.read { reading in
                try page.filter { try reading.first(BlobTables.content, [.text(tenant), .blob($0.bytes)]) { _ in true } == nil }
            }
            try await files.removeIfOld(orphans)
        }
    }
}

/// A blob that is ready to be put into a batch.
public struct PreparedBlob: Sendable {
    public let hash: BlobHash
    public let size: Int
    /// Nil when the bytes are in a file.
    let content: [UInt8]?
}
