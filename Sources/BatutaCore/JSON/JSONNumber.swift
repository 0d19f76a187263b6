/// A number exactly as it was written: long identifiers and decimals lose nothing by being passed on.
///
/// It becomes a `Double` only in arithmetic and comparison (DESIGN §9.16).
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
    public var int64: Int64? {
        if let exact = Int64(literal) { return exact }
        let value = double
        guard value == value.rounded(), abs(value) <= 9_007_199_254_740_992 else { return nil }
        return Int64(value)
    }
}

extension JSONNumber: Hashable {
    public static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        if left.literal == right.literal { return true }
        if let one = Int64(left.literal), let other = Int64(right.literal) { return one == other }
        return left.double == right.double
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(double) }
}
