public import BatutaCore
public import BatutaStorage

/// Reads stretches of the log from the store.
public struct EventPages: Sendable {
    private let database: any Database

    public init(database: any Database) { self.database = database }

    /// At most `limit` events with a number above `after` and up to `through`, in order.
    public func read(_ session: SessionID, after: Int64, through: Int64 = .max, limit: Int) async throws -> [LoggedEvent] {
        guard limit > 0, after < through else { return [] }
        return try await database.read { connection in
            var events: [LoggedEvent] = []
            try connection.scan(SQL(Self.page, [.text(session.rawValue), .int(after), .integer(limit)])) { row in
                for event in EventRow.read(row, session) where event.number > after {
                    guard event.number <= through, events.count < limit else { return false }
                    events.append(event)
                }
                return true
            }
            return events
        }
    }

    /// The number of each session's last event; a session that is gone has none.
    func places(of sessions: [SessionID]) async throws -> [SessionID: Int64] {
        try await database.read { connection in
            try sessions.reduce(into: [:]) { places, session in
                places[session] = try connection.first(LeaseStatements.places, [.text(session.rawValue)]) { $0.int(0) }
            }
        }
    }

    /// Which of these sessions are no more.
    public func gone(among sessions: Set<SessionID>) async throws -> [SessionID] {
        guard !sessions.isEmpty else { return [] }
        let places = try await places(of: Array(sessions))
        return sessions.filter { places[$0] == nil }
    }

    /// The first row may begin before `after`: a row is found by its last number.
    private static let page = PreparedSQL(
        """
        SELECT seq, run_id, type, at, payload, v FROM events WHERE tenant_id = 'default' AND session_id = ? AND seq > ? ORDER BY seq LIMIT ?
        """
    )

    /// The runs that work for a run, at whatever depth.
    public func runs(below run: RunID, session: SessionID) async throws -> [RunID] {
        let pairs = try await database.read { connection in
            try connection.rows(Self.members, [.text(run.rawValue), .text(session.rawValue)]) {
                (RunID(trusted: $0.text(0)), RunID(trusted: $0.text(1)))
            }
        }
        // A run begins after the one that asks for it, and its name tells when it began.
        return pairs.reduce(into: [run]) { below, pair in if below.contains(pair.1) { below.append(pair.0) } }.filter { $0 != run }
    }

    /// All members of the tree that a run belongs to.
    private static let members = PreparedSQL(
        """
        SELECT r.id, r.parent_run_id FROM runs own JOIN runs r ON r.tenant_id = own.tenant_id AND r.root_run_id = own.root_run_id
        WHERE own.tenant_id = 'default' AND own.id = ? AND r.session_id = ? AND r.parent_run_id IS NOT NULL ORDER BY r.id
        """
    )

    /// Whether a number of an earlier time of the store was given before the backup from which the store was restored.
    func isOfThisTime(_ number: Int64, last: Int64, _ session: SessionID) async throws -> Bool {
        guard number > 0, number / LogEpoch.numbers < last / LogEpoch.numbers else { return true }
        let next = try await database.read { connection in
            try connection.first(
                """
                SELECT seq FROM events WHERE tenant_id = 'default' AND session_id = \(session.rawValue) AND seq >= \(number) ORDER BY seq LIMIT 1
                """
            ) { $0.int(0) }
        }
        return next.map { $0 / LogEpoch.numbers == number / LogEpoch.numbers } ?? false
    }

    /// The events of one run that the fold needs: all but pieces of text.
    /// - Parameter after: Only those with a higher number.
    public func ofRun(_ run: RunID, session: SessionID, after: Int64 = 0) async throws -> [LoggedEvent] {
        try await database.read { try Self.ofRun(run, session: session, after: after, $0) }
    }

    static func ofRun(_ run: RunID, session: SessionID, after: Int64, _ connection: any ReadConnection) throws -> [LoggedEvent] {
        let binds: [Bind] = after > 0 ? [.text(run.rawValue), .int(after)] : [.text(run.rawValue)]
        return try connection.rows(after > 0 ? runAfter : Self.run, binds) { EventRow.read($0, session) }.flatMap { $0 }
            .filter { $0.number > after }
    }

    private static let runAfter = PreparedSQL(
        """
        SELECT seq, run_id, type, at, payload, v FROM events
        WHERE tenant_id = 'default' AND run_id = ? AND seq > ? AND type NOT IN ('content', 'reasoning') ORDER BY seq
        """
    )

    private static let run = PreparedSQL(
        """
        SELECT seq, run_id, type, at, payload, v FROM events
        WHERE tenant_id = 'default' AND run_id = ? AND type NOT IN ('content', 'reasoning') ORDER BY seq
        """
    )
}
