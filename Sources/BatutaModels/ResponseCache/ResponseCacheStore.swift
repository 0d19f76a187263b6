public import BatutaCore
public import BatutaStorage

/// Answers of models that may be given again, as rows: they survive a restart, and nodes of one store share them.
///
/// A row belongs to the session that it came of, so that no two nodes ever write the same one, and it goes with its session.
public struct ResponseCacheStore: Sendable {
    /// Rows that a store keeps; the oldest go first.
    public static let mostRows = 50_000
    /// Rows that one step of pruning removes.
    private static let step = 1_000

    let database: any Database

    public init(database: any Database) { self.database = database }

    /// The newest answer that is not too old; nil when there is none.
    ///
    /// - Parameter oldest: Answers that were made before do not count.
    func find(_ key: ResponseCacheKey, since oldest: Timestamp, at now: Timestamp) async throws -> CachedAnswer? {
        let bytes = key.bytes
        let found: CachedAnswer? = try await database.read { connection in
            let binds: [Bind] = [.blob(bytes), .int(oldest.milliseconds), .int(now.milliseconds)]
            return try connection.rows(Self.select, binds, Self.answer).first ?? nil
        }
        return found
    }

    private static func answer(_ row: Row) -> CachedAnswer? {
        guard let json = try? JSON.parse(row.text(0)) else { return nil }
        return CachedAnswer(json, madeAt: Timestamp(milliseconds: row.int(1)), in: SessionID(trusted: row.text(2)))
    }

    private static let select = PreparedSQL(
        """
        SELECT answer, created_at, session_id FROM cached_answers
        WHERE tenant_id = 'default' AND request_hash = ? AND created_at > ? AND expires_at > ? ORDER BY created_at DESC LIMIT 1
        """
    )

    // MARK: Writing

    /// Adds an answer, or puts it in the place of an older one of the same session.
    public static let insertion = PreparedSQL(
        """
        INSERT INTO cached_answers (tenant_id, request_hash, session_id, user_id, agent, model, answer, created_at, expires_at,
            class_hash, question, vector)
        VALUES ('default', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (tenant_id, request_hash, session_id) DO UPDATE SET answer = excluded.answer, created_at = excluded.created_at,
            expires_at = excluded.expires_at, class_hash = excluded.class_hash, question = excluded.question, vector = excluded.vector
        """
    )

    /// The values of `insertion`.
    ///
    /// - Parameter question: Where it lies, when others may be compared with it.
    public static func binds(
        of answer: CachedAnswer,
        for key: ResponseCacheKey,
        user: String,
        agent: String,
        model: String,
        lifetime: Duration,
        question: NearQuestion? = nil
    ) -> [Bind] {
        [
            .blob(key.bytes), .text(answer.session.rawValue), .text(user), .text(agent), .text(model), .text(answer.json.text),
            .int(answer.madeAt.milliseconds), .int(answer.madeAt.advanced(by: lifetime).milliseconds),
            .optional(question?.group.bytes), .optional(question?.text), .optional(question.map { QuestionVectors.blob($0.vector) }),
        ]
    }

    /// Remembers that a run's answer is kept, or that it was given a kept one: what somebody thinks of the run is thought of that.
    public static let use = PreparedSQL(
        """
        INSERT INTO cached_uses (tenant_id, root_run_id, request_hash, session_id, expires_at) VALUES ('default', ?, ?, ?, ?)
        ON CONFLICT (tenant_id, root_run_id, request_hash) DO NOTHING
        """
    )

    /// The values of `use`.
    ///
    /// - Parameter root: The run that people see and rate.
    public static func binds(using key: ResponseCacheKey, by root: RunID, in session: SessionID, until end: Timestamp) -> [Bind] {
        [.text(root.rawValue), .blob(key.bytes), .text(session.rawValue), .int(end.milliseconds)]
    }

    /// Removes the answers that a run was given, and those that came of it.
    ///
    /// - Returns: what they answered.
    func evict(usedBy root: RunID) async throws -> [ResponseCacheKey] {
        let keys = try await database.read { connection in
            try connection.rows("SELECT request_hash FROM cached_uses WHERE tenant_id = 'default' AND root_run_id = \(root)") {
                ResponseCacheKey(bytes: $0.bytes(0))
            }
        }
        guard !keys.isEmpty else { return [] }
        var batch = WriteBatch(order: "")
        batch.add(
            """
            DELETE FROM cached_answers WHERE tenant_id = 'default' AND request_hash IN (
                SELECT request_hash FROM cached_uses WHERE tenant_id = 'default' AND root_run_id = \(root))
            """
        )
        _ = try await database.write(batch)
        return keys
    }

    /// Remove what came of a session; to be committed with its deletion.
    public static let forgetting = [
        PreparedSQL("DELETE FROM cached_answers WHERE tenant_id = 'default' AND session_id = ?"),
        PreparedSQL("DELETE FROM cached_uses WHERE tenant_id = 'default' AND session_id = ?"),
    ]

    // MARK: Pruning

    /// Removes answers that are too old, and the oldest of too many.
    ///
    /// - Returns: whether there may be more to remove.
    public func prune(at now: Timestamp, keeping most: Int = mostRows) async throws -> Bool {
        let bound = try await database.read { connection in
            try connection.first(
                """
                SELECT created_at FROM cached_answers WHERE tenant_id = 'default' ORDER BY created_at DESC LIMIT 1 OFFSET \(most)
                """
            ) { $0.int(0) }
        }
        var batch = WriteBatch(order: "")
        batch.add(
            """
            DELETE FROM cached_answers WHERE tenant_id = 'default' AND (request_hash, session_id) IN (
                SELECT request_hash, session_id FROM cached_answers
                WHERE tenant_id = 'default' AND (expires_at <= \(now) OR created_at <= \(bound ?? Int64.min)) LIMIT \(Self.step))
            """
        )
        batch.add(
            """
            DELETE FROM cached_uses WHERE tenant_id = 'default' AND (root_run_id, request_hash) IN (
                SELECT root_run_id, request_hash FROM cached_uses WHERE tenant_id = 'default' AND expires_at <= \(now) LIMIT \(Self.step))
            """
        )
        return try await database.write(batch).results?.contains { $0.rowsAffected == Self.step } ?? false
    }
}

/// The table of answers that may be given again.
public enum ResponseCacheMigrations {
    public static let set = MigrationSet(
        capability: "response_cache",
        [
            Migration(
                1,
                "answers of models",
                [
                    // `class_hash` is of everything but the question itself, and only of the first question of a session; `vector` is the
                    // question's in the space of `embedder`.
                    """
                    CREATE TABLE cached_answers (tenant_id TEXT NOT NULL, request_hash {bytes} NOT NULL, session_id TEXT NOT NULL,
                        user_id TEXT NOT NULL, agent TEXT NOT NULL, model TEXT NOT NULL, answer TEXT NOT NULL, created_at BIGINT NOT NULL,
                        expires_at BIGINT NOT NULL, class_hash {bytes}, embedder TEXT, question TEXT, vector {bytes},
                        PRIMARY KEY (tenant_id, request_hash, session_id))
                    """,
                    "CREATE INDEX cached_answers_of_session ON cached_answers (tenant_id, session_id)",
                    "CREATE INDEX cached_answers_by_age ON cached_answers (tenant_id, created_at)",
                    "CREATE INDEX cached_answers_by_end ON cached_answers (tenant_id, expires_at)",
                    "CREATE INDEX cached_answers_of_class ON cached_answers (tenant_id, class_hash, created_at)",
                ]
            ),
            Migration(
                2,
                "which runs had which answers",
                [
                    """
                    CREATE TABLE cached_uses (tenant_id TEXT NOT NULL, root_run_id TEXT NOT NULL, request_hash {bytes} NOT NULL,
                        session_id TEXT NOT NULL, expires_at BIGINT NOT NULL, PRIMARY KEY (tenant_id, root_run_id, request_hash))
                    """,
                    "CREATE INDEX cached_uses_of_session ON cached_uses (tenant_id, session_id)",
                    "CREATE INDEX cached_uses_by_end ON cached_uses (tenant_id, expires_at)",
                ]
            ),
        ]
    )
}
