import BatutaCore

extension ServiceAnswer {
    /// The failed attempt that a status outside 200–299 is; nil for success (S2.54: the class of the status decides, never its digits).
    func failure(of host: String, now: Timestamp) -> ToolAttempt? {
        let (failure, code): (ToolAttempt.Failure, ToolCode)
        switch status {
        case 200...299: return nil
        case 429: (failure, code) = (.rateLimited, .rateLimited)
        case 500...: (failure, code) = (.serverError, .serverError)
        default: (failure, code) = (.rejected, .rejected)
        }
        let words = complaint
        let text = "\(host) answered \(status)\(words.isEmpty ? redirection : ": \(words)")"
        return ToolAttempt(.failure(text, code: code.rawValue, statusCode: status), failure: failure, retryAfter: pause(now: now))
    }

    private var redirection: String {
        guard (300...399).contains(status), let location else { return "" }
        return ", a redirection to \(quoted(location)) that is not followed"
    }
}

extension ToolAttempt {
    /// Nothing was done and repeating the same does not help.
    static func refused(_ words: String, _ code: ToolCode, statusCode: Int? = nil) -> ToolAttempt {
        ToolAttempt(.failure(words, code: code.rawValue, statusCode: statusCode), failure: .rejected)
    }
}
