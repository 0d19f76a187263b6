public import BatutaCore
public import BatutaStorage

/// Keeps every project version that a run began with, by its hash (DESIGN §9.18).
public struct SnapshotStore: Sendable {
    private let database: any Database
    private let clock: any ProjectClock

    public init(database: any Database, clock: any ProjectClock) {
        self.database = database
        self.clock = clock
    }

    public static let migrations = MigrationSet(
        capability: "projects",
        [
            Migration(
                1,
                "project snapshots",
                [
                    """
                    CREATE TABLE project_snapshots (
                        tenant_id TEXT NOT NULL, hash TEXT NOT NULL, content {bytes} NOT NULL, at BIGINT NOT NULL,
                        PRIMARY KEY (tenant_id, hash))
                    """
                ]
            ),
            Migration(
                2,
                "versions of prompts",
                [
                    // A row for each change of a file of agents/ or prompts/, with the snapshot that it came with; no content where it was removed.
                    """
                    CREATE TABLE prompt_versions (
                        serial {serial}, tenant_id TEXT NOT NULL, path TEXT NOT NULL, hash TEXT NOT NULL, content TEXT, snapshot TEXT NOT NULL,
                        at BIGINT NOT NULL)
                    """,
                    "CREATE INDEX prompt_versions_of_path ON prompt_versions (tenant_id, path, serial)",
                ]
            ),
            // Who wrote it over the API; a change of a file has no name.
            Migration(3, "who wrote a version of a prompt", ["ALTER TABLE prompt_versions ADD COLUMN author TEXT"]),
        ]
    )

    /// Storing a version again, as after going back to it, makes it the newest.
    public func store(_ snapshot: ProjectSnapshot) async throws {
        var batch = WriteBatch(order: "project_snapshots")
        batch.add(
            """
            INSERT INTO project_snapshots (tenant_id, hash, content, at)
            VALUES ('default', \(snapshot.hash), \(snapshot.bytes), \(clock.now()))
            ON CONFLICT (tenant_id, hash) DO UPDATE SET at = excluded.at
            """
        )
        for change in try await PromptVersions(database: database).changes(in: snapshot) { batch.add(change.insertion(at: clock.now())) }
        _ = try await database.write(batch)
    }

    /// The version that was stored last.
    public func newest() async throws -> ProjectSnapshot? {
        let bytes = try await database.read { connection in
            let newest: SQL = "SELECT content FROM project_snapshots WHERE tenant_id = 'default' ORDER BY at DESC LIMIT 1"
            return try connection.first(newest) { $0.bytes(0) }
        }
        return bytes.flatMap(ProjectSnapshot.init(bytes:))
    }

    public func find(_ hash: String) async throws -> ProjectSnapshot? {
        let bytes = try await database.read { connection in
            try connection.first("SELECT content FROM project_snapshots WHERE tenant_id = 'default' AND hash = \(hash)") { $0.bytes(0) }
        }
        return bytes.flatMap(ProjectSnapshot.init(bytes:))
    }
}
