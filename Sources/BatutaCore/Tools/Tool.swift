/// Something an agent can call. Implementations make **one attempt**; validation, retries, time-outs and intents are the runtime's.
public protocol Tool: Sendable {
    var definition: ToolDefinition { get }

    /// Makes one attempt. Never throws for what the outside world does: that is a failed `ToolAttempt`. Honours cancellation.
    func attempt(_ call: ToolCall) async -> ToolAttempt
}

/// A tool whose calls change this server's own store and nothing outside: they are made in a rehearsal, too.
public protocol InnerTool: Tool {}

/// One call on its way out: arguments are already validated.
public struct ToolCall: Sendable {
    public var id: CallID
    public var tool: String
    public var arguments: JSON
    /// Stays the same on every attempt and after every crash (API §5, Effects).
    public var idempotencyKey: String
    public var attempt: Int
    public var startedAt: Timestamp
    public var context: ToolContext

    public init(
        id: CallID,
        tool: String,
        arguments: JSON,
        idempotencyKey: String? = nil,
        attempt: Int = 1,
        startedAt: Timestamp,
        context: ToolContext
    ) {
        self.id = id
        self.tool = tool
        self.arguments = arguments
        self.idempotencyKey = idempotencyKey ?? id.rawValue
        self.attempt = attempt
        self.startedAt = startedAt
        self.context = context
    }
}

/// Who calls, and what expressions may see of it.
public struct ToolContext: Sendable {
    public var sessionID: SessionID
    public var runID: RunID
    public var agent: String
    /// `user` and `profile` in expressions; objects, empty when nobody is known.
    public var user: JSON
    public var profile: JSON
    public var isRehearsal: Bool
    /// BCP 47 tag of the reader's language: `pt-BR` or `en`.
    public var language: String
    /// The schedule that began the run; nil for everything that a person or program asked for.
    public var schedule: String?

    public init(
        sessionID: SessionID,
        runID: RunID,
        agent: String,
        user: JSON = [:],
        profile: JSON = [:],
        isRehearsal: Bool = false,
        language: String = "en",
        schedule: String? = nil
    ) {
        self.sessionID = sessionID
        self.runID = runID
        self.agent = agent
        self.user = user
        self.profile = profile
        self.isRehearsal = isRehearsal
        self.language = language
        self.schedule = schedule
    }
}

/// What came of one attempt.
public struct ToolAttempt: Sendable {
    public var result: ToolResult
    public var failure: Failure?
    /// The service's own wish for the pause before the next attempt.
    public var retryAfter: Duration?

    /// Why an attempt failed, as far as it decides about repeating (API §5, Effects).
    public enum Failure: String, Sendable {
        /// Nothing can have happened: refused connection, unknown name.
        case notSent
        /// 429: the service says it did nothing.
        case rateLimited
        /// No answer in time, or the connection broke after the request left.
        case timeout
        /// 5xx.
        case serverError
        /// The service answered that the request is wrong: repeating does not help.
        case rejected
        /// The caller stopped it.
        case cancelled
    }

    public init(_ result: ToolResult, failure: Failure? = nil, retryAfter: Duration? = nil) {
        self.result = result
        self.failure = failure
        self.retryAfter = retryAfter
    }
}
