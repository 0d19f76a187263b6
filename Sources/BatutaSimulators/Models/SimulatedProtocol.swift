import BatutaCore

/// The protocols that the simulator speaks, told apart by the address that is asked.
public enum SimulatedProtocol: String, Sendable, CaseIterable {
    case chat
    case responses
    case messages
    case gemini

    init(path: String) {
        let path = path.prefix { $0 != "?" }
        if path.hasSuffix("/messages") {
            self = .messages
        } else if path.hasSuffix("/responses") {
            self = .responses
        } else if path.hasSuffix("enerateContent") {
            self = .gemini
        } else {
            self = .chat
        }
    }

    func bytes(of answer: SimulatedAnswer, model: String) -> any AnswerBytes {
        switch self {
        case .chat: ChatBytes(model: model, answer: answer)
        case .responses: ResponsesBytes(model: model, answer: answer)
        case .messages: MessagesBytes(model: model, answer: answer)
        case .gemini: GeminiBytes(model: model, answer: answer)
        }
    }

    /// An error as the protocol writes it.
    func error(_ status: Int, _ message: String, code: String?) -> JSON {
        switch self {
        case .chat, .responses:
            let fields: JSON = ["message": .string(message), "type": "simulated", "param": nil, "code": code.map(JSON.string) ?? .null]
            return ["error": fields]
        case .messages:
            return [
                "type": "error", "error": ["type": .string(Self.messagesWord(status)), "message": .string(message)],
                "request_id": "req_simulated",
            ]
        case .gemini:
            let fields: JSON = ["code": .int(status), "message": .string(message), "status": .string(Self.geminiWord(status))]
            return ["error": fields]
        }
    }

    private static func messagesWord(_ status: Int) -> String {
        switch status {
        case 400: "invalid_request_error"
        case 401: "authentication_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 413: "request_too_large"
        case 429: "rate_limit_error"
        case 529: "overloaded_error"
        default: "api_error"
        }
    }

    private static func geminiWord(_ status: Int) -> String {
        switch status {
        case 400: "INVALID_ARGUMENT"
        case 401: "UNAUTHENTICATED"
        case 403: "PERMISSION_DENIED"
        case 404: "NOT_FOUND"
        case 429: "RESOURCE_EXHAUSTED"
        case 504: "DEADLINE_EXCEEDED"
        case 503: "UNAVAILABLE"
        default: "INTERNAL"
        }
    }
}
