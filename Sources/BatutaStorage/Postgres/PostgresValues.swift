import CPostgres

/// The values of one statement in PostgreSQL's binary form, packed one behind the other. NULLs are not among them: they are in the text.
struct PostgresValues {
    private var types: [UInt32] = []
    private var offsets: [Int32] = []
    private var lengths: [Int32] = []
    private var bytes: [UInt8] = []

    /// Nil when a value is too long for the protocol.
    init?(_ binds: [Bind]) {
        for bind in binds {
            let start = bytes.count
            switch bind {
            case .null: continue
            case .int(let value): append(value)
            case .double(let value): append(Int64(bitPattern: value.bitPattern))
            case .text(let text): bytes.append(contentsOf: PostgresKind.storable(text).utf8)
            case .blob(let blob): bytes.append(contentsOf: blob)
            case .returned: return nil
            }
            guard bytes.count < Int(Int32.max) else { return nil }
            types.append(PostgresKind(bind).type)
            offsets.append(Int32(truncatingIfNeeded: start))
            lengths.append(Int32(truncatingIfNeeded: bytes.count - start))
        }
        // Nothing to point at would be NULL.
        bytes.append(0)
    }

    private mutating func append(_ value: Int64) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    func withPacked<T>(_ body: (UnsafePointer<batuta_postgres_values>) -> T) -> T {
        types.withUnsafeBufferPointer { types in
            offsets.withUnsafeBufferPointer { offsets in
                lengths.withUnsafeBufferPointer { lengths in
                    bytes.withUnsafeBufferPointer { bytes in
                        var packed = batuta_postgres_values(
                            count: Int32(truncatingIfNeeded: types.count),
                            types: types.baseAddress,
                            offsets: offsets.baseAddress,
                            lengths: lengths.baseAddress,
                            bytes: bytes.baseAddress
                        )
                        return withUnsafePointer(to: &packed, body)
                    }
                }
            }
        }
    }
}

/// A column's value in binary form, and the number of its type in `pg_type`.
struct PostgresColumn {
    let type: UInt32
    let bytes: UnsafeRawBufferPointer

    var value: RowValue {
        switch type {
        case 20, 23, 21, 26, 5_069: .int(integer)
        case 16: .int(bytes.first == 1 ? 1 : 0)
        case 701: .double(Double(bitPattern: UInt64(bitPattern: integer)))
        case 700: .double(Double(Float(bitPattern: UInt32(truncatingIfNeeded: integer))))
        case 1_700: numeric
        case 17: .blob([UInt8](bytes))
        default: .text(String(decoding: bytes, as: UTF8.self))
        }
    }

    /// Whether the bytes are the value as it was bound, not a number.
    var isPlain: Bool {
        switch type {
        case 20, 23, 21, 26, 5_069, 16, 701, 700, 1_700: false
        default: true
        }
    }

    /// Two, four or eight bytes, the highest first; the sign is that of the type.
    private var integer: Int64 {
        let unsigned = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return switch bytes.count {
        case 2: Int64(Int16(truncatingIfNeeded: unsigned))
        case 4 where type != 26: Int64(Int32(truncatingIfNeeded: unsigned))
        default: Int64(bitPattern: unsigned)
        }
    }

    /// What sums and averages of integers are: digits to the base of 10,000 (PostgreSQL, `numeric_send`). An integer when it is one that fits.
    private var numeric: RowValue {
        let words = stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        guard words.count >= 4, words[2] == 0 || words[2] == 0x4000 else { return .double(.nan) }
        let isNegative = words[2] != 0
        let digits = words[4...].map(Int64.init)
        let weight = Int(Int16(bitPattern: words[1]))
        if digits.count <= weight + 1, let whole = Self.whole(digits, weight: weight, isNegative: isNegative) { return .int(whole) }
        var sum = 0.0
        for digit in digits { sum = sum * 10_000 + Double(digit) }
        for _ in 0..<max(0, weight + 1 - digits.count) { sum *= 10_000 }
        for _ in 0..<max(0, digits.count - weight - 1) { sum /= 10_000 }
        return .double(isNegative ? -sum : sum)
    }

    private static func whole(_ digits: [Int64], weight: Int, isNegative: Bool) -> Int64? {
        guard weight < 5 else { return nil }
        var sum: Int64 = 0
        for index in 0..<max(0, weight + 1) {
            let digit = index < digits.count ? digits[index] : 0
            let (shifted, over) = sum.multipliedReportingOverflow(by: 10_000)
            let (next, above) = isNegative ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
            guard !over, !above else { return nil }
            sum = next
        }
        return sum
    }
}
