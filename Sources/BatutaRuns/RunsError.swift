public import BatutaStorage

/// What can go wrong with sessions, runs and their log.
public struct RunsError: Error, Sendable {
    public var code: Code
    /// What happened and what to do.
    public var message: String
    /// The last number of the log; only with `logRewound`.
    public var lastEvent: Int64?
    public var cause: StorageError?

    /// Raw values are API.
    public enum Code: String, Sendable, CaseIterable {
        case notFound = "not_found"
        /// The reader's number lies beyond the end of the log.
        case logRewound = "log_rewound"
        /// Another node owns the session now; nothing was written.
        case leaseLost = "lease_lost"
        /// The approval was decided otherwise before.
        case alreadyDecided = "already_decided"
        case expired
        case conflict
        case storage = "storage_unavailable"
        case corrupt = "corrupt_log"
    }

    public init(_ code: Code, _ message: String, lastEvent: Int64? = nil, cause: StorageError? = nil) {
        self.code = code
        self.message = message
        self.lastEvent = lastEvent
        self.cause = cause
    }

    /// The store refused and wrote nothing: the same write may be tried again.
    public var wroteNothing: Bool {
        guard code == .storage, let cause else { return false }
        switch cause.code {
        case .full, .busy, .locked, .overloaded, .readOnly: return true
        default: return false
        }
    }

    static func storage(_ error: StorageError) -> RunsError {
        RunsError(.storage, "The store did not take the write: \(error.message)", cause: error)
    }
}
