import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns
import BatutaStorage

extension Problem {
    /// What a caller is told of an error from below; nil for what is nobody's business.
    static func of(_ error: any Error) -> Problem? {
        if let problem = error as? Problem { return problem }
        if let error = error as? EngineError { return of(error) }
        if let error = error as? RunsError { return of(error) }
        if let error = error as? StorageError { return of(error) }
        return nil
    }

    private static func of(_ error: EngineError) -> Problem {
        switch error.code {
        case .unknownTarget: Problem(.badRequest, code: error.code.rawValue, error.message, field: "target")
        case .notFound: Problem(.notFound, code: error.code.rawValue, error.message)
        case .unknownMessage, .notEditable: Problem(.badRequest, code: error.code.rawValue, error.message)
        case .draining: Problem(.serviceUnavailable, code: error.code.rawValue, error.message, retryAfter: 1)
        case .overloaded: Problem(.serviceUnavailable, code: error.code.rawValue, error.message, retryAfter: 1)
        case .invalidArguments: Problem(.badRequest, code: error.code.rawValue, error.message, field: "arguments")
        case .alreadyDecided: Problem(.conflict, code: error.code.rawValue, error.message)
        case .expired: Problem(.gone, code: error.code.rawValue, error.message)
        }
    }

    private static func of(_ error: RunsError) -> Problem {
        switch error.code {
        case .notFound: Problem(.notFound, code: error.code.rawValue, error.message)
        case .logRewound:
            Problem(.conflict, code: error.code.rawValue, error.message, extra: ["last_event": .int(error.lastEvent ?? 0)])
        case .conflict, .alreadyDecided: Problem(.conflict, code: error.code.rawValue, error.message)
        case .expired: Problem(.gone, code: error.code.rawValue, error.message)
        case .leaseLost, .storage: Problem(.serviceUnavailable, code: error.code.rawValue, error.message, retryAfter: 1)
        case .corrupt: Problem(.internalServerError, code: error.code.rawValue, error.message)
        }
    }

    private static func of(_ error: StorageError) -> Problem {
        Problem(.serviceUnavailable, code: "storage_unavailable", "The store does not answer: \(error.message)", retryAfter: 1)
    }
}
