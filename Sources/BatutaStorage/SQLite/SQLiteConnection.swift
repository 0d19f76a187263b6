import CSQLite
import Glibc

/// One connection with its compiled statements. Confined to one thread at a time; its callers see to that.
// SAFETY: handed over between threads only before first use (opened in `SQLiteDatabase.init`, then used by its thread alone).
final class SQLiteConnection: @unchecked Sendable {
    /// Texts that were not made with `PreparedSQL` and are kept compiled.
    private static let keptTexts = 256

    let handle: OpaquePointer
    private var numbered: [SQLiteStatement?] = []
    private var texts: [String: SQLiteStatement] = [:]

    /// Opens the file. Its owner makes it (0600) when it is missing; a visitor must not, since it may be on its way there.
    init(path: String, isReader: Bool, configuration: SQLiteConfiguration) throws(StorageError) {
        batuta_sqlite_start()
        if !isReader, configuration.mode == .owner { try Self.create(path) }
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened else {
            let error = StorageError.sqlite(code, opened, doing: "cannot open the store \(path)")
            sqlite3_close_v2(opened)
            throw error
        }
        handle = opened
        batuta_sqlite_harden(opened)
        sqlite3_extended_result_codes(opened, 0)
        sqlite3_busy_timeout(opened, Int32(clamping: configuration.busyTimeout.inWholeMilliseconds))
        for pragma in configuration.pragmas(isReader: isReader) { try run(SQL(text: pragma, binds: [])) }
    }

    deinit {
        numbered = []
        texts = [:]
        sqlite3_close_v2(handle)
    }

    /// Makes the file when it is missing. A file that is there is never opened here: closing it again would drop every POSIX lock that
    /// SQLite holds on it in this process, and another process would then take the log away beneath us (sqlite.org/howtocorrupt.html §2.2).
    private static func create(_ path: String) throws(StorageError) {
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if file >= 0 {
            Glibc.close(file)
        } else if errno != EEXIST || access(path, R_OK | W_OK) != 0 {
            let code: StorageError.Code = errno == EROFS || errno == EACCES ? .readOnly : .io
            throw StorageError(
                code,
                "cannot open the store \(path): check that its folder exists and can be written",
                cause: String(cString: strerror(errno))
            )
        }
    }

    /// Runs one statement to its end.
    @discardableResult
    func run(_ sql: SQL, earlier: [StatementResult] = []) throws(StorageError) -> StatementResult {
        let statement = try borrow(sql)
        defer { giveBack(statement) }
        var rows: [Row] = []
        let before = sqlite3_total_changes64(handle)
        let code = statement.withBound(sql.binds, earlier: earlier) {
            var code = sqlite3_step(statement.handle)
            while code == SQLITE_ROW {
                rows.append(statement.copyRow())
                code = sqlite3_step(statement.handle)
            }
            return code
        }
        guard code == SQLITE_DONE else { throw failure(code, sql) }
        let changed = sqlite3_total_changes64(handle) == before ? 0 : Int(sqlite3_changes64(handle))
        return StatementResult(rowsAffected: changed, returned: rows)
    }

    /// Calls `body` for each row until it returns false.
    func scan(_ sql: SQL, _ body: (Row) throws -> Bool) throws {
        let statement = try borrow(sql)
        defer { giveBack(statement) }
        let row = Row(cursor: statement)
        var thrown: (any Error)?
        let code = statement.withBound(sql.binds, earlier: []) {
            var code = sqlite3_step(statement.handle)
            do {
                while code == SQLITE_ROW, try body(row) { code = sqlite3_step(statement.handle) }
            } catch {
                thrown = error
            }
            return code
        }
        if let thrown { throw thrown }
        guard code == SQLITE_DONE || code == SQLITE_ROW else { throw failure(code, sql) }
    }

    /// Whether a transaction is open.
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Rows changed since the connection was opened.
    var totalChanges: Int64 { sqlite3_total_changes64(handle) }
}

extension SQLiteConnection {
    private func borrow(_ sql: SQL) throws(StorageError) -> SQLiteStatement {
        let statement = try find(sql)
        guard statement.parameterCount == sql.binds.count else {
            throw StorageError(
                .misuse,
                "the statement has \(statement.parameterCount) question marks and \(sql.binds.count) values: \(sql.text)"
            )
        }
        statement.isInUse = true
        return statement
    }

    private func giveBack(_ statement: SQLiteStatement) {
        sqlite3_reset(statement.handle)
        statement.isInUse = false
    }

    private func find(_ sql: SQL) throws(StorageError) -> SQLiteStatement {
        guard sql.identity >= 0 else { return try findText(sql.text) }
        if sql.identity < numbered.count, let known = numbered[sql.identity], !known.isInUse { return known }
        let statement = try compile(sql.text)
        while numbered.count <= sql.identity { numbered.append(nil) }
        if numbered[sql.identity] == nil { numbered[sql.identity] = statement }
        return statement
    }

    private func findText(_ text: String) throws(StorageError) -> SQLiteStatement {
        if let known = texts[text], !known.isInUse { return known }
        let statement = try compile(text)
        if texts.count >= Self.keptTexts { texts.removeAll() }
        if texts[text] == nil { texts[text] = statement }
        return statement
    }

    private func compile(_ text: String) throws(StorageError) -> SQLiteStatement {
        var text = Dialect.sqliteText(text)
        var statement: OpaquePointer?
        var rest = 0
        let code = text.withUTF8 { bytes -> Int32 in
            guard let length = Int32(exactly: bytes.count) else { return SQLITE_TOOBIG }
            return bytes.withMemoryRebound(to: CChar.self) { characters in
                var tail: UnsafePointer<CChar>?
                let code = sqlite3_prepare_v3(handle, characters.baseAddress, length, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, &tail)
                if let base = characters.baseAddress, let tail { rest = characters.count - (tail - base) }
                return code
            }
        }
        guard code == SQLITE_OK, let statement else { throw failure(code, SQL(text: text, binds: [])) }
        guard rest == 0 || text.utf8.suffix(rest).allSatisfy({ $0 <= 32 || $0 == UInt8(ascii: ";") }) else {
            sqlite3_finalize(statement)
            throw StorageError(.misuse, "one statement at a time: \(text)")
        }
        return SQLiteStatement(handle: statement)
    }

    private func failure(_ code: Int32, _ sql: SQL) -> StorageError {
        switch code {
        case SQLiteStatement.unresolved:
            StorageError(
                .misuse,
                "a value refers to a statement of the batch that returned no row; guard that one with 'expecting: 1': \(sql.text)"
            )
        case SQLITE_OK: StorageError(.misuse, "the statement is empty")
        default: .sqlite(code, handle, doing: "cannot run '\(sql.text)'")
        }
    }
}
