/// What went wrong in the store, with a stable code and a sentence that says what to do.
public struct StorageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Stable words; shown to API users and documented.
    public enum Code: String, Sendable, CaseIterable {
        /// Another process holds the write lock of the database. Worth trying again.
        case busy
        /// The store, or a table in it, is taken by somebody else.
        case locked
        /// More writes or reads wait than the store accepts. Worth trying again later.
        case overloaded
        /// The database server cannot be reached. Nothing was written; worth trying again.
        case unavailable
        /// The disk, or the quota, is full.
        case full
        /// The file or its file system cannot be written.
        case readOnly = "read_only"
        /// Reading or writing the file failed.
        case io
        /// The file is no database, or is damaged.
        case corrupt
        /// A uniqueness, reference or check rule of a table refused the row.
        case constraint
        /// The statement itself is wrong: a programmer's error.
        case misuse
        /// The database was closed.
        case closed
        /// What was asked for is not in the store.
        case notFound = "not_found"
        /// The tables do not fit this version of the program.
        case migration
        /// The vault's master key is not base64 of 32 bytes.
        case masterKeyInvalid = "master_key_invalid"
        /// The vault was sealed with another master key than the one that is given, or none is.
        case masterKeyWrong = "master_key_wrong"
        /// The file with the master key can be read by others.
        case masterKeyExposed = "master_key_exposed"
        /// There is something already where a new file was to go.
        case exists
        /// The database holds a store already.
        case notEmpty = "not_empty"
        /// The file is no backup of a store.
        case foreignBackup = "foreign_backup"
        /// The backup was cut short or changed.
        case damagedBackup = "damaged_backup"
        /// The backup was written by a newer version, in a form that this one does not know.
        case newerBackup = "newer_backup"
    }

    public let code: Code
    /// What happened and what to do about it.
    public let message: String
    /// The words of the database or of the operating system.
    public let cause: String?

    public init(_ code: Code, _ message: String, cause: String? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// Whether the same call may succeed a little later without anybody doing anything.
    public var isRetryable: Bool { code == .busy || code == .overloaded || code == .unavailable }

    public var description: String {
        guard let cause else { return "\(code.rawValue): \(message)" }
        return "\(code.rawValue): \(message) (\(cause))"
    }
}
