import BatutaCore

/// Says what a provider's failure means: which code, which words, and what to do. Never shows the key.
struct ProviderFailure: Sendable {
    /// Whom the messages blame: the provider's name in the project.
    let provider: String
    /// Where the key comes from, for the hint: `OPENAI_API_KEY`.
    var keyName: String = ""
    /// Masked in whatever the provider wrote; looked for only when something fails.
    var key: String?
    /// What the provider's answers are, and what its address should be, for the messages.
    var nouns = Nouns()

    struct Nouns: Sendable, Hashable {
        var answer = "chat completion"
        var api = "an OpenAI-compatible API"
    }

    private var secrets: SecretPatterns { SecretPatterns(key.map { [$0] } ?? [], minimumLength: 1) }

    /// An answer with a status that is not 200.
    func error(status: Int, body: some Collection<UInt8>, retryAfter: Duration?) -> ModelError {
        let fault = ProviderFault.find(in: Array(body.prefix(64 << 10)))
        let said = fault.map { Excerpt.text($0.message, hiding: secrets) } ?? Excerpt.text(of: body, hiding: secrets)
        var error = ModelError(code(status: status, fault: fault), "", statusCode: status, retryAfter: retryAfter ?? fault?.retryAfter)
        error.message = message("answered \(status)", said, hint(for: error.code, status: status, fault: fault))
        error.reason = Self.isRefusal(fault) ? .refusal : nil
        return error
    }

    /// An error object inside a stream that began with status 200.
    func error(for fault: ProviderFault) -> ModelError {
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
            retryAfter: fault.retryAfter,
            reason: Self.isRefusal(fault) ? .refusal : nil
        )
    }

    /// Something that is no answer at all: HTML of a proxy, broken JSON.
    func garbage(_ what: String, _ bytes: some Collection<UInt8>) -> ModelError {
        ModelError(.badAnswer, message(what, Excerpt.text(of: bytes, hiding: secrets), "check that base_url is \(nouns.api)"))
    }

    private func message(_ what: String, _ said: String, _ hint: String) -> String {
        let quoted = said.isEmpty ? "" : ": " + said
        return "\(provider) \(what)\(quoted)" + (hint.isEmpty ? "" : " (\(hint))")
    }

    private func code(status: Int, fault: ProviderFault?) -> ModelError.Code {
        switch status {
        case 429: Self.isLasting(fault) ? .rejected : .rateLimited
        case 408, 504, 524: .timeout
        case 409, 425, 500...: .unavailable
        default: .rejected
        }
    }

    private func hint(for code: ModelError.Code, status: Int, fault: ProviderFault?) -> String {
        switch status {
        case 400 where fault?.reason == "API_KEY_INVALID", 401, 403: keyName.isEmpty ? "check the provider's api_key" : "check \(keyName)"
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
    private static func isLasting(_ fault: ProviderFault?) -> Bool {
        guard let fault else { return false }
        let words: Set<String> = ["insufficient_quota", "billing_hard_limit_reached"]
        return words.contains(fault.code) || words.contains(fault.type)
    }

    /// The provider will not talk about it, whoever asks.
    private static func isRefusal(_ fault: ProviderFault?) -> Bool {
        guard let fault else { return false }
        let words: Set<String> = ["content_filter", "content_policy_violation", "invalid_prompt", "moderation_blocked"]
        return words.contains(fault.code) || words.contains(fault.type)
    }

    /// OpenAI has a word for it; Anthropic, Google and most others only say so.
    private static func isTooLong(_ fault: ProviderFault?) -> Bool {
        guard let fault else { return false }
        let message = fault.message.lowercased()
        return fault.code == "context_length_exceeded"
            || ["prompt is too long", "maximum context length", "exceeds the maximum number of tokens", "exceed context limit"].contains(
                where: message.contains
            )
    }

    /// The words that OpenAI, Groq, OpenRouter and Anthropic use where a number would do.
    private static func status(ofWord word: String) -> Int? {
        switch word {
        case "rate_limit_exceeded", "rate_limit_error", "insufficient_quota", "tokens", "requests", "RESOURCE_EXHAUSTED": 429
        case "request_too_large": 413
        case "invalid_request_error", "context_length_exceeded", "BadRequestError", "invalid_prompt", "content_filter",
            "content_policy_violation", "INVALID_ARGUMENT", "FAILED_PRECONDITION":
            400
        case "authentication_error", "invalid_api_key", "UNAUTHENTICATED": 401
        case "billing_error": 402
        case "permission_error", "PERMISSION_DENIED": 403
        case "not_found_error", "model_not_found", "NotFoundError", "NOT_FOUND": 404
        case "timeout_error", "timeout", "DEADLINE_EXCEEDED": 504
        default: nil
        }
    }
}
