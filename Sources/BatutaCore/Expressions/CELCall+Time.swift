extension CELCall {
    /// Fields of a date. Months, days of the month, of the week and of the year count from 0, `getDate` from 1 (CEL, "Timestamp").
    func calendarField() throws(ExpressionError) -> Int64 {
        guard case .timestamp(let timestamp) = self[0] else { throw wrongType() }
        let date = CELDate(timestamp, offset: try zoneOffset(at: timestamp))
        switch function {
        case .getFullYear: return Int64(date.year)
        case .getMonth: return Int64(date.month - 1)
        case .getDate: return Int64(date.day)
        case .getDayOfMonth: return Int64(date.day - 1)
        case .getDayOfWeek: return Int64(date.weekday)
        default: return Int64(date.dayOfYear)
        }
    }

    /// Of a timestamp the field of the clock; of a duration the whole of it in that unit.
    func clockField() throws(ExpressionError) -> Int64 {
        switch self[0] {
        case .timestamp(let timestamp):
            let date = CELDate(timestamp, offset: try zoneOffset(at: timestamp))
            switch function {
            case .getHours: return Int64(date.hour)
            case .getMinutes: return Int64(date.minute)
            case .getSeconds: return Int64(date.second)
            default: return Int64(timestamp.nanosecondOfSecond / 1_000_000)
            }
        case .duration(let duration):
            guard arguments.count == 1 else { throw wrongType() }
            return Int64(truncatingIfNeeded: duration.nanoseconds / unit)
        default: throw wrongType()
        }
    }

    private var unit: Int128 {
        switch function {
        case .getHours: 3_600_000_000_000
        case .getMinutes: 60_000_000_000
        case .getSeconds: 1_000_000_000
        default: 1_000_000
        }
    }

    /// Seconds east of UTC for `-03:00`, `02:00` or the name of a zone.
    private func zoneOffset(at timestamp: CELTimestamp) throws(ExpressionError) -> Int {
        guard arguments.count > 1 else { return 0 }
        let name = try string(1)
        if let fixed = Self.fixedOffset(name) { return fixed }
        guard let rules = TimeZoneRules.named(name) else {
            throw invalid(
                Words(
                    "unknown time zone; write UTC, an offset such as -03:00, or a name such as America/Sao_Paulo",
                    "fuso horário desconhecido; escreva UTC, uma diferença como -03:00 ou um nome como America/Sao_Paulo"
                )
            )
        }
        return rules.offset(at: Timestamp(milliseconds: timestamp.seconds * 1_000)).seconds
    }

    private static func fixedOffset(_ name: String) -> Int? {
        if name == "UTC" || name == "Z" { return 0 }
        var digits = Array(name.utf8.prefix(7))[...]
        let isWest = digits.first == UInt8(ascii: "-")
        if isWest || digits.first == UInt8(ascii: "+") { digits.removeFirst() }
        let text = Array(digits)
        guard text.count == 5, text[2] == UInt8(ascii: ":"), let hours = RFC3339Reader.digits(text[0..<2]),
            let minutes = RFC3339Reader.digits(text[3..<5]), hours < 24, minutes < 60
        else { return nil }
        return (isWest ? -1 : 1) * (hours * 3_600 + minutes * 60)
    }
}
