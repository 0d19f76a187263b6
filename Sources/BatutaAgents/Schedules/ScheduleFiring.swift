public import BatutaCore
public import BatutaQueue
import BatutaRuns
import BatutaStorage

/// Goes through the users of a fire and begins their runs, each once, however often and wherever it is done again: the row that says so is
/// committed with the run.
public struct ScheduleFiring: Sendable {
    public let store: ScheduleStore
    let engine: Engine
    let audience: ScheduleAudience

    /// Fires that one node goes through at a time.
    public static let limits = QueueLimits(slots: 4)
    /// Users that are looked up at once.
    private static let page = 100

    public init(engine: Engine, store: ScheduleStore, audience: ScheduleAudience) {
        self.engine = engine
        self.store = store
        self.audience = audience
    }

    public var handler: JobHandler {
        JobHandler(ScheduleStore.kind) { context in
            guard let id = context.job.payload["schedule_id"]?.string.flatMap(ScheduleID.init),
                let slot = context.job.payload["slot"]?.int.map(Timestamp.init(milliseconds:))
            else { throw JobFailure.refused("The job names no schedule and slot.") }
            return try await perform(id, at: slot).map { .again(after: $0) } ?? .done
        }
    }

    /// Does what can be done of a fire now.
    ///
    /// - Returns: When to go on with it; nil when it is over.
    public func perform(_ id: ScheduleID, at slot: Timestamp) async throws -> Duration? {
        guard let fire = try await store.fire(id, at: slot), fire.status.isOpen, let record = try await store.find(id.rawValue) else {
            return nil
        }
        let project = engine.currentProject
        guard let schedule = project.schedules.first(where: { $0.name == record.name }) else {
            // A node with another version of the project may know it.
            if record.goneAt == nil { return .seconds(1) }
            return try await end(fire, .skipped, .isGone)
        }
        // Whoever fires by hand wants it all the same.
        if !record.isEnabled, fire.by == nil {
            try await store.drop(fire)
            return nil
        }
        do {
            guard let work = try ScheduledWork(schedule) else { return try await end(fire, .skipped, .isMonitor) }
            let round = ScheduleRound(fire: fire, work: work, project: project, firing: self)
            return try await go(through: round)
        } catch let error as ExpressionError {
            return try await end(fire, .failed, error.message)
        } catch let error as EngineError where error.code == .overloaded || error.code == .draining {
            return .seconds(1)
        }
    }

    private func go(through round: ScheduleRound) async throws -> Duration? {
        let fire = round.fire
        if fire.status == .queued {
            if let wait = try await waitForEarlier(fire) { return wait }
            if let problem = try await beginEverybody(round) {
                return try await end(fire, .failed, problem)
            }
        } else {
            try await store.giveUpLost(of: fire.schedule, before: fire.slot)
            try await beginWhoWaits(round)
        }
        return try await conclude(round)
    }

    /// Fires of the clock are gone through in their order, so that each knows what those before it began.
    private func waitForEarlier(_ fire: ScheduleFire) async throws -> Duration? {
        guard fire.by == nil else { return nil }
        let earlier = try await store.openFires(of: fire.schedule, before: fire.slot)
        if earlier.open > 0 { try await store.giveUpLost(of: fire.schedule, before: fire.slot) }
        return earlier.queued > 0 ? .milliseconds(200) : nil
    }

    /// - Returns: Why there is nobody whose run it could be.
    private func beginEverybody(_ round: ScheduleRound) async throws -> Words? {
        let settled = try await settled(round.fire)
        guard round.work.schedule.fanOut != nil else {
            guard let person = try await person(of: round.work.schedule) else {
                return round.work.schedule.runAs.map(Words.isNobody) ?? .hasNoOwner
            }
            if !settled.contains(person.id) { _ = try await round.begin(person) }
            return nil
        }
        var last: String?
        while true {
            let people = try await audience.page(last, Self.page)
            for person in people where !settled.contains(person.id) { _ = try await round.begin(person) }
            guard people.count == Self.page, let id = people.last?.id else { return nil }
            last = id
        }
    }

    /// Whose run it is without a fan-out.
    private func person(of schedule: ScheduleDefinition) async throws -> Person? {
        guard let name = schedule.runAs else { return try await audience.owner() }
        return try await audience.find(name)
    }

    /// Whoever the slot came to something for already, before a crash.
    private func settled(_ fire: ScheduleFire) async throws -> Set<String> {
        Set(try await store.runs(of: fire.schedule, from: fire.slot, to: fire.slot).map(\.user))
    }

    private func beginWhoWaits(_ round: ScheduleRound) async throws {
        let fire = round.fire
        for user in try await store.whoWaits(for: fire.schedule, at: fire.slot) {
            guard let person = try await audience.find(user) else {
                try await round.note(.skipped, user, .userIsGone)
                continue
            }
            if try await round.begin(person) == .isNotMeant { try await round.note(.skipped, user, .isNotMeant) }
        }
    }

    private func conclude(_ round: ScheduleRound) async throws -> Duration? {
        let fire = round.fire
        var counts = try await counts(of: fire)
        if counts[.waiting] != nil, fire.status == .queued {
            try await store.wait(fire.schedule, at: fire.slot)
            // The end of a run lets those go on that wait; one that came until now found nobody.
            try await beginWhoWaits(round)
            counts = try await self.counts(of: fire)
        }
        if counts[.waiting] != nil {
            let age = fire.firedAt.duration(to: engine.services.clock.now())
            return min(max(age / 10, .seconds(1)), .seconds(15))
        }
        let status: ScheduleFire.Status = counts[.started] != nil ? .fired : counts[.failed] != nil ? .failed : .skipped
        guard status == .failed else { return try await end(fire, status) }
        let problem = try await store.samples(of: fire.schedule, from: fire.slot, to: fire.slot, limit: 1).first?.error
        return try await end(fire, status, problem)
    }

    private func counts(of fire: ScheduleFire) async throws -> [ScheduleOutcome.Status: Int] {
        try await store.counts(of: fire.schedule, from: fire.slot, to: fire.slot)[fire.slot] ?? [:]
    }

    private func end(_ fire: ScheduleFire, _ status: ScheduleFire.Status, _ words: Words? = nil) async throws -> Duration? {
        try await store.end(fire.schedule, at: fire.slot, as: status, error: words)
        return nil
    }
}

extension Words {
    fileprivate static let isGone = Words("The schedule is not in the project any more.", "O agendamento não está mais no projeto.")
    fileprivate static let isMonitor = Words(
        "The schedule is a monitor now, and those do not act in this version.",
        "O agendamento agora é um monitor, e monitores ainda não agem nesta versão."
    )
    fileprivate static let userIsGone = Words("The user is gone, or disabled.", "A pessoa saiu, ou foi desativada.")
    fileprivate static let isNotMeant = Words(
        "for_each_user does not hold for this user any more.",
        "O for_each_user não vale mais para esta pessoa."
    )
    fileprivate static let hasNoOwner = Words(
        "There is no owner who could run it: name a user in run_as.",
        "Não há owner que possa executá-lo: indique alguém em run_as."
    )

    fileprivate static func isNobody(_ name: String) -> Words {
        Words("There is no user \(name) who could run it (run_as).", "Não existe a pessoa \(name), que o executaria (run_as).")
    }
}
