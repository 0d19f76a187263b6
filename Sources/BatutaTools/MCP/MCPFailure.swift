import BatutaCore

/// Why a request to a server of tools has no result, as far as it decides about repeating.
enum MCPFailure: Error, Sendable, Hashable {
    /// The server never got it.
    case notSent(String, ToolCode = .unreachable)
    /// The server ended, or the connection broke, after it had left.
    case lost(String)
    /// The caller stopped it.
    case cancelled(wasSent: Bool)
    /// The server said no: a JSON-RPC error.
    case refused(code: Int64, message: String, data: JSON? = nil)
    /// Something between here and the server said no, by an HTTP status.
    case status(Int, String, retryAfter: Duration? = nil)
    /// The answer is none.
    case badAnswer(String)
    case tooLarge(bytes: Int)

    static let methodNotFound: Int64 = -32_601
    static let invalidParameters: Int64 = -32_602
    static let internalError: Int64 = -32_603
    static let unsupportedVersion: Int64 = -32_022

    /// Words for a server that took longer than it had; its own end of the matter would be `cancelled`.
    static func noAnswer(within limit: Duration) -> String { "it did not answer within \(limit.inWords)" }

    /// For logs, and for whoever asks after the server.
    var words: String {
        switch self {
        case .notSent(let words, _), .lost(let words), .badAnswer(let words): words
        case .cancelled: "it was stopped"
        case .refused(let code, let message, _): "it answered \(quoted(message)) (\(code))"
        case .status(let status, let words, _): "it answered \(status)\(words.isEmpty ? "" : ": \(words)")"
        case .tooLarge(let bytes): "its answer has \(bytes) bytes"
        }
    }
}

extension MCPFailure {
    /// What the runtime decides by.
    ///
    /// - Parameter server: how the model's words call the server.
    func attempt(_ server: String, isRead: Bool) -> ToolAttempt {
        switch self {
        // Somebody has to put it right; another attempt would not.
        case .notSent(let words, .misconfigured): .refused("\(server): \(words)", .misconfigured)
        case .notSent(let words, let code): ToolAttempt(.failure("\(server): \(words)", code: code.rawValue), failure: .notSent)
        case .lost(let words): ToolAttempt(.failure("\(server): \(words)", code: ToolCode.connectionLost.rawValue), failure: .timeout)
        case .cancelled(let wasSent):
            ToolAttempt(
                .failure("the call of \(server) was stopped", code: ToolCode.cancelled.rawValue),
                failure: wasSent ? .cancelled : .notSent
            )
        case .refused(Self.internalError, let message, _):
            ToolAttempt(.failure("\(server) failed: \(message)", code: ToolCode.serverError.rawValue), failure: .serverError)
        case .refused(Self.invalidParameters, let message, _):
            .refused("\(server) refused the arguments: \(message)", .invalidArguments)
        case .refused(_, let message, _): .refused("\(server) refused: \(message)", .rejected)
        case .status(let status, let words, let pause): Self.attempt(server, status, words, pause)
        case .badAnswer(let words): Self.unreadable("\(server): \(words)", .badAnswer, isRead)
        case .tooLarge(let bytes) where isRead:
            .refused("\(server) answered \(bytes >> 10) KiB, which is too much. Ask for less.", .answerTooLarge)
        // What answers at such length has done its work.
        case .tooLarge(let bytes): ToolAttempt(.success(["truncated": true, "size": .int(bytes)]))
        }
    }

    /// Nobody knows whether a write whose answer cannot be read did its work.
    private static func unreadable(_ words: String, _ code: ToolCode, _ isRead: Bool) -> ToolAttempt {
        isRead ? .refused(words, code) : ToolAttempt(.failure(words, code: code.rawValue), failure: .serverError)
    }

    private static func attempt(_ server: String, _ status: Int, _ words: String, _ pause: Duration?) -> ToolAttempt {
        let text = "\(server) answered \(status)\(words.isEmpty ? "" : ": \(words)")"
        let (failure, code): (ToolAttempt.Failure, ToolCode) =
            switch status {
            case 429: (.rateLimited, .rateLimited)
            case 503 where pause != nil: (.rateLimited, .rateLimited)
            case 500...: (.serverError, .serverError)
            default: (.rejected, .rejected)
            }
        return ToolAttempt(.failure(text, code: code.rawValue, statusCode: status), failure: failure, retryAfter: pause)
    }
}
