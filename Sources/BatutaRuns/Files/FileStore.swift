public import BatutaCore
public import BatutaStorage

/// Keeps the files of sessions: rows that name blobs.
public struct FileStore: Sendable {
    private let database: any Database
    /// nil where nothing is kept.
    public let blobs: BlobStore?

    public init(database: any Database, blobs: BlobStore?) {
        self.database = database
        self.blobs = blobs
    }

    /// The session must still be there: `notFound` otherwise.
    public func add(_ file: NewFile) async throws {
        var batch = WriteBatch(order: file.file.sessionID.rawValue)
        batch.add(
            "UPDATE sessions SET leaf = leaf WHERE tenant_id = 'default' AND id = \(file.file.sessionID.rawValue)",
            expecting: 1
        )
        file.add(to: &batch, blobs)
        guard case .committed = try await database.write(batch) else {
            throw RunsError(.notFound, "The session \(file.file.sessionID) was deleted meanwhile.")
        }
    }

    /// - Parameter owner: nil sees every file.
    public func find(_ id: FileID, owner: String?) async throws -> StoredFile? {
        try await database.read { connection in
            try connection.first(
                """
                SELECT \(raw: Self.columns) FROM files
                WHERE tenant_id = 'default' AND id = \(id.rawValue) AND (\(owner) IS NULL OR user_id = \(owner))
                """,
                Self.file
            ) ?? nil
        }
    }

    /// Newest first. `before` is the cursor: files with a smaller identifier.
    public func list(_ session: SessionID, before: String? = nil, limit: Int) async throws -> [StoredFile] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT \(raw: Self.columns) FROM files
                WHERE tenant_id = 'default' AND session_id = \(session.rawValue) AND (\(before) IS NULL OR id < \(before))
                ORDER BY id DESC LIMIT \(limit)
                """,
                Self.file
            ).compactMap(\.self)
        }
    }

    /// Bytes from a place on, empty at the end; nil when they are gone.
    public func read(_ file: StoredFile, at offset: Int, count: Int) async throws -> [UInt8]? {
        try await blobs?.read(file.hash, at: offset, count: count)
    }

    /// Removes the file; the sweep takes its bytes away when nothing else refers to them.
    public func delete(_ id: FileID) async throws {
        var batch = WriteBatch(order: id.rawValue)
        batch.add("DELETE FROM files WHERE tenant_id = 'default' AND id = \(id.rawValue)")
        blobs?.release(owner: id.rawValue, into: &batch)
        _ = try await database.write(batch)
    }

    private static let columns: StaticString = "id, session_id, user_id, run_id, name, media_type, size, hash, created_at"

    private static func file(_ row: Row) -> StoredFile? {
        guard let hash = BlobHash(bytes: row.bytes(7)) else { return nil }
        return StoredFile(
            id: FileID(trusted: row.text(0)),
            session: SessionID(trusted: row.text(1)),
            owner: row.text(2),
            run: row.optionalText(3).map(RunID.init(trusted:)),
            name: row.text(4),
            mediaType: row.text(5),
            size: row.int(6),
            hash: hash,
            createdAt: Timestamp(milliseconds: row.int(8))
        )
    }
}
