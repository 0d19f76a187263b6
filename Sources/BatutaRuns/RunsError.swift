public import BatutaCore
public import BatutaStorage

/// What can go wrong with sessions, runs and their log.
public struct RunsError: Error, Sendable, CustomStringConvertible {
    public var code: Code
    /// What happened and what to do.
    public var message: Words
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

    public init(_ code: Code, _ message: Words, lastEvent: Int64? = nil, cause: StorageError? = nil) {
        self.code = code
        self.message = message
        self.lastEvent = lastEvent
        self.cause = cause
    }

    /// For logs, which are in English.
    public var description: String { "\(code.rawValue): \(message.english)" + (cause.map { " (\($0))" } ?? "") }

    /// The store refused and wrote nothing: the same write may be tried again.
    public var wroteNothing: Bool {
        guard code == .storage, let cause else { return false }
        switch cause.code {
        case .full, .busy, .locked, .overloaded, .unavailable, .readOnly: return true
        default: return false
        }
    }

    /// What the store said.
    public static func storage(_ error: StorageError) -> RunsError {
        RunsError(.storage, error.code.words, cause: error)
    }
}

extension Words {
    /// Something below failed in its own words, which are for operators and in English.
    public static func storeFailed(_ reason: String) -> Words {
        Words("The store failed: \(reason)", "O armazenamento falhou: \(reason)")
    }

    /// A reader's number lies beyond the end of the log.
    public static func logEnds(_ session: SessionID, at last: Int64) -> Words {
        Words(
            "The log of \(session) ends at \(last); read again from there or from 0.",
            "O registro de \(session) termina em \(last); leia de novo a partir daí ou de 0."
        )
    }
}
