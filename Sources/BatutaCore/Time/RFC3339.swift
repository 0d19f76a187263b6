extension Timestamp {
    /// RFC 3339 in UTC with milliseconds: `2026-01-19T18:00:00.123Z`.
    public var rfc3339: String {
        let day = Self.floorDivide(milliseconds, 86_400_000)
        let inDay = Int(milliseconds - day * 86_400_000)
        let date = Self.civil(fromDays: Int(day))
        return String(unsafeUninitializedCapacity: 24) { buffer in
            var position = 0
            func put(_ value: Int, _ width: Int, then separator: Character) {
                var rest = value
                for index in stride(from: position + width - 1, through: position, by: -1) {
                    buffer[index] = 48 + UInt8(rest % 10)
                    rest /= 10
                }
                buffer[position + width] = separator.asciiValue ?? 32
                position += width + 1
            }
            put(date.year, 4, then: "-")
            put(date.month, 2, then: "-")
            put(date.day, 2, then: "T")
            put(inDay / 3_600_000, 2, then: ":")
            put(inDay / 60_000 % 60, 2, then: ":")
            put(inDay / 1_000 % 60, 2, then: ".")
            put(inDay % 1_000, 3, then: "Z")
            return position
        }
    }

    /// Reads RFC 3339 with any offset and up to nanoseconds (cut to milliseconds); nil for anything else or a date that does not exist.
    public init?(rfc3339 text: String) {
        guard let value = RFC3339Reader.read(Array(text.utf8)) else { return nil }
        self.init(milliseconds: value)
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
    }

    /// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
    static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// The inverse, `days_from_civil`.
    static func days(fromYear year: Int, month: Int, day: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

enum RFC3339Reader {
    /// Milliseconds since 1970, or nil.
    static func read(_ text: [UInt8]) -> Int64? {
        guard text.count >= 20, text[4] == 45, text[7] == 45, [84, 116, 32].contains(text[10]), text[13] == 58, text[16] == 58,
            let year = digits(text[0..<4]), let month = digits(text[5..<7]), let day = digits(text[8..<10]),
            let hour = digits(text[11..<13]), let minute = digits(text[14..<16]), let second = digits(text[17..<19]),
            isDate(year: year, month: month, day: day), hour < 24, minute < 60, second <= 60
        else { return nil }
        var rest = text[19...]
        guard let fraction = takeFraction(&rest), let offset = offset(rest) else { return nil }
        let days = Int64(Timestamp.days(fromYear: year, month: month, day: day))
        let seconds = days * 86_400 + Int64(hour * 3_600 + minute * 60 + second - offset * 60)
        return seconds * 1_000 + Int64(fraction)
    }

    static func isDate(year: Int, month: Int, day: Int) -> Bool {
        guard (1...12).contains(month), day >= 1 else { return false }
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return day <= lengths[month - 1]
    }

    static func digits(_ slice: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for byte in slice {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        return value
    }

    private static func takeFraction(_ rest: inout ArraySlice<UInt8>) -> Int? {
        guard rest.first == 46 else { return 0 }
        let figures = rest.dropFirst().prefix { (48...57).contains($0) }
        guard !figures.isEmpty else { return nil }
        rest = rest.dropFirst(1 + figures.count)
        return digits((Array(figures) + [48, 48, 48]).prefix(3))
    }

    /// Minutes east of UTC.
    private static func offset(_ rest: ArraySlice<UInt8>) -> Int? {
        let text = Array(rest)
        if text == [90] || text == [122] { return 0 }
        guard text.count == 6, text[0] == 43 || text[0] == 45, text[3] == 58,
            let hours = digits(text[1..<3]), let minutes = digits(text[4..<6]), hours < 24, minutes < 60
        else { return nil }
        return (text[0] == 45 ? -1 : 1) * (hours * 60 + minutes)
    }
}
