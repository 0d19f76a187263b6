/// A value that goes to the database beside the SQL text, never inside it.
public enum Bind: Sendable, Equatable {
    case null
    case int(Int64)
    case double(Double)
    case text(String)
    case blob([UInt8])
    /// The integer in the first column of the first row that an earlier statement *of the same batch* returned (`RETURNING`), plus an offset.
    /// This is how event numbers are given out: the counter's `UPDATE … RETURNING` is statement 0, and the rows bind `.returned(statement: 0, plus: -2)` and so on.
    /// The batch fails with `misuse` when that statement returned no row, so guard it with `expecting: 1`.
    case returned(statement: Int, plus: Int64)
}

extension Bind {
    /// An integer of any width; what does not fit 64 signed bits is clamped to the nearest that does.
    public static func integer(_ value: some BinaryInteger) -> Bind { .int(Int64(clamping: value)) }

    /// The text, or NULL.
    public static func optional(_ text: String?) -> Bind { text.map(Bind.text) ?? .null }

    /// The number, or NULL.
    public static func optional(_ number: Int64?) -> Bind { number.map(Bind.int) ?? .null }

    /// The bytes, or NULL.
    public static func optional(_ bytes: [UInt8]?) -> Bind { bytes.map(Bind.blob) ?? .null }

    /// Bytes that the value holds outside itself; the queue of waiting batches is bounded by their sum.
    var weight: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .blob(let bytes): bytes.count
        case .null, .int, .double, .returned: 0
        }
    }

    /// The value itself, with a number that an earlier statement returned in place of the reference to it; nil when that one returned no row.
    func resolved(_ earlier: [StatementResult]) -> Bind? {
        guard case .returned(let statement, let offset) = self else { return self }
        guard earlier.indices.contains(statement), let row = earlier[statement].returned.first, !row.isNull(0) else { return nil }
        let (sum, overflow) = row.int(0).addingReportingOverflow(offset)
        return overflow ? nil : .int(sum)
    }
}
