public import BatutaCore

/// The slots of a schedule: the moments at which it fires. Pure.
public struct Timetable: Sendable {
    private let timing: ScheduleDefinition.Timing
    private let zone: TimeZoneRules
    /// From where `every` counts: its slots lie whole periods after it.
    private let anchor: Timestamp

    /// - Parameter anchor: When the schedule was first seen, as it is now.
    public init(_ schedule: ScheduleDefinition, from anchor: Timestamp) {
        timing = schedule.timing
        zone = TimeZoneRules.named(schedule.timeZone) ?? .utc
        self.anchor = anchor
    }

    /// The first slot after a moment; nil when there is none within 50 years.
    public func next(after moment: Timestamp) -> Timestamp? {
        switch timing {
        case .cron(let cron): return cron.next(after: moment, in: zone)
        case .every(let period):
            let step = max(period.inMilliseconds, 1)
            let passed = moment.milliseconds - anchor.milliseconds
            return Timestamp(milliseconds: anchor.milliseconds + (passed < 0 ? 1 : passed / step + 1) * step)
        }
    }

    /// Slots after a moment, oldest first.
    public func slots(after moment: Timestamp, upTo end: Timestamp = Timestamp(milliseconds: .max), limit: Int) -> [Timestamp] {
        var found: [Timestamp] = []
        var last = moment
        while found.count < limit, let slot = next(after: last), slot <= end {
            found.append(slot)
            last = slot
        }
        return found
    }

    /// The newest slots between two moments, oldest first, without going through all that lie before them.
    public func newest(_ limit: Int, after moment: Timestamp, upTo end: Timestamp) -> [Timestamp] {
        // No two slots of either kind lie closer together.
        let step: Int64 = if case .every(let period) = timing { max(period.inMilliseconds, 1) } else { 60_000 }
        var window = step * Int64(limit)
        while true {
            let start = Timestamp(milliseconds: max(moment.milliseconds, end.milliseconds - window))
            let found = slots(after: start, upTo: end, limit: .max)
            if found.count >= limit || start == moment { return found.suffix(limit) }
            window *= 2
        }
    }

    /// What tells one timetable from another: when it changes, nothing of the old one is made up for.
    public static func text(of schedule: ScheduleDefinition) -> String {
        switch schedule.timing {
        case .cron(let cron): "cron \(cron.source) \(schedule.timeZone)"
        case .every(let period): "every \(period.inMilliseconds)"
        }
    }
}
