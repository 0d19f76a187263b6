public import BatutaCore
public import BatutaStorage

/// Reads what the runs of a conversation left in doubt (DESIGN §9.4).
public struct DoubtStore: Sendable {
    private let database: any Database
    private let messages: MessageStore

    public init(database: any Database) {
        self.database = database
        messages = MessageStore(database: database)
    }

    /// The calls of other runs on the way to a message of which nobody knows whether they had their effect, and about which nobody has
    /// decided there since, oldest first. For a session without any it is one look into an index that is empty.
    public func uncertainCalls(before run: RunID, in session: SessionID, endingAt last: MessageID) async throws -> [UncertainCall] {
        let told = try await database.read { connection in
            try connection.rows(Self.ofSession, [.text(session.rawValue)]) { row in
                (run: RunID(trusted: row.text(0)), doubts: try? JSON.parse(row.text(1)))
            }
        }
        guard !told.isEmpty else { return [] }
        let branch = try await messages.tree(session).runs(upTo: last)
        let others = told.filter { $0.run != run && branch.contains($0.run) }.compactMap(\.doubts)
        let settled = Set(others.flatMap { $0["settled"]?.array ?? [] })
        return others.flatMap { $0["open"]?.array ?? [] }.compactMap(UncertainCall.init)
            .filter { !settled.contains(.string($0.callID.rawValue)) }
    }

    private static let ofSession = PreparedSQL(
        "SELECT id, doubts FROM runs WHERE tenant_id = 'default' AND session_id = ? AND doubts IS NOT NULL ORDER BY id"
    )
}
