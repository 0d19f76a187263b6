public import BatutaCore
public import BatutaQueue
import BatutaStorage
public import BatutaTelemetry
import Synchronization

/// Looks at the clock for the project's schedules and takes the slots that are due. Every node does; the store lets one of them have each slot.
public final class ScheduleService: Sendable {
    private let engine: Engine
    private let store: ScheduleStore
    private let logger: Logger
    /// The version of the project that the rows are in step with.
    private let adopted = Mutex<String?>(nil)

    /// A look at the rows when nothing is due: what another node switched on or off, or a clock that was moved on, counts within this time.
    private static let patience = Duration.seconds(1)
    private static let shortest = Duration.milliseconds(5)
    /// Between two portions of what there is to make up for.
    private static let breath = Duration.milliseconds(200)
    /// Looks at one schedule in a row; `all` may have more to make up for.
    private static let mostTurns = 20

    public init(engine: Engine, store: ScheduleStore, logger: Logger = .silent) {
        self.engine = engine
        self.store = store
        self.logger = logger
    }

    private var clock: any ProjectClock { engine.services.clock }

    /// Until it is cancelled.
    public func run() async {
        var told: String?
        var isFirst = true
        while !Task.isCancelled {
            var pause = Self.patience
            do {
                let next = try await look()
                if isFirst { report(next) }
                (isFirst, told) = (false, nil)
                if let next { pause = min(max(clock.now().duration(to: next.at), Self.shortest), Self.patience) }
            } catch {
                // A store that takes no writes says so elsewhere as well.
                if told != "\(error)", !Task.isCancelled {
                    logger.warning("Schedules wait for the store", ["error": .string("\(error)")])
                }
                told = "\(error)"
            }
            try? await Task.sleep(for: pause)
        }
    }

    /// What fires next.
    public struct Next: Sendable, Hashable {
        public var schedule: String
        public var at: Timestamp
    }

    /// Takes what is due.
    ///
    /// - Returns: What is next; nil when nothing is to fire.
    @discardableResult
    public func look() async throws -> Next? {
        let project = engine.currentProject
        try await adopt(project)
        guard !project.schedules.isEmpty else { return nil }
        let records = try await records(of: project.schedules)
        var next: Next?
        for schedule in project.schedules where schedule.fires {
            guard let record = records[schedule.name], record.isEnabled, record.goneAt == nil,
                let moment = try await take(schedule, record)
            else { continue }
            if moment < next?.at ?? Timestamp(milliseconds: .max) { next = Next(schedule: schedule.name, at: moment) }
        }
        return next
    }

    /// By name. Another node may serve a version without some of them, and have found them gone.
    private func records(of schedules: [ScheduleDefinition]) async throws -> [String: ScheduleRecord] {
        let records = try await known()
        let lost = schedules.filter { schedule in records[schedule.name].map { $0.goneAt != nil } ?? true }
        guard !lost.isEmpty else { return records }
        try await store.keep(lost, at: clock.now())
        return try await known()
    }

    private func known() async throws -> [String: ScheduleRecord] {
        Dictionary(try await store.list().map { ($0.name, $0) }) { first, _ in first }
    }

    private func take(_ schedule: ScheduleDefinition, _ record: ScheduleRecord) async throws -> Timestamp? {
        let timetable = Timetable(schedule, from: record.anchor)
        var machine = ScheduleStateMachine(timetable, misfire: schedule.misfire, position: record.position)
        for _ in 0..<Self.mostTurns {
            let now = clock.now()
            switch machine.look(at: now) {
            case .wait(let moment): return moment
            case .fire(let claim):
                if try await isAtWork(on: claim, of: record.id) { return now.advanced(by: Self.breath) }
                // Otherwise another node was quicker: its row is looked at anew.
                guard try await store.take(claim, of: record.id, at: now) else { return now.advanced(by: .milliseconds(50)) }
                log(claim, of: schedule)
            }
        }
        return clock.now()
    }

    /// What there is to make up for is taken in portions: a fire waits for those before it, and thousands that wait would do little else.
    private func isAtWork(on claim: ScheduleStateMachine.Claim, of id: ScheduleID) async throws -> Bool {
        guard claim.fires.count > 1 else { return false }
        guard try await store.openFires(of: id, before: claim.to).queued > 0 else { return false }
        try await store.giveUpLost(of: id, before: claim.to)
        return true
    }

    private func log(_ claim: ScheduleStateMachine.Claim, of schedule: ScheduleDefinition) {
        if let slot = claim.fires.last {
            logger.info("A schedule fired", ["schedule": .string(schedule.name), "slot": .string(slot.rfc3339)])
        }
        guard !claim.missed.isEmpty else { return }
        logger.warning(
            "A schedule missed fires while nothing ran",
            ["schedule": .string(schedule.name), "missed": .int(Int64(claim.missed.count)), "misfire": .string(schedule.misfire.rawValue)]
        )
    }

    /// Whatever version comes into force on this node counts from its next look on.
    private func adopt(_ project: RunnableProject) async throws {
        guard adopted.withLock({ $0 != project.hash }) else { return }
        try await store.adopt(project.schedules, at: clock.now())
        adopted.withLock { $0 = project.hash }
    }

    private func report(_ next: Next?) {
        let count = engine.currentProject.schedules.count { $0.fires }
        guard count > 0 else { return }
        guard let next else { return logger.info("Schedules are at work; none of them fires", ["schedules": .int(Int64(count))]) }
        logger.info(
            "Schedules are at work",
            ["schedules": .int(Int64(count)), "next": .string(next.schedule), "at": .string(next.at.rfc3339)]
        )
    }
}

extension ScheduleDefinition {
    /// Monitors do not fire yet.
    public var fires: Bool { if case .run = work { true } else { false } }
}
