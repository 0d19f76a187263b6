import BatutaCore
public import BatutaStorage

/// Reads jobs.
public struct JobStore: Sendable {
    private let database: any Database

    public init(database: any Database) { self.database = database }

    public func find(_ id: JobID) async throws -> Job? {
        try await database.read { connection in
            try connection.first(
                "SELECT \(raw: JobStatements.columns) FROM jobs WHERE tenant_id = 'default' AND id = \(id.rawValue)",
                Job.init(_:)
            )
        }
    }

    /// Newest first. `before` is the cursor: jobs with a smaller identifier.
    public func list(status: JobStatus? = nil, queue: String? = nil, before: JobID? = nil, limit: Int) async throws -> [Job] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT \(raw: JobStatements.columns) FROM jobs WHERE \(Self.state(status))
                    AND (\(queue) IS NULL OR queue = \(queue)) AND (\(before?.rawValue) IS NULL OR id < \(before?.rawValue))
                ORDER BY id DESC LIMIT \(limit)
                """,
                Job.init(_:)
            )
        }
    }

    /// As a word of the statement: so the databases find the index of the state. Those that few are in at a time are not looked for among all the
    /// others by their names, which is what `COALESCE` keeps the databases from.
    private static func state(_ status: JobStatus?) -> SQL {
        switch status {
        case nil: "tenant_id = 'default'"
        case .scheduled: "COALESCE(tenant_id, '') = 'default' AND status = 'scheduled'"
        case .queued: "COALESCE(tenant_id, '') = 'default' AND status = 'queued'"
        case .running: "COALESCE(tenant_id, '') = 'default' AND status = 'running'"
        case .succeeded: "tenant_id = 'default' AND status = 'succeeded'"
        case .dead: "tenant_id = 'default' AND status = 'dead'"
        case .cancelled: "tenant_id = 'default' AND status = 'cancelled'"
        }
    }
}
