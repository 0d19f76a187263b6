/// A minute on the clocks of a place.
struct LocalMinute: Sendable, Hashable {
    /// Days since 1 January 1970.
    let day: Int
    let minuteOfDay: Int

    init(day: Int, minuteOfDay: Int) {
        self.day = day
        self.minuteOfDay = minuteOfDay
    }

    /// What clocks show at a moment.
    init(_ moment: Timestamp, in zone: TimeZoneRules) {
        let seconds = Self.floor(moment.milliseconds, 1_000) + Int64(zone.offset(at: moment).seconds)
        day = Int(Self.floor(seconds, 86_400))
        minuteOfDay = Int((seconds - Int64(day) * 86_400) / 60)
    }

    /// When clocks show it: the first time when they do so twice, and when they leap over it the first instant after that.
    func instant(in zone: TimeZoneRules) -> Timestamp {
        let local = Int64(day) * 86_400 + Int64(minuteOfDay) * 60
        let before = Self.offset(zone, local - 86_400), after = Self.offset(zone, local + 86_400)
        for offset in [before, after] where Self.offset(zone, local - offset) == offset {
            return Timestamp(milliseconds: (local - offset) * 1_000)
        }
        return Self.change(zone, from: local - max(before, after), to: local - min(before, after))
    }

    /// The second at which clocks change, which lies after the first and not after the last.
    private static func change(_ zone: TimeZoneRules, from first: Int64, to last: Int64) -> Timestamp {
        let old = offset(zone, first)
        var low = first, high = last
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(zone, middle) == old { low = middle } else { high = middle }
        }
        return Timestamp(milliseconds: high * 1_000)
    }

    private static func offset(_ zone: TimeZoneRules, _ seconds: Int64) -> Int64 {
        Int64(zone.offset(at: Timestamp(milliseconds: seconds * 1_000)).seconds)
    }

    private static func floor(_ value: Int64, _ unit: Int64) -> Int64 { value >= 0 ? value / unit : -((unit - 1 - value) / unit) }
}
