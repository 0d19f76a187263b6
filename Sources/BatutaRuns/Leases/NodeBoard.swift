public import BatutaCore
public import BatutaStorage

/// The nodes at work on a store and the version of the project that each of them gives to new runs: how a worker without a folder finds the project, and
/// how it shows that two folders differ (DESIGN §9.18).
public struct NodeBoard: Sendable {
    public static let migrations = MigrationSet(
        capability: "nodes",
        [
            Migration(
                1,
                "nodes at work",
                [
                    """
                    CREATE TABLE nodes (tenant_id TEXT NOT NULL, id TEXT NOT NULL, role TEXT NOT NULL, project_hash TEXT NOT NULL,
                        has_folder BIGINT NOT NULL, started_at BIGINT NOT NULL, seen_at BIGINT NOT NULL, PRIMARY KEY (tenant_id, id))
                    """
                ]
            )
        ]
    )

    /// A node that was not seen for so long is gone.
    private static let patience = Duration.seconds(40)

    /// One node as it stands on the board.
    public struct Entry: Sendable, Hashable {
        public var node: NodeID
        public var role: String
        public var projectHash: String
        /// Whether its project comes from a folder of its own.
        public var hasFolder: Bool

        public init(node: NodeID, role: String, projectHash: String, hasFolder: Bool) {
            self.node = node
            self.role = role
            self.projectHash = projectHash
            self.hasFolder = hasFolder
        }
    }

    private let database: any Database

    public init(database: any Database) { self.database = database }

    /// Says that a node is at work, by the database's clock; takes those that are gone off the board.
    public func note(_ entry: Entry) async throws(StorageError) {
        var batch = WriteBatch(order: "nodes")
        batch.add(
            Self.upsert,
            [.text(entry.node.rawValue), .text(entry.role), .text(entry.projectHash), .int(entry.hasFolder ? 1 : 0)]
        )
        batch.add(Self.forget, [.int(Self.patience.inMilliseconds)])
        _ = try await database.write(batch)
    }

    public func remove(_ node: NodeID) async throws(StorageError) {
        var batch = WriteBatch(order: "nodes")
        batch.add("DELETE FROM nodes WHERE tenant_id = 'default' AND id = \(node.rawValue)")
        _ = try await database.write(batch)
    }

    /// Everyone who was seen lately, the newest first.
    public func entries() async throws -> [Entry] {
        try await database.read { connection in
            try connection.rows(Self.list, [.int(Self.patience.inMilliseconds)]) { row in
                Entry(node: NodeID(trusted: row.text(0)), role: row.text(1), projectHash: row.text(2), hasFolder: row.int(3) != 0)
            }
        }
    }

    /// The versions of the project that nodes said to serve, those that were not seen for a while too.
    public func projectHashes() async throws -> Set<String> {
        try await database.read { Set(try $0.rows("SELECT project_hash FROM nodes WHERE tenant_id = 'default'") { $0.text(0) }) }
    }

    private static let upsert = PreparedSQL(
        """
        INSERT INTO nodes (tenant_id, id, role, project_hash, has_folder, started_at, seen_at) VALUES ('default', ?, ?, ?, ?, {clock}, {clock})
        ON CONFLICT (tenant_id, id) DO UPDATE SET project_hash = excluded.project_hash, seen_at = excluded.seen_at
        """
    )
    private static let forget = PreparedSQL("DELETE FROM nodes WHERE tenant_id = 'default' AND seen_at < {clock} - ?")
    private static let list = PreparedSQL(
        """
        SELECT id, role, project_hash, has_folder FROM nodes WHERE tenant_id = 'default' AND seen_at >= {clock} - ? ORDER BY started_at DESC, id DESC
        """
    )
}
