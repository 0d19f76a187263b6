/// A number exactly as it was written: long identifiers and decimals lose nothing by being passed on.
///
/// It becomes a `Double` only in arithmetic (DESIGN §9.16). Equality and order are by exact value: `1.0 == 1`,
/// `9007199254740993 != 9007199254740992`.
public struct JSONNumber: Sendable {
    /// The literal, in JSON's number grammar.
    public let literal: String

    /// Takes a literal that is already known to follow JSON's grammar.
    package init(validated literal: String) { self.literal = literal }

    public init(_ value: Int64) { literal = String(value) }

    /// Non-finite values have no JSON form and become `0`; a whole number is written without a fraction.
    public init(_ value: Double) {
        guard value.isFinite else {
            literal = "0"
            return
        }
        if value == value.rounded(), abs(value) < 1e15 {
            literal = String(Int64(value))
        } else {
            literal = "\(value)"
        }
    }

    /// The nearest double; infinite when the literal is out of range.
    public var double: Double { Double(literal) ?? 0 }

    /// The value when it is exactly a 64-bit integer (`1.0` and `1e3` are).
    public var int64: Int64? { Int64(literal) ?? exact.int64 }

    /// Whether the value has no fraction (`1.0` has none).
    public var isInteger: Bool { Int64(literal) != nil || exact.isInteger }

    var exact: ExactDecimal { ExactDecimal(literal) }
}

extension JSONNumber: Hashable {
    public static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        if left.literal == right.literal { return true }
        if let one = Int64(left.literal), let other = Int64(right.literal) { return one == other }
        return left.exact == right.exact
    }

    public func hash(into hasher: inout Hasher) {
        if let whole = int64 { hasher.combine(whole) } else { hasher.combine(exact) }
    }
}

extension JSONNumber: Comparable {
    public static func < (left: JSONNumber, right: JSONNumber) -> Bool {
        if let one = Int64(left.literal), let other = Int64(right.literal) { return one < other }
        return left.exact < right.exact
    }
}

extension JSONNumber: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int64) { self.init(value) }
}
