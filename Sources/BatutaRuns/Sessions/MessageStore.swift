public import BatutaCore
public import BatutaStorage

/// A message of the conversation.
public struct Message: Sendable, Hashable {
    public var id: MessageID
    public var parent: MessageID?
    public var runID: RunID?
    public var role: MessageEvent.Role
    public var content: String
    public var at: Timestamp

    /// The object of API §5.
    public var json: JSON {
        [
            "message_id": .string(id.rawValue), "parent_message_id": parent.map { .string($0.rawValue) } ?? .null,
            "role": .string(role.rawValue), "content": .string(content), "run_id": runID.map { .string($0.rawValue) } ?? .null,
            "at": .string(at.rfc3339),
        ]
    }
}

/// Reads conversations: the chain of parents from a message back, newest first (DESIGN §9.10, §9.11).
public struct MessageStore: Sendable {
    private let database: any Database

    public init(database: any Database) { self.database = database }

    /// At most `limit` messages that end with `leaf`, oldest first.
    public func branch(_ session: SessionID, endingAt leaf: MessageID, limit: Int) async throws -> [Message] {
        try await database.read { connection in
            try connection.rows(
                """
                WITH RECURSIVE branch (id, parent_message_id, run_id, role, content, at, depth) AS (
                    SELECT id, parent_message_id, run_id, role, content, at, 1 FROM messages
                    WHERE tenant_id = 'default' AND session_id = \(session.rawValue) AND id = \(leaf.rawValue)
                    UNION ALL
                    SELECT m.id, m.parent_message_id, m.run_id, m.role, m.content, m.at, branch.depth + 1
                    FROM branch JOIN messages m ON m.tenant_id = 'default' AND m.session_id = \(session.rawValue) AND m.id = branch.parent_message_id
                    WHERE branch.depth < \(limit))
                SELECT id, parent_message_id, run_id, role, content, at FROM branch ORDER BY depth DESC
                """,
                Self.message
            )
        }
    }

    /// The message before this one on its branch, if any.
    public func parent(of message: MessageID, in session: SessionID) async throws -> MessageID? {
        try await database.read { connection in
            try connection.first(
                """
                SELECT parent_message_id FROM messages
                WHERE tenant_id = 'default' AND session_id = \(session.rawValue) AND id = \(message.rawValue)
                """
            ) { $0.optionalText(0).map(MessageID.init(trusted:)) } ?? nil
        }
    }

    private static func message(_ row: Row) -> Message {
        Message(
            id: MessageID(trusted: row.text(0)),
            parent: row.optionalText(1).map(MessageID.init(trusted:)),
            runID: row.optionalText(2).map(RunID.init(trusted:)),
            role: MessageEvent.Role(rawValue: row.text(3)) ?? .user,
            content: row.text(4),
            at: Timestamp(milliseconds: row.int(5))
        )
    }
}
