import BatutaCore

/// The tables of blobs and the statements on them.
enum BlobTables {
    static let migrations = MigrationSet(
        capability: "blobs",
        [
            Migration(
                1,
                "blobs",
                [
                    "CREATE TABLE blob_keys (tenant_id TEXT PRIMARY KEY, key {bytes} NOT NULL, at BIGINT NOT NULL)",
                    """
                    CREATE TABLE blobs (tenant_id TEXT NOT NULL, hash {bytes} NOT NULL, size BIGINT NOT NULL, content {bytes}, at BIGINT NOT NULL,
                        PRIMARY KEY (tenant_id, hash))
                    """,
                    "CREATE INDEX blobs_by_age ON blobs (tenant_id, at)",
                    """
                    CREATE TABLE blob_refs (tenant_id TEXT NOT NULL, hash {bytes} NOT NULL, owner TEXT NOT NULL,
                        PRIMARY KEY (tenant_id, hash, owner))
                    """,
                    "CREATE INDEX blob_refs_by_owner ON blob_refs (tenant_id, owner)",
                ]
            )
        ]
    )

    /// A known blob gets a new age when its own is a third used up, so that the sweep leaves it to its new owner.
    static let insert = PreparedSQL(
        """
        INSERT INTO blobs (tenant_id, hash, size, content, at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (tenant_id, hash) DO UPDATE SET at = excluded.at WHERE blobs.at < excluded.at - 1200000
        """
    )
    static let refer = PreparedSQL("INSERT INTO blob_refs (tenant_id, hash, owner) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
    static let release = PreparedSQL("DELETE FROM blob_refs WHERE tenant_id = ? AND owner = ?")
    static let content = PreparedSQL("SELECT content FROM blobs WHERE tenant_id = ? AND hash = ?")
    static let sweep = PreparedSQL(
        """
        DELETE FROM blobs WHERE tenant_id = ? AND hash IN (
            SELECT b.hash FROM blobs b WHERE b.tenant_id = ? AND b.at < ?
            AND NOT EXISTS (SELECT 1 FROM blob_refs r WHERE r.tenant_id = b.tenant_id AND r.hash = b.hash) LIMIT ?)
        """
    )
}
