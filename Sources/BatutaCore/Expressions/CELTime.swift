/// A moment with nanoseconds, between the years 1 and 9999 (protobuf's `Timestamp`).
struct CELTimestamp: Sendable, Hashable, Comparable {
    /// Since 1970-01-01T00:00:00Z.
    let nanoseconds: Int128

    static let range: ClosedRange<Int128> = (-62_135_596_800 * 1_000_000_000)...(253_402_300_800 * 1_000_000_000 - 1)

    init?(nanoseconds: Int128) {
        guard Self.range.contains(nanoseconds) else { return nil }
        self.nanoseconds = nanoseconds
    }

    init?(seconds: Int64) { self.init(nanoseconds: Int128(seconds) * 1_000_000_000) }

    /// A moment of the project clock; beyond CEL's range it is cut.
    init(_ timestamp: Timestamp) {
        let wanted = Int128(timestamp.milliseconds) * 1_000_000
        nanoseconds = min(max(wanted, Self.range.lowerBound), Self.range.upperBound)
    }

    static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Whole seconds, rounded down.
    var seconds: Int64 { Int64(truncatingIfNeeded: nanoseconds.flooredDivision(by: 1_000_000_000)) }

    var nanosecondOfSecond: Int { Int(nanoseconds - Int128(seconds) * 1_000_000_000) }
}

/// A span with nanoseconds, up to 10,000 years either way (protobuf's `Duration`).
struct CELDuration: Sendable, Hashable, Comparable {
    let nanoseconds: Int128

    static let largest: Int128 = 315_576_000_000 * 1_000_000_000

    init?(nanoseconds: Int128) {
        guard nanoseconds.magnitude <= UInt128(Self.largest) else { return nil }
        self.nanoseconds = nanoseconds
    }

    /// A span of Swift's; beyond CEL's range it is cut.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let wanted = Int128(seconds) * 1_000_000_000 + Int128(attoseconds / 1_000_000_000)
        nanoseconds = min(max(wanted, -Self.largest), Self.largest)
    }

    static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Seconds with the fraction that is needed: `90s`, `-1.5s`.
    var text: String {
        let magnitude = nanoseconds.magnitude
        let fraction = DecimalFraction.text(Int(magnitude % 1_000_000_000))
        return "\(nanoseconds < 0 ? "-" : "")\(magnitude / 1_000_000_000)\(fraction)s"
    }
}

extension Int128 {
    func flooredDivision(by divisor: Int128) -> Int128 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

enum DecimalFraction {
    /// Nanoseconds as a fraction without zeros at its end: `.5`, or nothing.
    static func text(_ nanoseconds: Int) -> String {
        guard nanoseconds > 0 else { return "" }
        var digits = Array(String(nanoseconds).utf8)
        digits = [UInt8](repeating: 48, count: 9 - min(9, digits.count)) + digits
        while digits.last == 48 { digits.removeLast() }
        return "." + String(decoding: digits, as: UTF8.self)
    }
}
