import Glibc

/// How two values stand to each other; a NaN stands to nothing.
enum CELOrder {
    case less, equal, greater, unordered

    init<Value: Comparable>(_ one: Value, _ other: Value) { self = one < other ? .less : one == other ? .equal : .greater }

    init(_ one: Double, _ other: Double) { self = one < other ? .less : one == other ? .equal : one > other ? .greater : .unordered }

    /// Texts by their code units, which for UTF-8 is the order of code points.
    init(_ one: String, _ other: String) {
        var (left, right) = (one, other)
        self = left.withUTF8 { left in right.withUTF8 { CELOrder(UnsafeRawBufferPointer(left), UnsafeRawBufferPointer($0)) } }
    }

    init(_ one: [UInt8], _ other: [UInt8]) {
        self = one.withUnsafeBytes { left in other.withUnsafeBytes { CELOrder(left, $0) } }
    }

    private init(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) {
        var difference: Int32 = 0
        if let left = one.baseAddress, let right = other.baseAddress { difference = memcmp(left, right, min(one.count, other.count)) }
        self = difference == 0 ? CELOrder(one.count, other.count) : difference < 0 ? .less : .greater
    }

    var reversed: CELOrder {
        switch self {
        case .less: .greater
        case .greater: .less
        case .equal, .unordered: self
        }
    }
}

/// Numbers of different types on one number line (CEL, "Numeric values").
///
/// Numbers from JSON are doubles. Only where both sides are whole numbers written out in full are they compared exactly,
/// so that two long ids are never taken for one another.
enum CELNumber {
    case whole(Int128)
    case real(Double)

    init?(_ value: CELValue) {
        switch value {
        case .int(let number): self = .whole(Int128(number))
        case .uint(let number): self = .whole(Int128(number))
        case .double(let number): self = .real(number)
        case .number(let number): self = Int128(number.literal).map { .whole($0) } ?? .real(number.double)
        default: return nil
        }
    }

    /// nil when one of them is no number.
    static func compare(_ one: CELValue, _ other: CELValue) -> CELOrder? {
        guard let left = CELNumber(one), let right = CELNumber(other) else { return nil }
        switch (left, right) {
        case (.whole(let left), .whole(let right)): return CELOrder(left, right)
        case (.real(let left), .real(let right)): return CELOrder(left, right)
        case (.whole(let whole), .real(let real)): return order(whole, real, isExact: one.isInteger)
        case (.real(let real), .whole(let whole)): return order(whole, real, isExact: other.isInteger).reversed
        }
    }

    /// An integer of the language against a double compares exactly; a number from JSON is a double itself.
    private static func order(_ whole: Int128, _ real: Double, isExact: Bool) -> CELOrder {
        guard isExact, real.isFinite else { return CELOrder(Double(whole), real) }
        if abs(real) >= 0x1p100 { return real < 0 ? .greater : .less }
        let below = real.rounded(.down)
        guard let floor = Int128(exactly: below) else { return .unordered }
        if whole != floor { return CELOrder(whole, floor) }
        return real > below ? .less : .equal
    }
}

extension CELValue {
    var isInteger: Bool {
        switch self {
        case .int, .uint: true
        default: false
        }
    }

    /// The value as a double, when its type is double.
    var asDouble: Double? {
        switch self {
        case .double(let value): value
        case .number(let number): number.double
        default: nil
        }
    }
}
