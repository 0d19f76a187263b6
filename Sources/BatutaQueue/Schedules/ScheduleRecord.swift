public import BatutaCore

/// A schedule as its row tells it: where it stands, whatever the project says that it is.
public struct ScheduleRecord: Sendable, Hashable {
    public var id: ScheduleID
    public var name: String
    /// Whether somebody wants it to fire.
    public var isEnabled: Bool
    /// From where `every` counts.
    public var anchor: Timestamp
    /// Every slot up to here is dealt with.
    public var position: Timestamp
    /// When it was found to be in no file any more.
    public var goneAt: Timestamp?
    public var createdAt: Timestamp

    public init(
        id: ScheduleID,
        name: String,
        isEnabled: Bool,
        anchor: Timestamp,
        position: Timestamp,
        goneAt: Timestamp? = nil,
        createdAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.isEnabled = isEnabled
        self.anchor = anchor
        self.position = position
        self.goneAt = goneAt
        self.createdAt = createdAt
    }
}

/// What a slot came to.
public struct ScheduleFire: Sendable, Hashable {
    public enum Status: String, Sendable, CaseIterable {
        /// Claimed; a worker goes through its users.
        case queued
        /// Users were gone through, and some wait for their last run to end.
        case waiting
        /// A run began, of one user at least.
        case fired
        /// Nobody's run began, because the last one was still at work, or nobody was meant.
        case skipped
        /// The slot passed while nobody looked.
        case missed
        /// Nobody's run could begin.
        case failed

        public var isOpen: Bool { self == .queued || self == .waiting }
    }

    public var schedule: ScheduleID
    public var slot: Timestamp
    public var status: Status
    /// When it was dealt with.
    public var firedAt: Timestamp
    /// Who wanted it by hand; nil for the clock.
    public var by: String?
    public var error: Words?

    public init(schedule: ScheduleID, slot: Timestamp, status: Status, firedAt: Timestamp, by: String? = nil, error: Words? = nil) {
        self.schedule = schedule
        self.slot = slot
        self.status = status
        self.firedAt = firedAt
        self.by = by
        self.error = error
    }
}

/// What a slot came to for one user.
public struct ScheduleOutcome: Sendable, Hashable {
    public enum Status: String, Sendable, CaseIterable {
        /// Waits for the user's last run to end.
        case waiting
        case started
        case skipped
        case failed
    }

    public var slot: Timestamp
    public var user: String
    public var status: Status
    public var run: String?
    public var error: Words?

    public init(slot: Timestamp, user: String, status: Status, run: String? = nil, error: Words? = nil) {
        self.slot = slot
        self.user = user
        self.status = status
        self.run = run
        self.error = error
    }
}
