import BatutaCore
import BatutaStorage

/// The statements that read facts.
enum FactRows {
    /// What changed since a node last looked; the whole of it when something was taken away meanwhile, or nothing was read before.
    struct News: Sendable {
        var revision: Int64
        var isWhole: Bool
        var facts: [Fact]
    }

    /// - Returns: nil when nothing changed.
    static func news(of owner: String, since known: Int64?, _ connection: any ReadConnection) throws -> News? {
        let row = try connection.first(state, [.text(owner)]) { (revision: $0.int(0), dropped: $0.int(1)) }
        guard let row, row.revision != known else { return nil }
        let isWhole = known.map { $0 < row.dropped } ?? true
        let facts = try connection.rows(changed, [.text(owner), .int(isWhole ? 0 : known ?? 0)], fact)
        return News(revision: row.revision, isWhole: isWhole, facts: facts)
    }

    private static let state = PreparedSQL("SELECT revision, dropped FROM memory_owners WHERE tenant_id = 'default' AND user_id = ?")
    private static let changed = PreparedSQL(
        """
        SELECT id, user_id, namespace, agent, about, fact, run_id, created_at, updated_at FROM memories
        WHERE tenant_id = 'default' AND user_id = ? AND revision > ? ORDER BY revision
        """
    )

    static func find(_ id: FactID, _ connection: any ReadConnection) throws -> Fact? {
        try connection.first("SELECT \(raw: columns) FROM memories WHERE tenant_id = 'default' AND id = \(id)", fact)
    }

    static func list(
        of owner: String,
        in namespace: String?,
        by agent: String?,
        before: FactID?,
        limit: Int,
        _ connection: any ReadConnection
    ) throws -> [Fact] {
        try connection.rows(
            """
            SELECT \(raw: columns) FROM memories
            WHERE tenant_id = 'default' AND user_id = \(owner) AND (\(namespace) IS NULL OR namespace = \(namespace))
                AND (\(agent) IS NULL OR agent = \(agent)) AND (\(before) IS NULL OR id < \(before))
            ORDER BY id DESC LIMIT \(limit)
            """,
            fact
        )
    }

    static func namespaces(of owner: String, _ connection: any ReadConnection) throws -> [FactNamespace] {
        try connection.rows(
            """
            SELECT namespace, COUNT(*), MAX(updated_at) FROM memories WHERE tenant_id = 'default' AND user_id = \(owner)
            GROUP BY namespace ORDER BY namespace
            """
        ) { FactNamespace(name: $0.text(0), count: Int($0.int(1)), updatedAt: Timestamp(milliseconds: $0.int(2))) }
    }

    private static let columns: StaticString = "id, user_id, namespace, agent, about, fact, run_id, created_at, updated_at"

    private static func fact(_ row: Row) -> Fact {
        Fact(
            id: FactID(trusted: row.text(0)),
            owner: row.text(1),
            namespace: row.text(2),
            agent: row.optionalText(3),
            about: row.optionalText(4),
            text: row.text(5),
            runID: row.optionalText(6).map(RunID.init(trusted:)),
            createdAt: Timestamp(milliseconds: row.int(7)),
            updatedAt: Timestamp(milliseconds: row.int(8))
        )
    }
}
