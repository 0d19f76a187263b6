public import BatutaCore
public import BatutaStorage

/// Reads what the runs of a conversation left in doubt (DESIGN §9.4).
public struct DoubtStore: Sendable {
    private let database: any Database

    public init(database: any Database) { self.database = database }

    /// The calls of other runs of the session of which nobody knows whether they had their effect, and about which nobody has decided
    /// since, oldest first. Those of other branches count: the world outside knows no branches, and whoever stops a run, edits its message
    /// and sends it again must not have the same thing done twice. For a session without any it is a look into an index that is empty, and one at its own row.
    public func uncertainCalls(before run: RunID, in session: SessionID) async throws -> [UncertainCall] {
        let told = try await database.read { connection in
            try connection.rows(Self.ofSession, [.text(session.rawValue), .text(session.rawValue)]) { row in
                (run: RunID(trusted: row.text(0)), doubts: try? JSON.parse(row.text(1)))
            }
        }
        let others = told.filter { $0.run != run }.compactMap(\.doubts)
        let settled = Set(others.flatMap { $0["settled"]?.array ?? [] })
        return others.flatMap { $0["open"]?.array ?? [] }.compactMap(UncertainCall.init)
            .filter { !settled.contains(.string($0.callID.rawValue)) }
    }

    /// A fork begins with what was open where it came from.
    private static let ofSession = PreparedSQL(
        """
        SELECT id, doubts FROM runs WHERE tenant_id = 'default' AND session_id = ? AND doubts IS NOT NULL
        UNION ALL SELECT '', forked_from FROM sessions WHERE tenant_id = 'default' AND id = ? AND forked_from IS NOT NULL
        ORDER BY 1
        """
    )
}
