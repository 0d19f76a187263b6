import BatutaCore

/// Says what a provider's failure means: which code, which words, and what to do. Never shows the key.
struct ChatFailure: Sendable {
    /// Whom the messages blame: the provider's name in the project.
    let provider: String
    /// Where the key comes from, for the hint: `OPENAI_API_KEY`.
    var keyName: String = ""
    /// Masked in whatever the provider wrote; looked for only when something fails.
    var key: String?

    private var secrets: SecretPatterns { SecretPatterns(key.map { [$0] } ?? [], minimumLength: 1) }

    /// An answer with a status that is not 200.
    func error(status: Int, body: some Collection<UInt8>, retryAfter: Duration?) -> ModelError {
        let fault = ChatChunkReader.fault(in: Array(body.prefix(64 << 10)))
        let said = fault.map { Excerpt.text($0.message, hiding: secrets) } ?? Excerpt.text(of: body, hiding: secrets)
        var error = ModelError(code(status: status, fault: fault), "", statusCode: status, retryAfter: retryAfter)
        error.message = message("answered \(status)", said, hint(for: error.code, status: status, fault: fault))
        error.reason = Self.isRefusal(fault) ? .refusal : nil
        return error
    }

    /// An error object inside a stream that began with status 200.
    func error(for fault: ChatFault) -> ModelError {
        let status = Int(fault.code) ?? Self.status(ofWord: fault.code) ?? Self.status(ofWord: fault.type) ?? 500
        let known = (400...599).contains(status) ? status : 500
        let code = code(status: known, fault: fault)
        return ModelError(
            code,
            message(
                "failed in the middle of the answer",
                Excerpt.text(fault.message, hiding: secrets),
                hint(for: code, status: known, fault: fault)
            ),
            statusCode: known,
            reason: Self.isRefusal(fault) ? .refusal : nil
        )
    }

    /// Something that is no chat completion at all: HTML of a proxy, broken JSON.
    func garbage(_ what: String, _ bytes: some Collection<UInt8>) -> ModelError {
        ModelError(.badAnswer, message(what, Excerpt.text(of: bytes, hiding: secrets), "check that base_url is an OpenAI-compatible API"))
    }

    private func message(_ what: String, _ said: String, _ hint: String) -> String {
        let quoted = said.isEmpty ? "" : ": " + said
        return "\(provider) \(what)\(quoted)" + (hint.isEmpty ? "" : " (\(hint))")
    }

    private func code(status: Int, fault: ChatFault?) -> ModelError.Code {
        switch status {
        case 429: Self.isLasting(fault) ? .rejected : .rateLimited
        case 408, 504, 524: .timeout
        case 409, 425, 500...: .unavailable
        default: .rejected
        }
    }

    private func hint(for code: ModelError.Code, status: Int, fault: ChatFault?) -> String {
        switch status {
        case 401, 403: keyName.isEmpty ? "check the provider's api_key" : "check \(keyName)"
        case 402: "add credit to the provider's account"
        case 404: "check the model's name and base_url"
        case 413: "the conversation is too large for this model: lower limits.context_tokens"
        case 429 where code == .rejected: "check plan and billing at the provider"
        case 300..<400: "redirects are not followed: put the final address into base_url"
        case 400, 422:
            Self.isTooLong(fault)
                ? "the conversation is too long for this model: lower limits.context_tokens" : "check the model's settings"
        default: ""
        }
    }

    /// A 429 that no waiting cures.
    private static func isLasting(_ fault: ChatFault?) -> Bool {
        guard let fault else { return false }
        let words: Set<String> = ["insufficient_quota", "billing_hard_limit_reached"]
        return words.contains(fault.code) || words.contains(fault.type)
    }

    /// The provider will not talk about it, whoever asks.
    private static func isRefusal(_ fault: ChatFault?) -> Bool {
        guard let fault else { return false }
        let words: Set<String> = ["content_filter", "content_policy_violation", "invalid_prompt", "moderation_blocked"]
        return words.contains(fault.code) || words.contains(fault.type)
    }

    private static func isTooLong(_ fault: ChatFault?) -> Bool { fault?.code == "context_length_exceeded" }

    /// The words that OpenAI, Groq, OpenRouter and Anthropic use where a number would do.
    private static func status(ofWord word: String) -> Int? {
        switch word {
        case "rate_limit_exceeded", "rate_limit_error", "insufficient_quota", "tokens", "requests": 429
        case "invalid_request_error", "context_length_exceeded", "BadRequestError", "invalid_prompt", "content_filter",
            "content_policy_violation":
            400
        case "authentication_error", "invalid_api_key": 401
        case "permission_error": 403
        case "not_found_error", "model_not_found", "NotFoundError": 404
        case "timeout_error", "timeout": 504
        default: nil
        }
    }
}

/// A short, harmless quotation of foreign bytes for an error message.
enum Excerpt {
    static let length = 200

    /// The beginning of foreign bytes.
    static func text(of bytes: some Collection<UInt8>, hiding secrets: SecretPatterns) -> String {
        text(String(decoding: bytes.prefix(length * 20), as: UTF8.self), hiding: secrets)
    }

    /// Masks before it cuts, so that no part of a secret is left over.
    static func text(_ text: String, hiding secrets: SecretPatterns) -> String {
        var filter = OutputFilter(secrets)
        var shown = filter.push(text)
        if text.utf8.count < length { shown += filter.finish() }
        return cut(shown)
    }

    /// Printable text without line breaks, at most `length` characters.
    static func cut(_ text: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if shown.count >= length {
                shown.append("…")
                break
            }
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            let isSpace = isControl || scalar == " "
            if isSpace, shown.last == " " || shown.isEmpty { continue }
            shown.append(isSpace ? " " : scalar)
        }
        return String(shown)
    }
}
