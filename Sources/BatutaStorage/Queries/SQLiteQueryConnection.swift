import BatutaCore
import CSQLite
import Glibc

/// A connection to a SQLite file of a project. The file must be there: a tool makes no databases.
// SAFETY: used by one thread of its pool at a time.
final class SQLiteQueryConnection: QueryConnection, @unchecked Sendable {
    private let handle: OpaquePointer
    private let limit: SQLiteDeadline
    let stop: @Sendable () -> Void
    var isUsable: Bool { sqlite3_get_autocommit(handle) != 0 }

    /// - Parameter forReading: The file is never written, whatever it allows.
    init(path: String, forReading: Bool = false) throws(QueryFailure) {
        batuta_sqlite_start()
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE
        var code = sqlite3_open_v2(path, &opened, (forReading ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | flags, nil)
        if !forReading, code == SQLITE_CANTOPEN || code == SQLITE_READONLY {
            sqlite3_close_v2(opened)
            code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READONLY | flags, nil)
        }
        guard code == SQLITE_OK, let opened else {
            sqlite3_close_v2(opened)
            // Whoever reads this may be a model: it says nothing of the machine's folders.
            let isThere = access(path, F_OK) == 0
            throw QueryFailure(.unreachable, isThere ? String(cString: sqlite3_errstr(code)) : "its file is not there")
        }
        handle = opened
        let limit = SQLiteDeadline()
        self.limit = limit
        stop = { limit.set(.zero) }
        batuta_sqlite_harden(opened)
        // A statement that reaches for other files, or for what the connection is, is none for a tool.
        for what in [SQLITE_LIMIT_ATTACHED] { sqlite3_limit(opened, what, 0) }
        sqlite3_exec(opened, "PRAGMA foreign_keys = on; PRAGMA temp_store = memory", nil, nil, nil)
        batuta_sqlite_obey(opened, limit.handle)
    }

    deinit { sqlite3_close_v2(handle) }

    func prepare(until deadline: ContinuousClock.Instant) { limit.set(max(deadline - .now, .zero)) }

    /// Reads are refused writing twice over: by the connection and by what the statement says of itself.
    func perform(_ query: Query, until deadline: ContinuousClock.Instant) throws(QueryFailure) -> QueryAnswer {
        try execute("PRAGMA query_only = \(query.isReadOnly ? "on" : "off")")
        try execute(query.isReadOnly ? "BEGIN" : "BEGIN IMMEDIATE")
        do throws(QueryFailure) {
            let answer = try run(query)
            try execute(query.isReadOnly ? "ROLLBACK" : "COMMIT")
            return answer
        } catch {
            // What was interrupted must still be undone.
            limit.set(.seconds(1))
            if !isUsable { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
            throw error
        }
    }

    private func run(_ query: Query) throws(QueryFailure) -> QueryAnswer {
        let statement = try compile(query.statement.text(marking: "?"))
        defer { sqlite3_finalize(statement) }
        try check(statement, query.statement, isReadOnly: query.isReadOnly)
        for (index, value) in query.values.enumerated() { try bind(value, Int32(clamping: index + 1), statement) }
        let before = sqlite3_total_changes64(handle)
        var answer = try rows(of: statement, query.limits)
        let isWrite = sqlite3_total_changes64(handle) != before
        answer.rowsAffected = isWrite ? Int(clamping: sqlite3_changes64(handle)) : 0
        return answer
    }

    /// A file that is no database says so only when something is read.
    func readSchema() throws(QueryFailure) {
        limit.set(.seconds(5))
        try execute("SELECT count(*) FROM sqlite_schema")
    }

    /// What is wrong with a statement, found without running it.
    func finding(on statement: NamedQuery, isReadOnly: Bool) -> StatementExamination.Finding? {
        limit.set(.seconds(5))
        let text = statement.text(marking: "?")
        do throws(QueryFailure) {
            let compiled = try compile(text)
            defer { sqlite3_finalize(compiled) }
            try check(compiled, statement, isReadOnly: isReadOnly)
            return nil
        } catch {
            let offset = Int(sqlite3_error_offset(handle))
            let line = 1 + text.utf8.prefix(max(0, offset)).count { $0 == UInt8(ascii: "\n") }
            return StatementExamination.Finding(words: error.words, line: line)
        }
    }

    private func check(_ compiled: OpaquePointer, _ statement: NamedQuery, isReadOnly: Bool) throws(QueryFailure) {
        guard sqlite3_bind_parameter_count(compiled) == statement.names.count else {
            throw QueryFailure(.statement, "the statement has parameters without a name; write :name")
        }
        guard !isReadOnly || sqlite3_stmt_readonly(compiled) != 0 else {
            throw QueryFailure(.statement, "the statement writes, and the tool's effect is read")
        }
    }

    private func compile(_ text: String) throws(QueryFailure) -> OpaquePointer {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v2(handle, text, -1, &statement, nil)
        guard code == SQLITE_OK, let statement else { throw failure(code) }
        return statement
    }

    /// Booleans are 1 and 0; objects and arrays are JSON text, for `json_each` and the like.
    private func bind(_ value: JSON, _ position: Int32, _ statement: OpaquePointer) throws(QueryFailure) {
        let code: Int32
        switch value {
        case .null: code = sqlite3_bind_null(statement, position)
        case .bool(let flag): code = sqlite3_bind_int64(statement, position, flag ? 1 : 0)
        case .number(let number):
            code =
                number.int64.map { sqlite3_bind_int64(statement, position, $0) } ?? sqlite3_bind_double(statement, position, number.double)
        case .string(let text): code = bind(text, position, statement)
        case .array, .object: code = bind(value.text, position, statement)
        }
        guard code == SQLITE_OK else { throw failure(code) }
    }

    private func bind(_ text: String, _ position: Int32, _ statement: OpaquePointer) -> Int32 {
        var text = text
        return text.withUTF8 { batuta_sqlite_copy_text(statement, position, $0.baseAddress, $0.count) }
    }

    private func rows(of statement: OpaquePointer, _ limits: Query.Limits) throws(QueryFailure) -> QueryAnswer {
        let columns = SQLiteColumns(statement)
        var rows = QueryRows(columns: columns.names, limits: limits)
        var code = sqlite3_step(statement)
        while code == SQLITE_ROW, rows.add(size: columns.size, columns.value) { code = sqlite3_step(statement) }
        // What a write returns has to be read to its end before it counts.
        while code == SQLITE_ROW, sqlite3_stmt_readonly(statement) == 0 { code = sqlite3_step(statement) }
        guard code == SQLITE_DONE || code == SQLITE_ROW else { throw failure(code) }
        var answer = QueryAnswer()
        answer.rows = rows.rows
        answer.isCut = rows.isCut
        answer.hasColumns = !columns.names.isEmpty
        return answer
    }

    private func execute(_ text: String) throws(QueryFailure) {
        let code = sqlite3_exec(handle, text, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    private func failure(_ code: Int32) -> QueryFailure {
        let words = String(cString: sqlite3_errmsg(handle))
        switch code & 0xFF {
        case SQLITE_INTERRUPT: return QueryFailure(.timeout, "the statement took longer than it may")
        case SQLITE_BUSY, SQLITE_LOCKED: return QueryFailure(.conflict, "another connection holds the lock of the file")
        case SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_TOOBIG: return QueryFailure(.value, words)
        case SQLITE_FULL, SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_NOMEM, SQLITE_PROTOCOL: return QueryFailure(.server, words)
        case SQLITE_CANTOPEN: return QueryFailure(.unreachable, words)
        default: return QueryFailure(.statement, words)
        }
    }
}

/// The deadline that a connection obeys.
// SAFETY: the C object is atomic inside, and freed when nobody can reach it any more.
final class SQLiteDeadline: @unchecked Sendable {
    let handle: OpaquePointer?

    init() { handle = batuta_sqlite_deadline_make() }

    deinit { batuta_sqlite_deadline_free(handle) }

    func set(_ time: Duration) { batuta_sqlite_deadline_set(handle, time.inMilliseconds) }
}

/// The columns of a statement, and the values of the row on which it stands.
private struct SQLiteColumns {
    private enum Declared {
        case boolean, json, other
    }

    private let statement: OpaquePointer
    let names: [String]
    private let declared: [Declared]

    init(_ statement: OpaquePointer) {
        self.statement = statement
        let columns = 0..<sqlite3_column_count(statement)
        names = columns.map { column in sqlite3_column_name(statement, column).map { String(cString: $0) } ?? "" }
        declared = columns.map { column in
            switch sqlite3_column_decltype(statement, column).map({ String(cString: $0).lowercased() }) {
            case "boolean", "bool": .boolean
            case "json", "jsonb": .json
            default: .other
            }
        }
    }

    var size: Int { (0..<names.count).reduce(0) { $0 + names[$1].utf8.count + Int(sqlite3_column_bytes(statement, Int32(clamping: $1))) } }

    func value(_ index: Int) -> JSON {
        let column = Int32(clamping: index)
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER:
            let number = sqlite3_column_int64(statement, column)
            return declared[index] == .boolean && (number == 0 || number == 1) ? .bool(number == 1) : .number(JSONNumber(number))
        case SQLITE_FLOAT:
            let number = sqlite3_column_double(statement, column)
            return number.isFinite ? .number(JSONNumber(number)) : .string(number < 0 ? "-Infinity" : "Infinity")
        case SQLITE_TEXT:
            let text = String(decoding: bytes(column), as: UTF8.self)
            if declared[index] == .json, let value = try? JSON.parse(text) { return value }
            return .string(text)
        case SQLITE_BLOB: return .string(Base64.encode(Array(bytes(column))))
        default: return .null
        }
    }

    private func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(statement, column)
        return UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(statement, column)))
    }
}
