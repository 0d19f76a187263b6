/// A day of the calendar, whatever the time zone that it is read in: what budgets, bills and dated prices count by.
public struct CalendarDay: Sendable, Hashable, Comparable {
    /// Days since 1970-01-01.
    public let number: Int

    public init(number: Int) { self.number = number }

    /// The day on which a moment falls in a zone.
    public init(_ moment: Timestamp, in zone: TimeZoneRules) {
        let local = moment.milliseconds + Int64(zone.offset(at: moment).seconds) * 1_000
        number = Int(local >= 0 ? local / 86_400_000 : -((-local + 86_399_999) / 86_400_000))
    }

    /// Reads `2026-01-19`; nil for anything else or a date that does not exist.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == 45, bytes[7] == 45, let year = RFC3339Reader.digits(bytes[0..<4]),
            let month = RFC3339Reader.digits(bytes[5..<7]), let day = RFC3339Reader.digits(bytes[8..<10]),
            RFC3339Reader.isDate(year: year, month: month, day: day)
        else { return nil }
        number = Timestamp.days(fromYear: year, month: month, day: day)
    }

    public static func < (left: CalendarDay, right: CalendarDay) -> Bool { left.number < right.number }

    public func advanced(by days: Int) -> CalendarDay { CalendarDay(number: number + days) }

    /// `2026-01-19`.
    public var text: String {
        let date = Timestamp.civil(fromDays: number)
        return "\(Self.padded(date.year, 4))-\(Self.padded(date.month, 2))-\(Self.padded(date.day, 2))"
    }

    /// The first day of its month.
    public var beginningOfMonth: CalendarDay { CalendarDay(number: number - Timestamp.civil(fromDays: number).day + 1) }

    /// The first day of the month after its own.
    public var nextMonth: CalendarDay {
        let date = Timestamp.civil(fromDays: number)
        let isLast = date.month == 12
        return CalendarDay(number: Timestamp.days(fromYear: date.year + (isLast ? 1 : 0), month: isLast ? 1 : date.month + 1, day: 1))
    }

    /// When it begins in a zone: midnight there, or the first moment after it where the clocks are put forward then.
    public func beginning(in zone: TimeZoneRules) -> Timestamp {
        let midnight = Int64(number) * 86_400_000
        var moment = Timestamp(milliseconds: midnight)
        // The offset of the day before is that of its end; where it changes in between, the second look is right.
        for _ in 0..<2 { moment = Timestamp(milliseconds: midnight - Int64(zone.offset(at: moment).seconds) * 1_000) }
        return moment
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
