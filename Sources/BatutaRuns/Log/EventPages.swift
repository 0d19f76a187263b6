public import BatutaCore
public import BatutaStorage

/// Reads stretches of the log from the store.
public struct EventPages: Sendable {
    private let database: any Database

    public init(database: any Database) { self.database = database }

    /// At most `limit` events with a number above `after` and up to `through`, in order.
    public func read(_ session: SessionID, after: Int64, through: Int64 = .max, limit: Int) async throws -> [LoggedEvent] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT seq, run_id, type, at, payload FROM events
                WHERE tenant_id = 'default' AND session_id = \(session.rawValue) AND seq > \(after) AND seq <= \(through)
                ORDER BY seq LIMIT \(limit)
                """
            ) { Self.event($0, session) }
        }
    }

    /// The events of one run that the fold needs: all but pieces of text.
    public func ofRun(_ run: RunID, session: SessionID) async throws -> [LoggedEvent] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT seq, run_id, type, at, payload FROM events
                WHERE tenant_id = 'default' AND run_id = \(run.rawValue) AND type NOT IN ('content', 'reasoning') ORDER BY seq
                """
            ) { Self.event($0, session) }
        }
    }

    private static func event(_ row: Row, _ session: SessionID) -> LoggedEvent {
        LoggedEvent(
            number: row.int(0),
            sessionID: session,
            runID: row.optionalText(1).map(RunID.init(trusted:)),
            type: row.text(2),
            at: Timestamp(milliseconds: row.int(3)),
            payload: row.bytes(4)
        )
    }
}
