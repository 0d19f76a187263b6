/// Somebody who answers model requests. One call is **one attempt**: retries, and giving up partial text, are the engine's.
public protocol ModelProvider: Sendable {
    /// Asks once. `onDelta` is called in order, on the caller's executor, before this returns. Honours cancellation at once, and ends by itself
    /// within the request's `timeLimit`, then with `.timeout` and the reason `.outOfTime`.
    func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer
}

/// Why a model gave no answer.
public struct ModelError: Error, Sendable {
    public var code: Code
    /// What happened and what to do; never holds a secret.
    public var message: String
    public var statusCode: Int?
    /// The provider's wish for the pause before the next attempt.
    public var retryAfter: Duration?
    public var reason: Reason?
    /// What had come of an answer that did not come whole; nil when nothing had, not even that it begins.
    public var heard: Heard?

    /// What a code does not tell and whoever goes on must know.
    public enum Reason: Sendable, Hashable {
        /// The provider will not answer what was asked: nobody else is asked in its place.
        case refusal
        /// The model was not asked: it failed too often just now.
        case openCircuit
        /// The time is over that the caller had for it (`ModelRequest.timeLimit`).
        case outOfTime
    }

    /// The part of an answer that came before it was cut.
    public struct Heard: Sendable, Hashable {
        /// Of text, reasoning and arguments.
        public var bytes: Int
        /// What the provider had told of tokens by then.
        public var usage: ModelUsage?

        public init(bytes: Int, usage: ModelUsage? = nil) {
            self.bytes = bytes
            self.usage = usage
        }
    }

    /// Raw values are API (API §5, Ends).
    public enum Code: String, Sendable, CaseIterable {
        case unavailable = "model_unavailable"
        case timeout = "model_timeout"
        case rateLimited = "model_rate_limited"
        case rejected = "model_rejected"
        case badAnswer = "model_bad_answer"
        /// A script of a rehearsal cannot be played on: no model was asked.
        case script = "rehearsal_error"
        /// The caller cancelled; never reaches the log.
        case cancelled
    }

    public init(_ code: Code, _ message: String, statusCode: Int? = nil, retryAfter: Duration? = nil, reason: Reason? = nil) {
        self.code = code
        self.message = message
        self.statusCode = statusCode
        self.retryAfter = retryAfter
        self.reason = reason
    }

    /// Whether asking the same again can help.
    public var isRetryable: Bool {
        switch code {
        case .unavailable, .timeout, .rateLimited, .badAnswer: true
        case .rejected, .script, .cancelled: false
        }
    }
}
