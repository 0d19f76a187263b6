public import BatutaCore
public import BatutaStorage

/// Where schedules stand, over all nodes: the rows decide who fires a slot.
public struct ScheduleStore: Sendable {
    public let database: any Database
    private let jobs: JobQueue
    private let random: any RandomSource

    /// Jobs that go through the users of a fire.
    public static let queue = "schedules"
    public static let kind = "schedule-fire"
    /// Fires in which a user may wait for the runs before; what comes beyond is skipped for that user.
    public static let mostWaiting = 100
    /// A fire's job outlives a store or a model that is away for minutes; what goes wrong for a user is no failure of the job.
    private static let attempts = 20

    public init(database: any Database, jobs: JobQueue, random: any RandomSource = SystemRandom()) {
        self.database = database
        self.jobs = jobs
        self.random = random
    }

    /// Batches of schedules go one after the other.
    static let order = "schedules"

    // MARK: - What there is

    public func list() async throws -> [ScheduleRecord] { try await Self.list(in: database) }

    public static func list(in database: any Database) async throws -> [ScheduleRecord] {
        try await database.read { connection in
            try connection.rows("SELECT \(raw: columns) FROM schedules WHERE tenant_id = 'default' ORDER BY name", record)
        }
    }

    /// By identifier or name.
    public func find(_ text: String) async throws -> ScheduleRecord? {
        try await database.read { connection in
            try connection.first(
                "SELECT \(raw: Self.columns) FROM schedules WHERE tenant_id = 'default' AND (id = \(text) OR name = \(text))",
                Self.record
            )
        }
    }

    private static let columns: StaticString = "id, name, enabled, anchor, position, gone_at, created_at"

    private static func record(_ row: Row) -> ScheduleRecord {
        ScheduleRecord(
            id: ScheduleID(trusted: row.text(0)),
            name: row.text(1),
            isEnabled: row.int(2) != 0,
            anchor: Timestamp(milliseconds: row.int(3)),
            position: Timestamp(milliseconds: row.int(4)),
            goneAt: row.optionalInt(5).map(Timestamp.init(milliseconds:)),
            createdAt: Timestamp(milliseconds: row.int(6))
        )
    }

    // MARK: - What the project says

    /// Brings the rows in step with a project that was loaded. A schedule that is new, came back or fires at other times begins now: nothing that
    /// lies before is made up for. Slots that passed while no node was there stay as they are: what becomes of them is the schedule's own choice.
    public func adopt(_ schedules: [ScheduleDefinition], at now: Timestamp) async throws {
        var batch = WriteBatch(order: Self.order)
        addHaving(schedules, at: now, to: &batch)
        let known = Set(schedules.map(\.name))
        for record in try await list() where record.goneAt == nil && !known.contains(record.name) {
            batch.add(
                "UPDATE schedules SET gone_at = \(now) WHERE tenant_id = 'default' AND id = \(record.id.rawValue) AND gone_at IS NULL"
            )
        }
        if !batch.isEmpty { _ = try await database.write(batch) }
    }

    /// The same without looking for what is gone: a node that serves a schedule has it fire, whatever a node with another version found.
    public func keep(_ schedules: [ScheduleDefinition], at now: Timestamp) async throws {
        var batch = WriteBatch(order: Self.order)
        addHaving(schedules, at: now, to: &batch)
        if !batch.isEmpty { _ = try await database.write(batch) }
    }

    private func addHaving(_ schedules: [ScheduleDefinition], at now: Timestamp, to batch: inout WriteBatch) {
        for schedule in schedules {
            let (name, timetable) = (schedule.name, Timetable.text(of: schedule))
            batch.add(beginning(of: schedule, at: now))
            batch.add(
                """
                UPDATE schedules SET timetable = \(timetable), anchor = \(now), position = \(now), gone_at = NULL
                WHERE tenant_id = 'default' AND name = \(name) AND (timetable <> \(timetable) OR gone_at IS NOT NULL)
                """
            )
        }
    }

    /// Adds what has no row yet, and changes nothing else: whoever asks for a schedule right after it was loaded is told of it.
    public func add(_ schedules: [ScheduleDefinition], at now: Timestamp) async throws {
        var batch = WriteBatch(order: Self.order)
        for schedule in schedules { batch.add(beginning(of: schedule, at: now)) }
        if !batch.isEmpty { _ = try await database.write(batch) }
    }

    private func beginning(of schedule: ScheduleDefinition, at now: Timestamp) -> SQL {
        """
        INSERT INTO schedules (tenant_id, id, name, timetable, enabled, anchor, position, created_at)
        VALUES ('default', \(ScheduleID.make(at: now, random: random).rawValue), \(schedule.name), \(Timetable.text(of: schedule)), 1, \(now),
            \(now), \(now))
        ON CONFLICT DO NOTHING
        """
    }

    /// Switches a schedule on or off. What passed while it was off is not made up for; what still waited for a run when it is switched off is
    /// skipped.
    public func enable(_ id: ScheduleID, _ isEnabled: Bool, at now: Timestamp) async throws {
        var batch = WriteBatch(order: Self.order)
        batch.add(
            """
            UPDATE schedules SET enabled = \(isEnabled), position = \(now)
            WHERE tenant_id = 'default' AND id = \(id.rawValue) AND enabled <> \(isEnabled)
            """
        )
        if !isEnabled { addDropping(id, to: &batch) }
        _ = try await database.write(batch)
    }

    /// A fire of the clock that was taken before the schedule was switched off begins nothing more.
    public func drop(_ fire: ScheduleFire) async throws {
        var batch = WriteBatch(order: Self.order)
        addDropping(fire.schedule, at: fire.slot, to: &batch)
        _ = try await database.write(batch)
    }

    /// Of a fire that began somebody's run before, it stays true that it did.
    ///
    /// - Parameter slot: nil: all that wait.
    private func addDropping(_ id: ScheduleID, at slot: Timestamp? = nil, to batch: inout WriteBatch) {
        let words = Self.switchedOff.stored
        batch.add(
            """
            UPDATE schedule_runs SET status = 'skipped', error = \(words)
            WHERE tenant_id = 'default' AND schedule_id = \(id.rawValue) AND status = 'waiting' AND (\(slot) IS NULL OR slot = \(slot))
            """
        )
        batch.add(
            """
            UPDATE schedule_fires SET error = \(words), status = CASE WHEN EXISTS (
                SELECT 1 FROM schedule_runs r WHERE r.tenant_id = schedule_fires.tenant_id AND r.schedule_id = schedule_fires.schedule_id
                    AND r.slot = schedule_fires.slot AND r.status = 'started') THEN 'fired' ELSE 'skipped' END
            WHERE tenant_id = 'default' AND schedule_id = \(id.rawValue) AND status IN ('queued', 'waiting')
                AND (status = 'waiting' OR slot = \(slot)) AND (\(slot) IS NULL OR slot = \(slot)) AND by_user IS NULL
            """
        )
    }

    /// Why what waited does no longer.
    public static let switchedOff = Words(
        "The schedule was switched off while this waited.",
        "O agendamento foi desativado enquanto isto esperava."
    )

    // MARK: - Fires

    /// Takes slots, for this node or whichever has a hand free: their fires and the jobs for them are there with the commit that moves the schedule
    /// on, or not at all.
    ///
    /// - Returns: false when another node was quicker, or the schedule is off or gone.
    public func take(_ claim: ScheduleStateMachine.Claim, of id: ScheduleID, at now: Timestamp) async throws -> Bool {
        var batch = WriteBatch(order: Self.order)
        batch.add(
            """
            UPDATE schedules SET position = \(claim.to)
            WHERE tenant_id = 'default' AND id = \(id.rawValue) AND position = \(claim.from) AND enabled = 1 AND gone_at IS NULL
            """,
            expecting: 1
        )
        for slot in claim.missed { batch.add(Self.insertion(of: slot, id, .missed, at: now)) }
        for slot in claim.fires {
            batch.add(Self.insertion(of: slot, id, .queued, at: now))
            enqueue(slot, of: id, in: &batch)
        }
        guard case .committed = try await database.write(batch) else { return false }
        return true
    }

    /// A fire that somebody wants now, whatever the clock says.
    ///
    /// - Parameter delay: When a worker may go through it: later than whoever asks will have, unless that process goes before.
    public func takeNow(_ id: ScheduleID, by user: String, at now: Timestamp, after delay: Duration = .seconds(5)) async throws
        -> ScheduleFire
    {
        // Slots of the clock are whole seconds nearly always.
        var slot = now.milliseconds % 1_000 == 0 ? now.advanced(by: .milliseconds(1)) : now
        for _ in 0..<1_000 {
            var batch = WriteBatch(order: Self.order)
            batch.add(Self.insertion(of: slot, id, .queued, at: now, by: user), expecting: 1)
            enqueue(slot, of: id, in: &batch, after: delay)
            if case .committed = try await database.write(batch) {
                return ScheduleFire(schedule: id, slot: slot, status: .queued, firedAt: now, by: user)
            }
            slot = slot.advanced(by: .milliseconds(1))
        }
        throw StorageError(.busy, "the schedule is fired by hand more often than a thousand times a second")
    }

    private static func insertion(
        of slot: Timestamp,
        _ id: ScheduleID,
        _ status: ScheduleFire.Status,
        at now: Timestamp,
        by user: String? = nil
    ) -> SQL {
        """
        INSERT INTO schedule_fires (tenant_id, schedule_id, slot, status, fired_at, by_user)
        VALUES ('default', \(id.rawValue), \(slot), \(status.rawValue), \(now), \(user)) ON CONFLICT DO NOTHING
        """
    }

    private func enqueue(_ slot: Timestamp, of id: ScheduleID, in batch: inout WriteBatch, after delay: Duration = .zero) {
        let payload: JSON = ["schedule_id": .string(id.rawValue), "slot": .int(slot.milliseconds)]
        var draft = JobDraft(Self.kind, in: Self.queue, payload: payload)
        draft.uniqueKey = Self.key(id, slot)
        draft.maximumAttempts = Self.attempts
        draft.delay = delay
        jobs.enqueue(draft, in: &batch)
    }

    static func key(_ id: ScheduleID, _ slot: Timestamp) -> String { "\(id.rawValue):\(slot.milliseconds)" }
}
