public import BatutaCore
public import BatutaStorage

/// Fires, as they are gone through and as people look at them.
extension ScheduleStore {
    public func fire(_ id: ScheduleID, at slot: Timestamp) async throws -> ScheduleFire? {
        try await database.read { connection in
            try connection.first(
                """
                SELECT \(raw: Self.fireColumns) FROM schedule_fires
                WHERE tenant_id = 'default' AND schedule_id = \(id.rawValue) AND slot = \(slot)
                """,
                Self.fire
            )
        }
    }

    /// Newest first. `before` is the cursor.
    public func fires(of id: ScheduleID, before: Timestamp? = nil, limit: Int) async throws -> [ScheduleFire] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT \(raw: Self.fireColumns) FROM schedule_fires
                WHERE tenant_id = 'default' AND schedule_id = \(id.rawValue) AND (\(before) IS NULL OR slot < \(before))
                ORDER BY slot DESC LIMIT \(limit)
                """,
                Self.fire
            )
        }
    }

    private static let fireColumns: StaticString = "schedule_id, slot, status, fired_at, by_user, error"

    private static func fire(_ row: Row) -> ScheduleFire {
        ScheduleFire(
            schedule: ScheduleID(trusted: row.text(0)),
            slot: Timestamp(milliseconds: row.int(1)),
            status: ScheduleFire.Status(rawValue: row.text(2)) ?? .failed,
            firedAt: Timestamp(milliseconds: row.int(3)),
            by: row.optionalText(4),
            error: Words(stored: row.optionalText(5))
        )
    }

    /// How many users each slot came to what for.
    public func counts(of id: ScheduleID, from first: Timestamp, to last: Timestamp) async throws
        -> [Timestamp: [ScheduleOutcome.Status: Int]]
    {
        let rows = try await database.read { connection in
            try connection.rows(
                """
                SELECT slot, status, COUNT(*) FROM schedule_runs
                WHERE tenant_id = 'default' AND schedule_id = \(id.rawValue) AND slot BETWEEN \(first) AND \(last) GROUP BY slot, status
                """
            ) { (Timestamp(milliseconds: $0.int(0)), ScheduleOutcome.Status(rawValue: $0.text(1)) ?? .failed, Int($0.int(2))) }
        }
        return rows.reduce(into: [:]) { $0[$1.0, default: [:]][$1.1, default: 0] += $1.2 }
    }

    /// What slots came to for some users each: at most `limit` of a slot, those that failed first.
    public func samples(of id: ScheduleID, from first: Timestamp, to last: Timestamp, limit: Int) async throws -> [ScheduleOutcome] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT slot, user_id, status, run_id, error FROM (
                    SELECT slot, user_id, status, run_id, error, ROW_NUMBER() OVER (PARTITION BY slot
                        ORDER BY CASE WHEN status = 'failed' THEN 0 WHEN run_id IS NOT NULL THEN 1 ELSE 2 END, user_id) AS place
                    FROM schedule_runs
                    WHERE tenant_id = 'default' AND schedule_id = \(id.rawValue) AND slot BETWEEN \(first) AND \(last)) AS numbered
                WHERE place <= \(limit) ORDER BY slot, user_id
                """,
                Self.outcome
            )
        }
    }

    /// What slots came to for each user, in the order of users.
    public func runs(of id: ScheduleID, from first: Timestamp, to last: Timestamp) async throws -> [ScheduleOutcome] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT slot, user_id, status, run_id, error FROM schedule_runs
                WHERE tenant_id = 'default' AND schedule_id = \(id.rawValue) AND slot BETWEEN \(first) AND \(last) ORDER BY slot, user_id
                """,
                Self.outcome
            )
        }
    }

    private static func outcome(_ row: Row) -> ScheduleOutcome {
        ScheduleOutcome(
            slot: Timestamp(milliseconds: row.int(0)),
            user: row.text(1),
            status: ScheduleOutcome.Status(rawValue: row.text(2)) ?? .failed,
            run: row.optionalText(3),
            error: Words(stored: row.optionalText(4))
        )
    }

    // MARK: - Going through one

    /// How many fires of the clock before this one have not been gone through yet, and how many are open at all.
    public func openFires(of id: ScheduleID, before slot: Timestamp) async throws -> (queued: Int, open: Int) {
        try await database.read { connection in
            try connection.first(
                """
                SELECT COALESCE(SUM(CASE WHEN status = 'queued' THEN 1 ELSE 0 END), 0), COUNT(*) FROM schedule_fires
                WHERE tenant_id = 'default' AND schedule_id = \(id.rawValue) AND slot < \(slot) AND status IN ('queued', 'waiting')
                    AND by_user IS NULL
                """
            ) { (Int($0.int(0)), Int($0.int(1))) } ?? (0, 0)
        }
    }

    /// Whose run the slot waits to begin.
    public func whoWaits(for id: ScheduleID, at slot: Timestamp) async throws -> [String] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT user_id FROM schedule_runs
                WHERE tenant_id = 'default' AND schedule_id = \(id.rawValue) AND slot = \(slot) AND status = 'waiting' ORDER BY user_id
                """
            ) { $0.text(0) }
        }
    }

    /// How many earlier slots still wait to begin the user's run.
    public func waiting(before slot: Timestamp, of id: ScheduleID, user: String) async throws -> Int {
        try await database.read { connection in
            try connection.first(
                """
                SELECT COUNT(*) FROM schedule_runs WHERE tenant_id = 'default' AND schedule_id = \(id.rawValue) AND user_id = \(user)
                    AND slot < \(slot) AND status = 'waiting'
                """
            ) { Int($0.int(0)) } ?? 0
        }
    }

    /// Fires before this one whose job was given up, which nobody goes through any more: they failed.
    public func giveUpLost(of id: ScheduleID, before slot: Timestamp) async throws {
        var batch = WriteBatch(order: Self.order)
        batch.add(
            """
            UPDATE schedule_fires SET status = 'failed', error = \(Self.lost.stored)
            WHERE tenant_id = 'default' AND schedule_id = \(id.rawValue) AND slot < \(slot) AND status IN ('queued', 'waiting')
                AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.tenant_id = 'default' AND jobs.kind = \(Self.kind)
                    AND jobs.unique_key = schedule_fires.schedule_id || ':' || CAST(schedule_fires.slot AS TEXT)
                    AND jobs.status IN ('scheduled', 'queued', 'running'))
            """
        )
        batch.add(Self.letGo(of: id))
        _ = try await database.write(batch)
    }

    private static let lost = Words(
        "Its job was given up: look for it among the dead letters (batuta jobs --status dead).",
        "A tarefa dele foi abandonada: procure-a entre as mortas (batuta jobs --status dead)."
    )

    /// What a slot comes to for a user for whom no run begins now. Nothing changes what is there already, except that who waited does no longer.
    public func note(_ run: ScheduleOutcome, of id: ScheduleID) async throws {
        var batch = WriteBatch(order: Self.order)
        batch.add(
            """
            INSERT INTO schedule_runs (tenant_id, schedule_id, slot, user_id, status, run_id, error)
            VALUES ('default', \(id.rawValue), \(run.slot), \(run.user), \(run.status.rawValue), NULL, \(run.error?.stored))
            ON CONFLICT (tenant_id, schedule_id, slot, user_id) DO UPDATE SET status = excluded.status, error = excluded.error
            WHERE schedule_runs.status = 'waiting'
            """
        )
        _ = try await database.write(batch)
    }

    /// The same as a row of the commit that accepts a run: it affects none when the slot came to something for the user before, and has to affect one.
    public static let beginning = PreparedSQL(
        """
        INSERT INTO schedule_runs (tenant_id, schedule_id, slot, user_id, status, run_id) VALUES ('default', ?, ?, ?, 'started', ?)
        ON CONFLICT (tenant_id, schedule_id, slot, user_id) DO UPDATE SET status = 'started', run_id = excluded.run_id, error = NULL
        WHERE schedule_runs.status = 'waiting'
        """
    )

    /// All users were gone through, and some wait for their last run to end.
    public func wait(_ id: ScheduleID, at slot: Timestamp) async throws {
        var batch = WriteBatch(order: Self.order)
        batch.add(
            """
            UPDATE schedule_fires SET status = 'waiting'
            WHERE tenant_id = 'default' AND schedule_id = \(id.rawValue) AND slot = \(slot) AND status = 'queued'
            """
        )
        _ = try await database.write(batch)
    }

    /// It is over.
    public func end(_ id: ScheduleID, at slot: Timestamp, as status: ScheduleFire.Status, error: Words? = nil) async throws {
        var batch = WriteBatch(order: Self.order)
        batch.add(
            """
            UPDATE schedule_fires SET status = \(status.rawValue), error = \(error?.stored)
            WHERE tenant_id = 'default' AND schedule_id = \(id.rawValue) AND slot = \(slot) AND status IN ('queued', 'waiting')
            """
        )
        batch.add(Self.letGo(of: id))
        _ = try await database.write(batch)
    }

    /// Nobody waits for a fire that is over.
    private static func letGo(of id: ScheduleID) -> SQL {
        """
        UPDATE schedule_runs SET status = 'skipped' WHERE tenant_id = 'default' AND schedule_id = \(id.rawValue) AND status = 'waiting'
            AND NOT EXISTS (SELECT 1 FROM schedule_fires AS fire WHERE fire.tenant_id = 'default'
                AND fire.schedule_id = schedule_runs.schedule_id AND fire.slot = schedule_runs.slot AND fire.status IN ('queued', 'waiting'))
        """
    }

    // MARK: - What is old

    /// How long people can look at what fired.
    static let age = Duration.seconds(90 * 86_400)
    private static let rowsAtOnce = 500

    /// - Returns: Whether there is more to take away right now.
    public func prune(at now: Timestamp) async throws -> Bool {
        let before = now.advanced(by: .zero - Self.age)
        let old: SQL = """
            SELECT schedule_id, slot FROM schedule_fires WHERE fired_at < \(before) AND status NOT IN ('queued', 'waiting')
            ORDER BY fired_at LIMIT \(Self.rowsAtOnce)
            """
        var batch = WriteBatch(order: Self.order)
        batch.add("DELETE FROM schedule_runs WHERE tenant_id = 'default' AND (schedule_id, slot) IN (\(old))")
        let fires = batch.add("DELETE FROM schedule_fires WHERE tenant_id = 'default' AND (schedule_id, slot) IN (\(old))")
        let results = try await database.write(batch).results ?? []
        return !results.isEmpty && results[fires].rowsAffected == Self.rowsAtOnce
    }

    /// After a restore: what was to fire when the backup was taken may have fired since, and nothing is fired twice.
    public static func forget(backupOf moment: Timestamp, at now: Timestamp, in database: any Database) async throws {
        var batch = WriteBatch(order: order)
        batch.add("UPDATE schedules SET position = \(now), anchor = CASE WHEN anchor > \(now) THEN \(now) ELSE anchor END")
        batch.add("UPDATE schedule_fires SET status = 'missed', error = \(restored.stored) WHERE status IN ('queued', 'waiting')")
        batch.add("UPDATE schedule_runs SET status = 'skipped' WHERE status = 'waiting'")
        batch.add("DELETE FROM jobs WHERE kind = \(kind) AND status IN ('scheduled', 'queued', 'running')")
        _ = try await database.write(batch)
    }

    private static let restored = Words(
        "The store was restored: what was done after the backup is not known here.",
        "O armazenamento foi restaurado: não se sabe aqui o que foi feito depois do backup."
    )
}
