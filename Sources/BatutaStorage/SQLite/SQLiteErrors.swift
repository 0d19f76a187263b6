import CSQLite

extension StorageError {
    /// What an SQLite result code means to us and to the person who has to act.
    static func sqlite(_ code: Int32, _ connection: OpaquePointer?, doing what: String) -> StorageError {
        let extended = connection.map { sqlite3_extended_errcode($0) } ?? code
        let words = connection.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
        let primary = code & 0xFF
        return StorageError(Code(sqlite: primary), "\(what): \(advice(primary))", cause: "\(words), SQLite code \(extended)")
    }

    private static func advice(_ code: Int32) -> String {
        switch Code(sqlite: code) {
        case .busy: "another process is writing to the store; try again"
        case .locked: "a table is in use by another statement of this connection"
        case .full: "the disk is full; free some space, writing goes on by itself then"
        case .readOnly: "the store cannot be written; check its owner, permissions and mount options"
        case .io: "the disk failed or the file went away; check the disk and the system log"
        case .corrupt: "the file is damaged or is no store; restore a backup"
        case .constraint: "a rule of the table refused the row"
        case .overloaded: "out of memory"
        case .misuse, .closed, .notFound, .unavailable, .migration, .masterKeyInvalid, .masterKeyWrong, .masterKeyExposed,
            .exists, .notEmpty, .foreignBackup, .damagedBackup, .newerBackup:
            "the statement is wrong"
        }
    }
}

extension StorageError.Code {
    init(sqlite code: Int32) {
        switch code & 0xFF {
        case SQLITE_BUSY: self = .busy
        case SQLITE_LOCKED: self = .locked
        case SQLITE_FULL: self = .full
        case SQLITE_READONLY, SQLITE_PERM: self = .readOnly
        case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_PROTOCOL, SQLITE_INTERRUPT: self = .io
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT: self = .corrupt
        case SQLITE_CONSTRAINT: self = .constraint
        case SQLITE_NOMEM: self = .overloaded
        default: self = .misuse
        }
    }

    /// Whether an error of one statement says nothing about its neighbours in the same transaction.
    var concernsOneStatement: Bool {
        switch self {
        case .constraint, .misuse, .locked: true
        case .busy, .overloaded, .unavailable, .full, .readOnly, .io, .corrupt, .closed, .notFound, .migration, .masterKeyInvalid,
            .masterKeyWrong, .masterKeyExposed, .exists, .notEmpty, .foreignBackup, .damagedBackup, .newerBackup:
            false
        }
    }
}
