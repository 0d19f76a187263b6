import BatutaCore

/// A clock that goes on at the pace of something nobody sets, and follows another clock that may be set, by never more than twice as fast and
/// never less than half as fast as time passes. Pure.
///
/// Whoever measures by it is off by half at worst while a gap is closed: a run does not end because a machine's clock was an hour wrong for a moment.
struct PacedClock: Sendable {
    /// Microseconds since 1970.
    private var at: Int64
    /// When it was last looked at.
    private var elapsed: Duration

    /// The other clock is so far ahead only when the machine stood still, in a snapshot say: then its time counts at once.
    private static let standstill: Int64 = 2 * 3_600 * 1_000_000
    /// Clocks of machines are put right by so little all the time.
    private static let correction: Int64 = 1_000_000

    init(at moment: Timestamp, elapsed: Duration) {
        at = moment.milliseconds * 1_000
        self.elapsed = elapsed
    }

    /// - Parameters:
    ///   - other: What the clock that is followed says.
    ///   - now: The time of the pace.
    mutating func look(towards other: Timestamp, after now: Duration) -> Timestamp {
        let passed = max(0, Self.microseconds(now - elapsed))
        elapsed = max(elapsed, now)
        let wanted = other.milliseconds * 1_000
        let ahead = wanted - (at + passed)
        let isAtOnce = ahead > Self.standstill || (0...Self.correction).contains(ahead)
        at = isAtOnce ? wanted : min(max(wanted, at + passed / 2), at + passed * 2)
        return Timestamp(milliseconds: at / 1_000)
    }

    mutating func move(by duration: Duration) { at += Self.microseconds(duration) }

    private static func microseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
