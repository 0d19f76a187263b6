import CPostgres

/// What the server answered to one statement.
// SAFETY: used only on the thread of its connection. A `Row` that outlives its read keeps this object alive and finds it empty.
final class PostgresResult: RowCursor, @unchecked Sendable {
    private var result: OpaquePointer?
    let count: Int32
    private let columns: Int32
    /// The row that the columns are read from.
    var place: Int32 = 0

    init(_ result: OpaquePointer) {
        self.result = result
        count = PQntuples(result)
        columns = PQnfields(result)
    }

    deinit { clear() }

    /// From now on there is no row any more.
    func clear() {
        if let result { PQclear(result) }
        result = nil
    }

    /// Such as `INSERT 0 1`.
    var tag: String { PQcmdStatus(result).map { String(cString: $0) } ?? "" }

    /// Rows that the statement changed, and those that it returned, as values of their own.
    var summary: StatementResult {
        let isQuery = tag.hasPrefix("SELECT")
        let changed = isQuery ? 0 : PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
        let rows = (0..<count).map { row in Row(values: (0..<columns).map { column(row, $0)?.value ?? .null }) }
        return StatementResult(rowsAffected: changed, returned: rows)
    }

    private func column(_ row: Int32, _ column: Int32) -> PostgresColumn? {
        guard let result, row < count, column >= 0, column < columns, PQgetisnull(result, row, column) == 0 else { return nil }
        let bytes = UnsafeRawBufferPointer(start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
        return PostgresColumn(type: PQftype(result, column), bytes: bytes)
    }

    private func current(_ column: Int) -> PostgresColumn? { self.column(place, Int32(clamping: column)) }
}

extension PostgresResult {
    func int(_ column: Int) -> Int64 { current(column)?.value.int ?? 0 }
    func double(_ column: Int) -> Double { current(column)?.value.double ?? 0 }
    func text(_ column: Int) -> String { current(column)?.value.text ?? "" }
    func bytes(_ column: Int) -> [UInt8] { withBytes(column) { [UInt8]($0) } }
    func isNull(_ column: Int) -> Bool { current(column) == nil }
    func value(_ column: Int) -> RowValue { current(column)?.value ?? .null }

    func withBytes<T>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
        guard let found = current(column) else { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        if found.isPlain { return try body(found.bytes) }
        return try found.value.bytes.withUnsafeBytes(body)
    }
}
