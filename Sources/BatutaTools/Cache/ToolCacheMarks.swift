import BatutaCore
public import BatutaStorage

/// What the nodes of a store tell each other of results that are not to be given again: rows for a few minutes.
///
/// The bell never carries data (DESIGN §9.14), and a mark is wanted by every node once: so each reads what came lately, once a second.
public struct ToolCacheMarks: Sendable {
    private let database: any Database

    /// How long a mark is there for nodes to read.
    static let retention = Duration.seconds(600)
    /// How far back a node looks: longer than a write may take from its number to its commit (PostgreSQL ends a transaction after five seconds).
    static let window = Duration.seconds(15)

    public init(database: any Database) { self.database = database }

    public static let migrations = MigrationSet(
        capability: "tool-cache",
        [
            Migration(
                1,
                "what nodes forget together",
                [
                    """
                    CREATE TABLE tool_cache_marks (
                        serial {serial}, tenant_id TEXT NOT NULL, kind TEXT NOT NULL, mark TEXT NOT NULL, at BIGINT NOT NULL)
                    """,
                    "CREATE INDEX tool_cache_marks_by_time ON tool_cache_marks (tenant_id, at)",
                ]
            )
        ]
    )

    /// - Returns: the numbers of the rows.
    func add(_ marks: [ToolCacheMark]) async throws -> [Int64] {
        var batch = WriteBatch(order: "tool-cache")
        batch.add("DELETE FROM tool_cache_marks WHERE tenant_id = 'default' AND at < {clock} - \(Self.retention.inMilliseconds)")
        for mark in marks {
            batch.add(
                """
                INSERT INTO tool_cache_marks (tenant_id, kind, mark, at) VALUES ('default', \(mark.kind), \(mark.text), {clock}) RETURNING serial
                """
            )
        }
        return try await database.write(batch).results?.flatMap { $0.returned.map { $0.int(0) } } ?? []
    }

    /// What was written lately, by number.
    func recent() async throws -> [Int64: ToolCacheMark] {
        try await database.read { connection in
            let rows = try connection.rows(
                """
                SELECT serial, kind, mark FROM tool_cache_marks
                WHERE tenant_id = 'default' AND at >= {clock} - \(Self.window.inMilliseconds)
                """
            ) { ($0.int(0), ToolCacheMark(kind: $0.text(1), text: $0.text(2))) }
            return Dictionary(rows, uniquingKeysWith: { $1 })
        }
    }
}
