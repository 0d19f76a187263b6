public import BatutaCore
public import BatutaStorage

/// Keeps what servers list and what admins have agreed to.
public struct MCPToolStore: Sendable {
    private let database: any Database
    private let clock: any ProjectClock

    public init(database: any Database, clock: any ProjectClock) {
        self.database = database
        self.clock = clock
    }

    public static let migrations = MigrationSet(
        capability: "mcp",
        [
            Migration(
                1,
                "tools of servers, as they were accepted",
                [
                    """
                    CREATE TABLE mcp_tools (
                        tenant_id TEXT NOT NULL, server TEXT NOT NULL, tool TEXT NOT NULL, target TEXT NOT NULL, accepted {bytes},
                        pending {bytes}, is_gone BIGINT NOT NULL, accepted_at BIGINT, accepted_by TEXT, seen_at BIGINT NOT NULL,
                        revision BIGINT NOT NULL, PRIMARY KEY (tenant_id, server, tool))
                    """
                ]
            )
        ]
    )

    /// A server says something else of a tool than what an admin looked at.
    public struct ChangedMeanwhile: Error, Sendable {
        public let tool: String
    }

    /// Grows with every change, whoever makes it.
    public func revision() async throws -> Int64 {
        try await database.read { connection in
            try connection.first("SELECT COALESCE(MAX(revision), 0) + COUNT(*) FROM mcp_tools WHERE tenant_id = 'default'") { $0.int(0) }
                ?? 0
        }
    }

    /// Everything, by server and tool.
    public func records() async throws -> [MCPToolRecord] {
        try await database.read { connection in
            let all: SQL = """
                SELECT server, target, tool, accepted, pending, is_gone, accepted_by FROM mcp_tools WHERE tenant_id = 'default'
                ORDER BY server, tool
                """
            return try connection.rows(all) { row in
                MCPToolRecord(
                    server: row.text(0),
                    target: row.text(1),
                    tool: row.text(2),
                    accepted: row.optionalBytes(3).flatMap(MCPToolDescription.init(stored:)),
                    pending: row.optionalBytes(4).flatMap(MCPToolDescription.init(stored:)),
                    isGone: row.int(5) != 0,
                    acceptedBy: row.optionalText(6)
                )
            }
        }
    }

    /// Writes what a server lists now. What was known of another server under the same name is forgotten.
    func save(_ changed: [MCPToolRecord], server: String, target: String) async throws {
        var batch = WriteBatch(order: "mcp_tools")
        batch.add("DELETE FROM mcp_tools WHERE tenant_id = 'default' AND server = \(server) AND target <> \(target)")
        for record in changed {
            let (accepted, pending) = (record.accepted?.canonicalBytes, record.pending?.canonicalBytes)
            batch.add(
                """
                INSERT INTO mcp_tools (tenant_id, server, tool, target, accepted, pending, is_gone, accepted_at, seen_at, revision)
                VALUES ('default', \(server), \(record.tool), \(target), \(accepted), \(pending), \(record.isGone ? 1 : 0), \(clock.now()),
                    \(clock.now()), (SELECT COALESCE(MAX(revision), 0) + 1 FROM mcp_tools))
                ON CONFLICT (tenant_id, server, tool) DO UPDATE SET
                    accepted = CASE WHEN excluded.pending IS NULL AND mcp_tools.pending IS NULL AND excluded.is_gone = 0
                        THEN excluded.accepted ELSE mcp_tools.accepted END,
                    pending = excluded.pending, is_gone = excluded.is_gone, seen_at = excluded.seen_at, revision = excluded.revision
                """
            )
        }
        _ = try await database.write(batch)
    }

    /// Agrees to what a server says now.
    ///
    /// - Parameters:
    ///   - tool: nil for every tool of the server.
    ///   - seen: digests of what the admin saw, by tool: only these count, and only when they say so still. nil takes whatever is held.
    /// - Returns: how many tools came into force.
    /// - Throws: `ChangedMeanwhile` when something else is held than was seen; nothing is accepted then.
    public func accept(server: String, tool: String?, seen: [String: String]? = nil, by principal: String) async throws -> Int {
        var held = try await records().filter { $0.server == server && $0.isHeld && (tool == nil || $0.tool == tool) }
        if let seen {
            held = held.filter { seen[$0.tool] != nil }
            if let other = held.first(where: { $0.digest != seen[$0.tool] }) { throw ChangedMeanwhile(tool: other.tool) }
        }
        var batch = WriteBatch(order: "mcp_tools")
        for record in held {
            let seen = record.pending?.canonicalBytes
            batch.add(
                """
                UPDATE mcp_tools SET accepted = pending, pending = NULL, accepted_at = \(clock.now()), accepted_by = \(principal),
                    revision = (SELECT COALESCE(MAX(revision), 0) + 1 FROM mcp_tools)
                WHERE tenant_id = 'default' AND server = \(server) AND tool = \(record.tool) AND pending = \(seen)
                """
            )
        }
        if !held.isEmpty { _ = try await database.write(batch) }
        return held.count
    }
}
