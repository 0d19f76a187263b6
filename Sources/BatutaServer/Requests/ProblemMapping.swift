import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaMemory
import BatutaQueue
import BatutaRuns
import BatutaStorage

extension Problem {
    /// What a caller is told of an error from below; nil for what is nobody's business.
    static func of(_ error: any Error) -> Problem? {
        if let problem = error as? Problem { return problem }
        if let error = error as? EngineError { return of(error, error.message) }
        if let error = error as? RunsError { return of(error, error.message) }
        if let error = error as? QueueError { return of(error) }
        if let error = error as? MemoryError { return of(error) }
        if let error = error as? StorageError { return of(error) }
        return nil
    }

    private static func of(_ error: EngineError, _ text: Words) -> Problem {
        switch error.code {
        case .unknownTarget: Problem(.badRequest, code: error.code.rawValue, text, field: "target")
        case .notFound: Problem(.notFound, code: error.code.rawValue, text)
        case .unknownMessage, .notEditable, .notForkable, .notComparable: Problem(.badRequest, code: error.code.rawValue, text)
        case .unknownEvent: Problem(.badRequest, code: error.code.rawValue, text, field: "from_event")
        case .invalidChange:
            Problem(
                .badRequest,
                code: error.code.rawValue,
                text,
                field: (["changes"] + (error.fields.first?.path ?? [])).joined(separator: ".")
            )
        case .draining: Problem(.serviceUnavailable, code: error.code.rawValue, text, retryAfter: 1)
        case .overloaded: Problem(.serviceUnavailable, code: error.code.rawValue, text, retryAfter: 1)
        case .invalidArguments: misfit(error, under: ["arguments"])
        case .invalidRequest, .unsupportedMedia: misfit(error, under: [])
        case .refusedByPolicy: Problem(.forbidden, code: error.code.rawValue, text, field: "arguments")
        case .alreadyDecided, .runEnded, .projectUnavailable: Problem(.conflict, code: error.code.rawValue, text)
        case .expired: Problem(.gone, code: error.code.rawValue, text)
        }
    }

    private static func of(_ error: QueueError) -> Problem {
        Problem(error.code == .notFound ? .notFound : .conflict, code: error.code.rawValue, error.message)
    }

    private static func of(_ error: MemoryError) -> Problem {
        switch error.code {
        case .notFound: Problem(.notFound, code: error.code.rawValue, error.message)
        case .invalid: Problem(.badRequest, code: error.code.rawValue, error.message, field: error.field ?? "fact")
        case .full, .nobody, .forgotten, .conflict: Problem(.conflict, code: error.code.rawValue, error.message)
        }
    }

    /// One entry for each field; for what is wrong with all of them, one for the whole.
    private static func misfit(_ error: EngineError, under place: [String]) -> Problem {
        guard !error.fields.isEmpty else { return Problem(.badRequest, code: error.code.rawValue, error.message, field: place.first) }
        let errors = error.fields.map { FieldError(field: (place + $0.path).joined(separator: "."), message: $0.words) }
        return Problem(.badRequest, code: error.code.rawValue, detail: error.message, errors: errors)
    }

    private static func of(_ error: RunsError, _ text: Words) -> Problem {
        switch error.code {
        case .notFound: Problem(.notFound, code: error.code.rawValue, text)
        case .logRewound:
            Problem(.conflict, code: error.code.rawValue, text, extra: ["last_event": .int(error.lastEvent ?? 0)])
        case .conflict, .alreadyDecided: Problem(.conflict, code: error.code.rawValue, text)
        case .expired: Problem(.gone, code: error.code.rawValue, text)
        case .storage: error.cause.map { of($0) } ?? Problem(.serviceUnavailable, code: error.code.rawValue, text, retryAfter: 1)
        case .leaseLost: Problem(.serviceUnavailable, code: error.code.rawValue, text, retryAfter: 1)
        case .corrupt: Problem(.internalServerError, code: error.code.rawValue, text)
        }
    }

    /// Nothing of what was asked for was done. What the database and the system say is for operators, in the log.
    static func of(_ error: StorageError) -> Problem {
        let words = error.code.words
        return switch error.code {
        case .full: Problem(.insufficientStorage, code: "storage_full", words, retryAfter: 5)
        case .readOnly: Problem(.serviceUnavailable, code: "storage_read_only", words, retryAfter: 5)
        default: Problem(.serviceUnavailable, code: "storage_unavailable", words, retryAfter: 1)
        }
    }
}
