public import BatutaCore
public import BatutaStorage

/// Reads runs.
public struct RunStore: Sendable {
    private let database: any Database

    public init(database: any Database) { self.database = database }

    /// - Parameter owner: nil sees every run.
    public func find(_ id: RunID, owner: String?) async throws -> Run? {
        try await database.read { connection in
            try connection.first(
                """
                SELECT \(raw: Self.columns), \(raw: Self.input) FROM runs
                WHERE tenant_id = 'default' AND id = \(id.rawValue) AND (\(owner) IS NULL OR user_id = \(owner))
                """,
                Self.shown
            )
        }
    }

    /// Newest first. `before` is the cursor: runs with a smaller identifier. Runs that a fork copied are listed with their session only.
    public func list(owner: String?, status: RunStatus?, session: SessionID?, before: String?, limit: Int) async throws -> [Run] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT \(raw: Self.columns), \(raw: Self.input) FROM runs
                WHERE tenant_id = 'default' AND (\(owner) IS NULL OR user_id = \(owner))
                    AND (\(status?.rawValue) IS NULL OR status = \(status?.rawValue))
                    AND (\(session?.rawValue) IS NULL OR session_id = \(session?.rawValue)) AND (\(before) IS NULL OR id < \(before))
                    AND (copied_from IS NULL OR \(session?.rawValue) IS NOT NULL)
                ORDER BY id DESC LIMIT \(limit)
                """,
                Self.shown
            )
        }
    }

    /// Runs that have no end, oldest first: what a start must look after.
    /// - Parameter session: nil for every session.
    public func unfinished(in session: SessionID? = nil) async throws -> [Run] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT \(raw: Self.columns) FROM runs
                WHERE tenant_id = 'default' AND ended_at IS NULL
                    AND (\(session?.rawValue) IS NULL OR session_id = \(session?.rawValue)) ORDER BY id
                """,
                Self.run
            )
        }
    }

    /// A page of the runs that have no end, session by session: a start need not hold all of them at once.
    /// - Parameter last: The last one of the page before; nil for the first page.
    public func unfinished(after last: Run?, limit: Int) async throws -> [Run] {
        let (session, id) = (last?.sessionID.rawValue ?? "", last?.id.rawValue ?? "")
        return try await database.read { connection in
            try connection.rows(
                """
                SELECT \(raw: Self.columns) FROM runs
                WHERE tenant_id = 'default' AND ended_at IS NULL AND (session_id, id) > (\(session), \(id))
                ORDER BY session_id, id LIMIT \(limit)
                """,
                Self.run
            )
        }
    }

    /// The versions of the project that runs began with, ended ones too: those can be replayed and forked. Reads the identifiers of all runs, a page
    /// at a time.
    public func projectHashes(page limit: Int = 5_000) async throws -> Set<String> {
        var found: Set<String> = [], last = ""
        while true {
            let after = last
            let page = try await database.read { connection in
                try connection.rows(
                    "SELECT id, project_hash FROM runs WHERE tenant_id = 'default' AND id > \(after) ORDER BY id LIMIT \(limit)"
                ) { (id: $0.text(0), hash: $0.text(1)) }
            }
            found.formUnion(page.lazy.map(\.hash))
            guard page.count == limit, let end = page.last else { return found }
            last = end.id
        }
    }

    /// Whether a run that a schedule began for somebody has no end yet.
    public func hasOpenRun(ofSchedule schedule: String, owner: String) async throws -> Bool {
        try await database.read { connection in
            try connection.first(
                """
                SELECT 1 FROM runs
                WHERE tenant_id = 'default' AND schedule = \(schedule) AND user_id = \(owner) AND ended_at IS NULL LIMIT 1
                """
            ) { _ in true } ?? false
        }
    }

    /// How many of the runs that have no end are in a state.
    public func count(unfinishedIn status: RunStatus) async throws -> Int {
        try await database.read { connection in
            try connection.first(
                "SELECT COUNT(*) FROM runs WHERE tenant_id = 'default' AND ended_at IS NULL AND status = \(status.rawValue)"
            ) { Int($0.int(0)) }
        } ?? 0
    }

    private static let columns: StaticString = """
        id, session_id, root_run_id, parent_run_id, user_id, target, agent, status, project_hash, rehearsal, variables, created_at,
        started_at, ended_at, input_tokens, output_tokens, cached_tokens, cost_nano_usd, output, error,
        (SELECT title FROM sessions WHERE sessions.tenant_id = 'default' AND sessions.id = runs.session_id), changes,
        cache_creation_tokens, long_cache_tokens, reasoning_tokens, audio_input_tokens, image_input_tokens, video_input_tokens,
        audio_output_tokens, image_output_tokens, estimated, schedule
        """

    /// The beginning of the message that the run answers, which readers tell one run from another by.
    private static let input: StaticString = """
        (SELECT SUBSTR(content, 1, 200) FROM messages
        WHERE messages.tenant_id = 'default' AND messages.run_id = runs.id AND messages.role = 'user' ORDER BY messages.seq LIMIT 1)
        """

    private static func shown(_ row: Row) -> Run {
        var run = run(row)
        run.input = row.optionalText(32)
        return run
    }

    private static func run(_ row: Row) -> Run {
        var run = Run(
            id: RunID(trusted: row.text(0)),
            sessionID: SessionID(trusted: row.text(1)),
            owner: row.text(4),
            target: row.text(5),
            agent: row.text(6),
            status: RunStatus(rawValue: row.text(7)) ?? .failed,
            projectHash: row.text(8),
            isRehearsal: row.int(9) != 0,
            variables: (try? JSON.parse(row.text(10))) ?? [:],
            createdAt: Timestamp(milliseconds: row.int(11))
        )
        run.rootRunID = RunID(trusted: row.text(2))
        run.parentRunID = row.optionalText(3).map(RunID.init(trusted:))
        run.startedAt = row.optionalInt(12).map(Timestamp.init(milliseconds:))
        run.endedAt = row.optionalInt(13).map(Timestamp.init(milliseconds:))
        run.usage = usage(row)
        run.costNanoUSD = row.optionalInt(17)
        run.isEstimated = row.int(30) != 0
        run.output = row.optionalText(18)
        run.error = row.optionalText(19).flatMap { try? JSON.parse($0) }
        run.sessionTitle = row.optionalText(20)
        run.changes = row.optionalText(21).flatMap { try? JSON.parse($0) }
        run.schedule = row.optionalText(31)
        return run
    }

    private static func usage(_ row: Row) -> ModelUsage {
        func count(_ column: Int) -> Int { Int(clamping: row.int(column)) }
        var usage = ModelUsage(
            inputTokens: count(14),
            outputTokens: count(15),
            cachedTokens: count(16),
            cacheCreationTokens: count(22),
            reasoningTokens: count(24)
        )
        usage.longCacheTokens = count(23)
        (usage.audioInputTokens, usage.imageInputTokens, usage.videoInputTokens) = (count(25), count(26), count(27))
        (usage.audioOutputTokens, usage.imageOutputTokens) = (count(28), count(29))
        return usage
    }
}
