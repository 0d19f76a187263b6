import CSQLite

/// A compiled statement of one connection, and the row it stands on.
// SAFETY: used only on the thread of its connection. A `Row` that outlives its read keeps this object alive and reads NULLs from the reset statement.
final class SQLiteStatement: RowCursor, @unchecked Sendable {
    /// A code of our own beside SQLite's: a `Bind.returned` names a statement that returned no row.
    static let unresolved: Int32 = -1
    /// Beyond this many values they are copied instead of kept alive by the call stack.
    private static let deepest = 128

    let handle: OpaquePointer
    let parameterCount: Int
    let columnCount: Int
    var isInUse = false

    init(handle: OpaquePointer) {
        self.handle = handle
        parameterCount = Int(sqlite3_bind_parameter_count(handle))
        columnCount = Int(sqlite3_column_count(handle))
    }

    deinit { sqlite3_finalize(handle) }

    /// Binds the values from `start` on without copying their bytes and calls `body` while they are alive. Returns what `body` returned, or the code that stopped the binding.
    ///
    /// Each text or blob is pinned by a stack frame of its own: that is how Swift lends out the bytes of a string.
    func withBound(_ binds: [Bind], from start: Int = 0, earlier: [StatementResult], _ body: () -> Int32) -> Int32 {
        for index in start..<binds.count {
            let position = Int32(truncatingIfNeeded: index &+ 1)
            var code = SQLITE_OK
            switch binds[index] {
            case .text(var text):
                return text.withUTF8 { bytes in
                    lend(UnsafeRawBufferPointer(bytes), as: batuta_sqlite_bind_text, batuta_sqlite_copy_text, index, binds, earlier, body)
                }
            case .blob(let blob):
                return blob.withUnsafeBytes {
                    lend($0, as: batuta_sqlite_bind_bytes, batuta_sqlite_copy_bytes, index, binds, earlier, body)
                }
            case .int(let value): code = sqlite3_bind_int64(handle, position, value)
            case .double(let value): code = sqlite3_bind_double(handle, position, value)
            case .null: code = sqlite3_bind_null(handle, position)
            case .returned:
                guard case .int(let value) = binds[index].resolved(earlier) else { return Self.unresolved }
                code = sqlite3_bind_int64(handle, position, value)
            }
            if code != SQLITE_OK { return code }
        }
        return body()
    }

    private typealias BindBytes = (OpaquePointer?, Int32, UnsafeRawPointer?, Int) -> Int32

    @inline(__always)
    private func lend(
        _ bytes: UnsafeRawBufferPointer,
        as borrow: BindBytes,
        _ copy: BindBytes,
        _ index: Int,
        _ binds: [Bind],
        _ earlier: [StatementResult],
        _ body: () -> Int32
    ) -> Int32 {
        let position = Int32(truncatingIfNeeded: index &+ 1)
        guard index >= Self.deepest else {
            let code = borrow(handle, position, bytes.baseAddress, bytes.count)
            return code == SQLITE_OK ? withBound(binds, from: index &+ 1, earlier: earlier, body) : code
        }
        let code = copy(handle, position, bytes.baseAddress, bytes.count)
        return code == SQLITE_OK ? withBound(binds, from: index &+ 1, earlier: earlier, body) : code
    }
}

extension SQLiteStatement {
    func int(_ column: Int) -> Int64 { sqlite3_column_int64(handle, Int32(clamping: column)) }

    func double(_ column: Int) -> Double { sqlite3_column_double(handle, Int32(clamping: column)) }

    func isNull(_ column: Int) -> Bool { sqlite3_column_type(handle, Int32(clamping: column)) == SQLITE_NULL }

    func text(_ column: Int) -> String { withBytes(column) { String(decoding: $0, as: UTF8.self) } }

    func bytes(_ column: Int) -> [UInt8] { withBytes(column) { [UInt8]($0) } }

    func withBytes<T>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
        let column = Int32(clamping: column)
        let start = sqlite3_column_blob(handle, column)
        return try body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(handle, column))))
    }

    /// The current row as values of its own.
    func copyRow() -> Row {
        Row(values: (0..<columnCount).map(value))
    }

    func value(_ column: Int) -> RowValue {
        switch sqlite3_column_type(handle, Int32(clamping: column)) {
        case SQLITE_INTEGER: .int(int(column))
        case SQLITE_FLOAT: .double(double(column))
        case SQLITE_TEXT: .text(text(column))
        case SQLITE_BLOB: .blob(bytes(column))
        default: .null
        }
    }
}
