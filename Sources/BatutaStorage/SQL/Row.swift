/// One row of a result. Columns count from 0.
///
/// A row given to the closure of a read is valid until that closure returns; take out what is needed, don't keep the row.
/// Rows in a `StatementResult` are values and may be kept. Asking for another type than the column holds converts as the database does
/// (a NULL or missing column reads as 0 or empty); nothing traps.
public struct Row: Sendable {
    private enum Storage {
        case values([RowValue])
        case cursor(any RowCursor)
    }

    private let storage: Storage

    init(values: [RowValue]) { storage = .values(values) }

    init(cursor: any RowCursor) { storage = .cursor(cursor) }

    public func int(_ column: Int) -> Int64 {
        switch storage {
        case .cursor(let cursor): cursor.int(column)
        case .values(let values): values.at(column).int
        }
    }

    public func double(_ column: Int) -> Double {
        switch storage {
        case .cursor(let cursor): cursor.double(column)
        case .values(let values): values.at(column).double
        }
    }

    public func text(_ column: Int) -> String {
        switch storage {
        case .cursor(let cursor): cursor.text(column)
        case .values(let values): values.at(column).text
        }
    }

    public func bytes(_ column: Int) -> [UInt8] {
        switch storage {
        case .cursor(let cursor): cursor.bytes(column)
        case .values(let values): values.at(column).bytes
        }
    }

    public func isNull(_ column: Int) -> Bool {
        switch storage {
        case .cursor(let cursor): cursor.isNull(column)
        case .values(let values): values.at(column) == .null
        }
    }

    /// The column as the database has it, for copying.
    func value(_ column: Int) -> RowValue {
        switch storage {
        case .cursor(let cursor): cursor.value(column)
        case .values(let values): values.at(column)
        }
    }

    /// The bytes of a text or blob column in place, without a copy.
    public func withBytes<T>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
        switch storage {
        case .cursor(let cursor): try cursor.withBytes(column, body)
        case .values(let values): try values.at(column).bytes.withUnsafeBytes(body)
        }
    }

    /// Any number but 0.
    public func bool(_ column: Int) -> Bool { int(column) != 0 }
    public func optionalInt(_ column: Int) -> Int64? { isNull(column) ? nil : int(column) }
    public func optionalDouble(_ column: Int) -> Double? { isNull(column) ? nil : double(column) }
    public func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }
    public func optionalBytes(_ column: Int) -> [UInt8]? { isNull(column) ? nil : bytes(column) }
}

/// Where a row of a running statement reads its columns from.
protocol RowCursor: AnyObject, Sendable {
    func int(_ column: Int) -> Int64
    func double(_ column: Int) -> Double
    func text(_ column: Int) -> String
    func bytes(_ column: Int) -> [UInt8]
    func isNull(_ column: Int) -> Bool
    func value(_ column: Int) -> RowValue
    func withBytes<T>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T
}

/// A column's value, owned.
enum RowValue: Sendable, Equatable {
    case null
    case int(Int64)
    case double(Double)
    case text(String)
    case blob([UInt8])

    var bind: Bind {
        switch self {
        case .null: .null
        case .int(let value): .int(value)
        case .double(let value): .double(value)
        case .text(let text): .text(text)
        case .blob(let bytes): .blob(bytes)
        }
    }

    var int: Int64 {
        switch self {
        case .int(let value): value
        case .double(let value): Int64(exactly: value.rounded(.towardZero)) ?? 0
        case .text(let text): Int64(text) ?? 0
        case .null, .blob: 0
        }
    }

    var double: Double {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        case .text(let text): Double(text) ?? 0
        case .null, .blob: 0
        }
    }

    var text: String {
        switch self {
        case .null: ""
        case .int(let value): String(value)
        case .double(let value): String(value)
        case .text(let text): text
        case .blob(let bytes): String(decoding: bytes, as: UTF8.self)
        }
    }

    var bytes: [UInt8] {
        if case .blob(let bytes) = self { bytes } else { [UInt8](text.utf8) }
    }
}

extension [RowValue] {
    fileprivate func at(_ column: Int) -> RowValue { indices.contains(column) ? self[column] : .null }
}
