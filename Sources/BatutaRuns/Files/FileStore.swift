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

    /// Its session, if it has one, must still be there: `notFound` otherwise.
    public func add(_ file: NewFile) async throws {
        let id = file.file.sessionID?.rawValue ?? file.file.id.rawValue
        var batch = WriteBatch(order: id)
        if file.file.sessionID != nil {
            batch.add("UPDATE sessions SET leaf = leaf WHERE tenant_id = 'default' AND id = \(id)", expecting: 1)
        }
        file.add(to: &batch, blobs)
        guard case .committed = try await database.write(batch) else {
            throw RunsError(.notFound, Words("The session \(id) was deleted meanwhile.", "A sessão \(id) foi apagada nesse meio-tempo."))
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

    /// Removes what was uploaded before this and that no message took along.
    public func sweepUnnamed(before moment: Timestamp) async throws {
        let isUnnamed: SQL = """
            tenant_id = 'default' AND session_id = \(StoredFile.noSession) AND created_at < \(moment)
            """
        var batch = WriteBatch(order: "files")
        batch.add("DELETE FROM blob_refs WHERE tenant_id = 'default' AND owner IN (SELECT id FROM files WHERE \(isUnnamed))")
        batch.add("DELETE FROM files WHERE \(isUnnamed)")
        _ = try await database.write(batch)
    }

    /// A file that no session has yet becomes a session's; the batch fails, alone, when another message was first.
    public static func binding(_ id: FileID, to session: SessionID, owner: String) -> Projection {
        Projection(bind, [.text(session.rawValue), .text(owner), .text(id.rawValue), .text(StoredFile.noSession)], expecting: 1)
    }

    /// A session's file once more, as another session's; the bytes are shared. What is no file of the session is passed over: the events of a fork may
    /// name anything.
    public static func copies(
        _ file: FileID,
        of source: SessionID,
        as copy: FileID,
        in session: SessionID,
        owner: String
    ) -> [Projection] {
        let named: [Bind] = [.text(file.rawValue), .text(source.rawValue)]
        return [
            Projection(copyRow, [.text(copy.rawValue), .text(session.rawValue), .text(owner)] + named),
            Projection(copyReference, [.text(copy.rawValue)] + named),
        ]
    }

    /// What a session's events refer to is referred to by another one's as well.
    public static func sharing(blobsOf session: SessionID, with other: SessionID) -> Projection {
        Projection(shareReferences, [.text(other.rawValue), .text(session.rawValue)])
    }

    private static let copyRow = PreparedSQL(
        """
        INSERT INTO files (tenant_id, id, session_id, user_id, run_id, name, media_type, size, hash, created_at)
        SELECT tenant_id, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), NULL, name, media_type, size, hash, created_at
        FROM files WHERE tenant_id = 'default' AND id = ? AND session_id = ?
        """
    )
    private static let copyReference = PreparedSQL(
        """
        INSERT INTO blob_refs (tenant_id, hash, owner) SELECT tenant_id, hash, CAST(? AS TEXT) FROM files
        WHERE tenant_id = 'default' AND id = ? AND session_id = ? ON CONFLICT DO NOTHING
        """
    )
    private static let shareReferences = PreparedSQL(
        """
        INSERT INTO blob_refs (tenant_id, hash, owner) SELECT tenant_id, hash, CAST(? AS TEXT) FROM blob_refs
        WHERE tenant_id = 'default' AND owner = ? ON CONFLICT DO NOTHING
        """
    )
    private static let bind = PreparedSQL(
        "UPDATE files SET session_id = ?, user_id = ? WHERE tenant_id = 'default' AND id = ? AND session_id = ?"
    )

    private static let columns: StaticString = "id, session_id, user_id, run_id, name, media_type, size, hash, created_at"

    private static func file(_ row: Row) -> StoredFile? {
        guard let hash = BlobHash(bytes: row.bytes(7)) else { return nil }
        return StoredFile(
            id: FileID(trusted: row.text(0)),
            session: row.text(1) == StoredFile.noSession ? nil : SessionID(trusted: row.text(1)),
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
