/// The value of a JSON number without any rounding: `0.d₁d₂d₃… × 10^point`.
struct ExactDecimal: Hashable {
    private(set) var isNegative = false
    /// Values 0…9 without leading or trailing zeros; empty for zero.
    private(set) var digits: [UInt8] = []
    /// Where the decimal point stands, counted from the first digit.
    private(set) var point = 0

    /// Beyond this an exponent is cut: no such number has a use, and sums cannot overflow.
    private static let largestExponent = 1_000_000_000_000_000

    /// Reads a literal of JSON's grammar; of anything else, whatever digits it has.
    init(_ literal: String) {
        var copy = literal
        self = copy.withUTF8 { Self(utf8: $0) }
    }

    private init(utf8: UnsafeBufferPointer<UInt8>) {
        var (fraction, seen, exponent) = (false, 0, 0)
        for (index, byte) in utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                seen += fraction || (digits.isEmpty && byte == 48) ? 0 : 1
                if digits.isEmpty && byte == 48 {
                    if fraction { point -= 1 }
                } else {
                    digits.append(byte - 48)
                }
            case UInt8(ascii: "."): fraction = true
            case UInt8(ascii: "-"): isNegative = true
            default:
                exponent = Self.exponent(utf8[(index + 1)...])
                finish(integerDigits: seen, exponent)
                return
            }
        }
        finish(integerDigits: seen, exponent)
    }

    private mutating func finish(integerDigits: Int, _ exponent: Int) {
        while digits.last == 0 { digits.removeLast() }
        if digits.isEmpty { (isNegative, point) = (false, 0) } else { point += integerDigits + exponent }
    }

    private static func exponent(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
        var (value, negative) = (0, false)
        for byte in text {
            if byte == UInt8(ascii: "-") { negative = true }
            guard (48...57).contains(byte) else { continue }
            value = min(value * 10 + Int(byte - 48), largestExponent)
        }
        return negative ? -value : value
    }
}

extension ExactDecimal: Comparable {
    static func < (left: ExactDecimal, right: ExactDecimal) -> Bool {
        if left.sign != right.sign { return left.sign < right.sign }
        return left.isNegative ? left.magnitude(isAbove: right) : right.magnitude(isAbove: left)
    }

    private var sign: Int { digits.isEmpty ? 0 : isNegative ? -1 : 1 }

    private func magnitude(isAbove other: ExactDecimal) -> Bool {
        if point != other.point { return point > other.point }
        return other.digits.lexicographicallyPrecedes(digits)
    }
}

extension ExactDecimal {
    var isInteger: Bool { digits.count <= point || digits.isEmpty }

    /// The value when it is a 64-bit integer.
    var int64: Int64? {
        guard isInteger, point <= 19 else { return nil }
        var value: Int64 = 0
        for position in 0..<max(0, point) {
            let digit = Int64(position < digits.count ? digits[position] : 0)
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, more) = isNegative ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
            if overflow || more { return nil }
            value = next
        }
        return value
    }

    /// Whether this is a whole multiple of `other`; nil when the numbers are too large to say so exactly.
    func isMultiple(of other: ExactDecimal) -> Bool? {
        if digits.isEmpty { return true }
        guard var divisor = other.mantissa, divisor > 0 else { return nil }
        // this = digits × 10^low, other = divisor × 10^otherLow
        let shift = (point - digits.count) - (other.point - other.digits.count)
        if shift < 0 {
            // This has no trailing zero left: the divisor must take the powers of ten.
            for _ in 0..<min(-shift, 40) {
                let (next, overflow) = divisor.multipliedReportingOverflow(by: 10)
                if overflow || next > Self.largestDivisor { return digits.count <= 36 ? false : nil }
                divisor = next
            }
        }
        guard shift <= 4_096 else { return nil }
        var rest: UInt128 = 0
        for digit in digits { rest = (rest * 10 + UInt128(digit)) % divisor }
        for _ in 0..<max(0, shift) { rest = rest * 10 % divisor }
        return rest == 0
    }

    private static let largestDivisor: UInt128 = 10_000_000_000_000_000_000_000_000_000_000_000_000

    /// The digits as one integer, when it is small enough to divide by.
    private var mantissa: UInt128? {
        guard digits.count <= 36 else { return nil }
        return digits.reduce(0) { $0 * 10 + UInt128($1) }
    }
}

extension ExactDecimal {
    /// The layout of ECMAScript's Number::toString, on the exact digits.
    var canonical: String {
        if digits.isEmpty { return "0" }
        var text: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        let figures = digits.map { $0 + 48 }
        if point > 21 || point < -5 {
            text += figures[..<1] + (figures.count > 1 ? [UInt8(ascii: ".")] + figures[1...] : [])
            text += Array((point > 0 ? "e+" : "e").utf8) + Array(String(point - 1).utf8)
        } else if point >= figures.count {
            text += figures + [UInt8](repeating: 48, count: point - figures.count)
        } else if point > 0 {
            text += figures[..<point] + [UInt8(ascii: ".")] + figures[point...]
        } else {
            text += Array("0.".utf8) + [UInt8](repeating: 48, count: -point) + figures
        }
        return String(decoding: text, as: UTF8.self)
    }
}
