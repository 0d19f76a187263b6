/// The rule for moments after a TZif file's last transition: a POSIX `TZ` value such as `EST5EDT,M3.2.0,M11.1.0` or `<-03>3`
/// (POSIX.1-2017 §8.3, with RFC 9636's hours from -167 to 167).
struct TimeZoneFooter: Sendable {
    typealias Offset = TimeZoneRules.Offset

    private let standard: Offset
    private let daylight: (offset: Offset, start: Change, end: Change)?

    /// A day of the year and the local time at which the clock changes.
    private struct Change: Sendable {
        enum Day: Sendable {
            /// 1 to 365; 29 February is never counted.
            case julian(Int)
            /// 0 to 365.
            case ordinal(Int)
            /// Week 5 is the last.
            case weekday(month: Int, week: Int, day: Int)
        }

        var day: Day
        var seconds: Int

        /// Local seconds since 1970 at which the change happens in a year.
        func moment(in year: Int) -> Int64 { Int64(days(in: year)) * 86_400 + Int64(seconds) }

        private func days(in year: Int) -> Int {
            let first = Timestamp.days(fromYear: year, month: 1, day: 1)
            switch day {
            case .ordinal(let day): return first + day
            case .julian(let day):
                let leap = Timestamp.days(fromYear: year, month: 3, day: 1) - first == 60
                return first + day - 1 + (leap && day >= 60 ? 1 : 0)
            case .weekday(let month, let week, let day):
                let start = Timestamp.days(fromYear: year, month: month, day: 1)
                let end =
                    month == 12
                    ? Timestamp.days(fromYear: year + 1, month: 1, day: 1) : Timestamp.days(fromYear: year, month: month + 1, day: 1)
                let weekday = ((start + 4) % 7 + 7) % 7
                var result = start + (day - weekday + 7) % 7 + (week - 1) * 7
                while result >= end { result -= 7 }
                return result
            }
        }
    }

    init?(_ text: some Sequence<UInt8>) {
        var cursor = Cursor(Array(text))
        guard let name = cursor.name(), let west = cursor.time() else { return nil }
        standard = Offset(seconds: -west, abbreviation: name, isDaylightSaving: false)
        guard !cursor.isAtEnd else {
            daylight = nil
            return
        }
        guard let summer = cursor.name() else { return nil }
        let east = cursor.peek == UInt8(ascii: ",") ? 3_600 - west : cursor.time().map { -$0 }
        guard let east, let start = cursor.change(), let end = cursor.change(), cursor.isAtEnd else { return nil }
        daylight = (Offset(seconds: east, abbreviation: summer, isDaylightSaving: true), start, end)
    }

    func offset(at seconds: Int64) -> Offset {
        guard let daylight, abs(seconds) < 100_000_000_000_000 else { return standard }
        let local = seconds + Int64(standard.seconds)
        let year = Timestamp.civil(fromDays: Int(local >= 0 ? local / 86_400 : (local - 86_399) / 86_400)).year
        let start = daylight.start.moment(in: year) - Int64(standard.seconds)
        let end = daylight.end.moment(in: year) - Int64(daylight.offset.seconds)
        let summer = start < end ? (start..<end).contains(seconds) : !(end..<start).contains(seconds)
        return summer ? daylight.offset : standard
    }

    private struct Cursor {
        private var rest: ArraySlice<UInt8>

        init(_ bytes: [UInt8]) { rest = bytes[...] }

        var isAtEnd: Bool { rest.isEmpty }
        var peek: UInt8? { rest.first }

        private mutating func take(_ byte: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: byte) else { return false }
            rest = rest.dropFirst()
            return true
        }

        /// Three or more letters, or anything between angle brackets.
        mutating func name() -> String? {
            let bracketed = take("<")
            let text = bracketed ? rest.prefix { $0 != UInt8(ascii: ">") } : rest.prefix { (65...90).contains($0 & 0xDF) }
            rest = rest.dropFirst(text.count)
            if bracketed, !take(">") { return nil }
            return text.count >= 3 ? String(decoding: text, as: UTF8.self) : nil
        }

        private mutating func number(upTo limit: Int) -> Int? {
            let digits = rest.prefix { (48...57).contains($0) }
            guard (1...4).contains(digits.count), let value = RFC3339Reader.digits(digits), value <= limit else { return nil }
            rest = rest.dropFirst(digits.count)
            return value
        }

        /// `[+-]hh[:mm[:ss]]` in seconds.
        mutating func time() -> Int? {
            let negative = take("-")
            if !negative { _ = take("+") }
            guard var seconds = number(upTo: 167).map({ $0 * 3_600 }) else { return nil }
            for unit in [60, 1] where take(":") {
                guard let value = number(upTo: 59) else { return nil }
                seconds += value * unit
            }
            return negative ? -seconds : seconds
        }

        mutating func change() -> Change? {
            guard take(","), let day = day() else { return nil }
            guard take("/") else { return Change(day: day, seconds: 7_200) }
            return time().map { Change(day: day, seconds: $0) }
        }

        private mutating func day() -> Change.Day? {
            if take("J") { return number(upTo: 365).flatMap { $0 > 0 ? .julian($0) : nil } }
            guard take("M") else { return number(upTo: 365).map { .ordinal($0) } }
            guard let month = number(upTo: 12), month > 0, take("."), let week = number(upTo: 5), week > 0, take("."),
                let day = number(upTo: 6)
            else { return nil }
            return .weekday(month: month, week: week, day: day)
        }
    }
}
