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
    public var attachments: [Attachment] = []
    /// The messages of the same parent and role, in order, itself included.
    public var siblings: [MessageID] = []
    /// The blob with a summary of the conversation up to here; nil when there is none.
    public var summary: String?

    /// The object of API §5.
    public var json: JSON {
        [
            "message_id": .string(id.rawValue), "parent_message_id": parent.map { .string($0.rawValue) } ?? .null,
            "role": .string(role.rawValue), "content": .string(content), "run_id": runID.map { .string($0.rawValue) } ?? .null,
            "at": .string(at.rfc3339), "siblings": .array(siblings.map { .string($0.rawValue) }),
            "attachments": .array(attachments.map(\.json)),
        ]
    }
}

/// Reads conversations: the chain of parents from a message back, newest first (DESIGN §9.10, §9.11).
public struct MessageStore: Sendable {
    private let database: any Database
    private let memory: RecentMessages?

    /// - Parameter memory: What need not be read.
    public init(database: any Database, memory: RecentMessages? = nil) {
        self.database = database
        self.memory = memory
    }

    /// The newest messages of a branch, oldest first: `keeping` of them, and those before up to the last one that a summary ends with,
    /// altogether at most `limit`. What is read depends on that and not on how long the conversation is.
    public func recent(_ session: SessionID, endingAt leaf: MessageID, keeping: Int, limit: Int) async throws -> [Message] {
        if let known = memory?.recent(session, endingAt: leaf, keeping: keeping, limit: limit) { return known }
        let found = try await read(session, endingAt: leaf, keeping: keeping, limit: limit)
        memory?.remember(found, in: session)
        return found
    }

    /// The messages before one, oldest first: up to the last that a summary ends with, at most `limit`. Empty at the beginning.
    public func before(_ message: Message, in session: SessionID, limit: Int) async throws -> [Message] {
        guard let parent = message.parent else { return [] }
        return try await read(session, endingAt: parent, keeping: 1, limit: limit)
    }

    private func read(_ session: SessionID, endingAt leaf: MessageID, keeping: Int, limit: Int) async throws -> [Message] {
        try await database.read { connection in
            try connection.rows(
                Self.recent,
                [
                    .text(session.rawValue), .text(session.rawValue), .text(leaf.rawValue), .text(session.rawValue),
                    .text(session.rawValue),
                    .integer(keeping), .integer(limit),
                ]
            ) { row in
                var message = Self.message(row)
                message.summary = row.optionalText(7)
                return message
            }
        }
    }

    private static let recent = PreparedSQL(
        """
        WITH RECURSIVE branch (id, parent_message_id, run_id, role, content, at, attachments, summary, depth, summed) AS (
            SELECT m.id, m.parent_message_id, m.run_id, m.role, m.content, m.at, m.attachments, s.hash, 1,
                CASE WHEN s.hash IS NULL THEN 0 ELSE 1 END
            FROM messages m LEFT JOIN summaries s ON s.tenant_id = 'default' AND s.session_id = ? AND s.message_id = m.id
            WHERE m.tenant_id = 'default' AND m.session_id = ? AND m.id = ?
            UNION ALL
            SELECT m.id, m.parent_message_id, m.run_id, m.role, m.content, m.at, m.attachments, s.hash, branch.depth + 1,
                CASE WHEN s.hash IS NULL THEN branch.summed ELSE 1 END
            FROM branch JOIN messages m ON m.tenant_id = 'default' AND m.session_id = ? AND m.id = branch.parent_message_id
                LEFT JOIN summaries s ON s.tenant_id = 'default' AND s.session_id = ? AND s.message_id = m.id
            WHERE branch.depth < ? OR (branch.summed = 0 AND branch.depth < ?))
        SELECT id, parent_message_id, run_id, role, content, at, attachments, summary FROM branch ORDER BY depth DESC
        """
    )

    /// At most `limit` messages that end with `leaf`, oldest first.
    public func branch(_ session: SessionID, endingAt leaf: MessageID, limit: Int) async throws -> [Message] {
        try await database.read { try Self.branch(session, leaf, limit, $0) }
    }

    /// The same, each message with its siblings.
    public func branchWithSiblings(_ session: SessionID, endingAt leaf: MessageID, limit: Int) async throws -> [Message] {
        try await database.read { connection in
            try Self.branch(session, leaf, limit, connection).map { message in
                var message = message
                message.siblings = try connection.rows(
                    Self.siblings,
                    [.text(session.rawValue), .optional(message.parent?.rawValue), .text(message.role.rawValue)]
                ) { MessageID(trusted: $0.text(0)) }
                return message
            }
        }
    }

    private static func branch(_ session: SessionID, _ leaf: MessageID, _ limit: Int, _ connection: any ReadConnection) throws -> [Message]
    {
        try connection.rows(
            """
            WITH RECURSIVE branch (id, parent_message_id, run_id, role, content, at, attachments, depth) AS (
                SELECT id, parent_message_id, run_id, role, content, at, attachments, 1 FROM messages
                WHERE tenant_id = 'default' AND session_id = \(session.rawValue) AND id = \(leaf.rawValue)
                UNION ALL
                SELECT m.id, m.parent_message_id, m.run_id, m.role, m.content, m.at, m.attachments, branch.depth + 1
                FROM branch JOIN messages m ON m.tenant_id = 'default' AND m.session_id = \(session.rawValue) AND m.id = branch.parent_message_id
                WHERE branch.depth < \(limit))
            SELECT id, parent_message_id, run_id, role, content, at, attachments FROM branch ORDER BY depth DESC
            """,
            Self.message
        )
    }

    private static let siblings = PreparedSQL(
        """
        SELECT id FROM messages WHERE tenant_id = 'default' AND session_id = ? AND parent_message_id IS NOT DISTINCT FROM ? AND role = ?
        ORDER BY seq, at, id
        """
    )

    public func find(_ id: MessageID, in session: SessionID) async throws -> Message? {
        try await database.read { connection in
            try connection.first(
                """
                SELECT id, parent_message_id, run_id, role, content, at, attachments FROM messages
                WHERE tenant_id = 'default' AND session_id = \(session.rawValue) AND id = \(id.rawValue)
                """,
                Self.message
            )
        }
    }

    /// Whether a message says what another one said at the same place: somebody wants another answer.
    public func isSaidAgain(_ id: MessageID, in session: SessionID) async throws -> Bool {
        try await database.read { connection in
            try connection.first(
                """
                SELECT 1 FROM messages AS own JOIN messages AS other ON other.tenant_id = own.tenant_id
                    AND other.session_id = own.session_id AND other.parent_message_id IS NOT DISTINCT FROM own.parent_message_id
                WHERE own.tenant_id = 'default' AND own.session_id = \(session) AND own.id = \(id)
                    AND other.id <> own.id AND other.role = 'user' AND other.content = own.content LIMIT 1
                """
            ) { _ in true } ?? false
        }
    }

    /// All summaries of a conversation, on whatever branch.
    public func summaries(of session: SessionID) async throws -> [NewSummary] {
        try await database.read { connection in
            try connection.rows(
                "SELECT message_id, hash FROM summaries WHERE tenant_id = 'default' AND session_id = \(session.rawValue) ORDER BY message_id"
            ) { NewSummary(through: MessageID(trusted: $0.text(0)), hash: $0.text(1)) }
        }
    }

    /// The whole conversation with all its branches, without what was said.
    public func tree(_ session: SessionID) async throws -> MessageTree {
        let nodes = try await database.read { connection in
            try connection.rows(
                """
                SELECT id, parent_message_id, role, run_id FROM messages
                WHERE tenant_id = 'default' AND session_id = \(session.rawValue) ORDER BY seq, at, id
                """
            ) { row in
                MessageTree.Node(
                    id: MessageID(trusted: row.text(0)),
                    parent: row.optionalText(1).map(MessageID.init(trusted:)),
                    role: MessageEvent.Role(rawValue: row.text(2)) ?? .user,
                    runID: row.optionalText(3).map(RunID.init(trusted:))
                )
            }
        }
        return MessageTree(nodes)
    }

    private static func message(_ row: Row) -> Message {
        Message(
            id: MessageID(trusted: row.text(0)),
            parent: row.optionalText(1).map(MessageID.init(trusted:)),
            runID: row.optionalText(2).map(RunID.init(trusted:)),
            role: MessageEvent.Role(rawValue: row.text(3)) ?? .user,
            content: row.text(4),
            at: Timestamp(milliseconds: row.int(5)),
            attachments: row.optionalText(6).flatMap { try? JSON.parse($0) }?.array?.compactMap(Attachment.init) ?? []
        )
    }
}
