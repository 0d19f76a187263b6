public import BatutaCore
public import BatutaStorage

/// Reads and keeps sessions.
public struct SessionStore: Sendable {
    private let database: any Database

    public init(database: any Database) { self.database = database }

    /// - Parameter projections: Rows of the same commit.
    /// - Throws: `conflict` when a projection does not affect what it has to.
    public func create(_ session: Session, with projections: [Projection] = []) async throws {
        var batch = WriteBatch(order: session.id.rawValue)
        batch.add(Self.insertion(of: session))
        for projection in projections { batch.add(projection) }
        guard case .committed = try await database.write(batch) else {
            throw RunsError(.conflict, Words("What was asked has been done.", "O que foi pedido já foi feito."))
        }
    }

    /// The row as a statement, to be committed together with the session's first events.
    static func insertion(of session: Session) -> Projection {
        Projection(
            insert,
            [
                .text(session.id.rawValue), .text(session.owner), .text(session.target), .optional(session.title),
                .text(session.metadata.text), .text(session.variables.text), .int(session.createdAt.milliseconds),
                .int(session.updatedAt.milliseconds), .int(session.lastEvent), .optional(session.leaf?.rawValue),
                .optional(session.forkedFrom?.text),
            ]
        )
    }

    private static let insert = PreparedSQL(
        """
        INSERT INTO sessions (tenant_id, id, user_id, target, title, metadata, variables, created_at, updated_at, last_event, leaf,
            forked_from, fence, epoch)
        VALUES ('default', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)
        """
    )

    /// - Parameter owner: nil sees every session.
    public func find(_ id: SessionID, owner: String?) async throws -> Session? {
        try await database.read { connection in
            try connection.first(
                """
                SELECT id, user_id, target, title, metadata, variables, created_at, updated_at, last_event, leaf, forked_from FROM sessions
                WHERE tenant_id = 'default' AND id = \(id.rawValue) AND (\(owner) IS NULL OR user_id = \(owner))
                """,
                Self.session
            )
        }
    }

    /// Newest first. `before` is the cursor: sessions with a smaller identifier.
    ///
    /// - Parameter query: Words of the title, or of a message of one of the 1,000 newest sessions that come into question: what a search
    ///   reads has a bound.
    public func list(owner: String?, query: String?, before: String?, limit: Int) async throws -> [Session] {
        let isMeant: SQL = query.map { Self.isSaid($0, owner: owner, before: before) } ?? "1 = 1"
        return try await database.read { connection in
            try connection.rows(
                """
                SELECT id, user_id, target, title, metadata, variables, created_at, updated_at, last_event, leaf, forked_from FROM sessions
                WHERE tenant_id = 'default' AND (\(owner) IS NULL OR user_id = \(owner))
                    AND (\(before) IS NULL OR id < \(before)) AND \(isMeant)
                ORDER BY id DESC LIMIT \(limit)
                """,
                Self.session
            )
        }
    }

    public func update(_ id: SessionID, title: String?, metadata: JSON?, at now: Timestamp) async throws {
        var batch = WriteBatch(order: id.rawValue)
        batch.add(
            """
            UPDATE sessions SET title = COALESCE(\(title), title), metadata = COALESCE(\(metadata?.text), metadata), updated_at = \(now.milliseconds)
            WHERE tenant_id = 'default' AND id = \(id.rawValue)
            """
        )
        _ = try await database.write(batch)
    }

    /// Removes the session with its log, messages, runs, approvals and files. Their large values go with the next sweep, when no other session
    /// refers to the same.
    /// - Parameter projections: Other rows that tell of it; they go in the same commit.
    public func delete(_ id: SessionID, with projections: [Projection] = []) async throws {
        var batch = WriteBatch(order: id.rawValue)
        batch.add("DELETE FROM approvals WHERE tenant_id = 'default' AND session_id = \(id.rawValue)")
        batch.add("DELETE FROM messages WHERE tenant_id = 'default' AND session_id = \(id.rawValue)")
        batch.add("DELETE FROM summaries WHERE tenant_id = 'default' AND session_id = \(id.rawValue)")
        batch.add("DELETE FROM run_checkpoints WHERE tenant_id = 'default' AND session_id = \(id.rawValue)")
        batch.add("DELETE FROM runs WHERE tenant_id = 'default' AND session_id = \(id.rawValue)")
        Self.deleteEvents(of: id, from: &batch)
        batch.add(
            """
            DELETE FROM blob_refs WHERE tenant_id = 'default'
                AND owner IN (SELECT id FROM files WHERE tenant_id = 'default' AND session_id = \(id.rawValue))
            """
        )
        batch.add("DELETE FROM files WHERE tenant_id = 'default' AND session_id = \(id.rawValue)")
        batch.add("DELETE FROM blob_refs WHERE tenant_id = 'default' AND owner = \(id.rawValue)")
        batch.add("DELETE FROM sessions WHERE tenant_id = 'default' AND id = \(id.rawValue)")
        for projection in projections { batch.add(projection) }
        _ = try await database.write(batch)
    }

    /// The highest serial number stays taken, or the next event would get it again and whoever stands there would miss that one: when the
    /// session's newest row is the newest of all, it stays as an empty mark until there is a newer one.
    private static func deleteEvents(of id: SessionID, from batch: inout WriteBatch) {
        let isOlder: SQL = "serial < (SELECT MAX(serial) FROM events)"
        batch.add("DELETE FROM events WHERE tenant_id = 'default' AND session_id = '' AND \(isOlder)")
        batch.add("DELETE FROM events WHERE tenant_id = 'default' AND session_id = \(id.rawValue) AND \(isOlder)")
        batch.add(
            """
            UPDATE events SET session_id = '', run_id = NULL, type = 'deleted', v = 1, payload = \([UInt8]("{}".utf8))
            WHERE tenant_id = 'default' AND session_id = \(id.rawValue)
            """
        )
    }

    /// Whether a session's title or messages hold the words.
    private static func isSaid(_ query: String, owner: String?, before: String?) -> SQL {
        let patterns = patterns(of: query)
        let isTitle: SQL = isLike("title", patterns), isContent: SQL = isLike("content", patterns)
        return """
            (\(isTitle) OR (
                id >= COALESCE((SELECT id FROM sessions WHERE tenant_id = 'default' AND (\(owner) IS NULL OR user_id = \(owner))
                    AND (\(before) IS NULL OR id < \(before)) ORDER BY id DESC LIMIT 1 OFFSET 999), '')
                AND EXISTS (SELECT 1 FROM messages WHERE messages.tenant_id = 'default' AND messages.session_id = sessions.id AND \(isContent))))
            """
    }

    private static func isLike(_ column: StaticString, _ patterns: [String]) -> SQL {
        let (first, rest) = (patterns.first ?? "%", patterns.dropFirst())
        let one: SQL = "LOWER(\(raw: column)) LIKE \(first) ESCAPE '\\'"
        let whole: SQL = rest.reduce(one) { "\($0) OR LOWER(\(raw: column)) LIKE \($1) ESCAPE '\\'" }
        return "(\(whole))"
    }

    /// What to look for in lower-case text. SQLite's `LOWER` leaves letters beyond ASCII as they are, so words with such are looked for as
    /// they were written and in capitals too.
    private static func patterns(of query: String) -> [String] {
        var patterns: [String] = []
        for form in [query.lowercased(), lowerASCII(query), lowerASCII(query.uppercased())] where !patterns.contains(form) {
            patterns.append(form)
        }
        return patterns.map { "%" + escapeLike($0) + "%" }
    }

    private static func lowerASCII(_ text: String) -> String {
        String(text.map { $0.isASCII ? Character($0.lowercased()) : $0 })
    }

    private static func escapeLike(_ text: String) -> String {
        var escaped = ""
        for character in text {
            if character == "%" || character == "_" || character == "\\" { escaped.append("\\") }
            escaped.append(character)
        }
        return escaped
    }

    private static func session(_ row: Row) -> Session {
        var session = Session(
            id: SessionID(trusted: row.text(0)),
            owner: row.text(1),
            target: row.text(2),
            title: row.optionalText(3),
            metadata: (try? JSON.parse(row.text(4))) ?? [:],
            variables: (try? JSON.parse(row.text(5))) ?? [:],
            createdAt: Timestamp(milliseconds: row.int(6)),
            updatedAt: Timestamp(milliseconds: row.int(7)),
            lastEvent: row.int(8),
            leaf: row.optionalText(9).map(MessageID.init(trusted:))
        )
        session.forkedFrom = row.optionalText(10).flatMap { try? JSON.parse($0) }
        return session
    }
}
