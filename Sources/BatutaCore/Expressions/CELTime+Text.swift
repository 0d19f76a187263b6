extension CELTimestamp {
    /// RFC 3339 with any offset (`+0000` without its colon too, as some services write it) and up to nanoseconds.
    init?(_ text: String) {
        guard text.utf8.count <= 64, let value = Self.read(Array(text.utf8)) else { return nil }
        self.init(nanoseconds: value)
    }

    private static func read(_ text: [UInt8]) -> Int128? {
        guard text.count >= 20 else { return nil }
        var rest = text[19...]
        var fraction: [UInt8] = []
        if rest.first == UInt8(ascii: ".") {
            fraction = Array(rest.dropFirst().prefix { ExpressionLexer.isDigit($0) })
            guard (1...9).contains(fraction.count) else { return nil }
            rest = rest.dropFirst(1 + fraction.count)
        }
        var zone = Array(rest)
        if zone.count == 5, !zone.contains(UInt8(ascii: ":")) { zone.insert(UInt8(ascii: ":"), at: 3) }
        guard let milliseconds = RFC3339Reader.read(Array(text[..<19]) + zone) else { return nil }
        let nanoseconds = RFC3339Reader.digits((fraction + [UInt8](repeating: 48, count: 9))[..<9]) ?? 0
        return Int128(milliseconds) * 1_000_000 + Int128(nanoseconds)
    }

    /// RFC 3339 in UTC with the fraction that is needed.
    var text: String {
        let date = CELDate(self, offset: 0)
        let day = "\(Self.padded(date.year, 4))-\(Self.padded(date.month, 2))-\(Self.padded(date.day, 2))"
        let time = "\(Self.padded(date.hour, 2)):\(Self.padded(date.minute, 2)):\(Self.padded(date.second, 2))"
        return "\(day)T\(time)\(DecimalFraction.text(nanosecondOfSecond))Z"
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// A moment as a calendar and a clock show it, at an offset from UTC.
struct CELDate {
    let year, month, day: Int
    let hour, minute, second: Int
    /// Sunday is 0.
    let weekday: Int
    /// January 1st is 0.
    let dayOfYear: Int

    /// - Parameter offset: seconds east of UTC, at most a day.
    init(_ timestamp: CELTimestamp, offset: Int) {
        let local = Int(timestamp.seconds) + offset
        let days = local >= 0 ? local / 86_400 : -((86_399 - local) / 86_400)
        let inDay = local - days * 86_400
        (year, month, day) = Timestamp.civil(fromDays: days)
        (hour, minute, second) = (inDay / 3_600, inDay / 60 % 60, inDay % 60)
        weekday = ((days + 4) % 7 + 7) % 7
        dayOfYear = days - Timestamp.days(fromYear: year, month: 1, day: 1)
    }
}

extension CELDuration {
    /// `1h30m`, `-1.5s`, `200ms`: numbers with units `d`, `h`, `m`, `s`, `ms`, `us`, `ns`; `0` alone needs none.
    init?(_ text: String) {
        var rest = Array(text.utf8.prefix(65))[...]
        guard rest.count <= 64 else { return nil }
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        guard !rest.isEmpty, let total = Self.sum(rest) else { return nil }
        self.init(nanoseconds: isNegative ? -total : total)
    }

    private static func sum(_ text: ArraySlice<UInt8>) -> Int128? {
        if text.elementsEqual([48]) { return 0 }
        var (rest, total) = (text, Int128(0))
        while !rest.isEmpty {
            guard let part = takePart(&rest) else { return nil }
            total += part
            guard total <= largest else { return nil }
        }
        return total
    }

    private static func takePart(_ rest: inout ArraySlice<UInt8>) -> Int128? {
        let whole = takeDigits(&rest)
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = takeDigits(&rest)
        }
        let unit = rest.prefix { !ExpressionLexer.isDigit($0) && $0 != UInt8(ascii: ".") }
        rest = rest.dropFirst(unit.count)
        guard !whole.isEmpty || !fraction.isEmpty, whole.count <= 18, let size = units[String(decoding: unit, as: UTF8.self)],
            let value = whole.isEmpty ? 0 : RFC3339Reader.digits(whole), let part = RFC3339Reader.digits(fraction.prefix(15))
        else { return nil }
        let scale = (0..<min(15, fraction.count)).reduce(Int128(1)) { scale, _ in scale * 10 }
        return Int128(value) * size + Int128(part) * size / scale
    }

    private static func takeDigits(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let digits = rest.prefix { ExpressionLexer.isDigit($0) }
        rest = rest.dropFirst(digits.count)
        return digits
    }

    private static let units: [String: Int128] = [
        "ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000,
        "h": 3_600_000_000_000, "d": 86_400_000_000_000,
    ]
}
