public import BatutaCore

/// When a schedule fires, and what becomes of slots that passed while nobody looked. Pure: whoever drives it claims what it says in the store.
public struct ScheduleStateMachine: Sendable {
    /// How late a slot may be and still count as on time: as long as a restart takes, or a database that moves.
    public static let grace = Duration.seconds(60)
    /// Slots that one look may fire under `all`; the next look goes on.
    static let firesAtOnce = 50
    /// Slots that are kept in the history as missed; of those before them nothing is said.
    static let keptMissed = 100

    private let timetable: Timetable
    private let misfire: ScheduleDefinition.Misfire
    /// Every slot up to here is dealt with.
    public private(set) var position: Timestamp

    public enum Action: Sendable, Hashable {
        /// nil: it never fires again.
        case wait(until: Timestamp?)
        case fire(Claim)
    }

    /// What one look deals with.
    public struct Claim: Sendable, Hashable {
        /// Whoever deals with it finds the schedule here in the store, or has been too late.
        public var from: Timestamp
        public var to: Timestamp
        public var fires: [Timestamp]
        /// For the history.
        public var missed: [Timestamp]
    }

    public init(_ timetable: Timetable, misfire: ScheduleDefinition.Misfire, position: Timestamp) {
        self.timetable = timetable
        self.misfire = misfire
        self.position = position
    }

    /// Looks at the clock.
    public mutating func look(at now: Timestamp) -> Action {
        guard let next = timetable.next(after: position) else { return .wait(until: nil) }
        guard next <= now else { return .wait(until: next) }
        let claim = misfire == .all ? all(now) : newest(now)
        position = claim.to
        return .fire(claim)
    }

    private func all(_ now: Timestamp) -> Claim {
        let due = timetable.slots(after: position, upTo: now, limit: Self.firesAtOnce)
        return Claim(from: position, to: due.last ?? now, fires: due, missed: [])
    }

    /// One fire for all that passed; under `skip` only when it is still on time.
    private func newest(_ now: Timestamp) -> Claim {
        var due = timetable.newest(Self.keptMissed + 1, after: position, upTo: now)
        var claim = Claim(from: position, to: due.last ?? now, fires: [], missed: [])
        if let last = due.last, misfire == .once || last.duration(to: now) <= Self.grace {
            claim.fires = [last]
            due.removeLast()
        }
        claim.missed = due
        return claim
    }
}
