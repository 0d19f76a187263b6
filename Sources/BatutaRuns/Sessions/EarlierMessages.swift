public import BatutaCore
public import BatutaStorage

/// What somebody and their agents said in other sessions, for a search.
public struct EarlierMessages: Sendable {
    private let database: any Database

    public init(database: any Database) { self.database = database }

    /// A message with the session that it belongs to.
    public struct Found: Sendable, Hashable {
        public var sessionID: SessionID
        public var title: String?
        public var role: MessageEvent.Role
        /// At most 4,000 characters of it.
        public var content: String
        public var at: Timestamp
    }

    /// Sessions and messages that are looked at, newest first.
    public static let mostSessions = 200
    public static let mostMessages = 4_000

    /// - Parameter current: The session that asks: what was said there is known.
    public func newest(of owner: String, except current: SessionID) async throws -> [Found] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT m.session_id, s.title, m.role, SUBSTR(m.content, 1, 4000), m.at
                FROM (SELECT id, title FROM sessions WHERE tenant_id = 'default' AND user_id = \(owner) AND id <> \(current)
                    ORDER BY id DESC LIMIT \(Self.mostSessions)) s
                JOIN messages m ON m.tenant_id = 'default' AND m.session_id = s.id
                ORDER BY m.id DESC LIMIT \(Self.mostMessages)
                """
            ) { row in
                MessageEvent.Role(rawValue: row.text(2)).map { role in
                    Found(
                        sessionID: SessionID(trusted: row.text(0)),
                        title: row.optionalText(1),
                        role: role,
                        content: row.text(3),
                        at: Timestamp(milliseconds: row.int(4))
                    )
                }
            }.compactMap(\.self)
        }
    }
}
