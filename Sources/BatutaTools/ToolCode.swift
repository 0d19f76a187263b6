/// The stable words that a failed `ToolResult` carries as `code`.
public enum ToolCode: String, Sendable, CaseIterable {
    /// The agent has no such tool.
    case unknownTool = "unknown_tool"
    /// The arguments are no JSON, do not fit the schema, or break a `check`.
    case invalidArguments = "invalid_arguments"
    /// A write or critical call in a rehearsal.
    case rehearsalRefused = "rehearsal_refused"
    /// No answer in time.
    case timeout
    /// The caller stopped it.
    case cancelled
    /// Nobody knows whether the effect happened.
    case uncertainEffect = "uncertain_effect"
    /// The service failed too often lately; nothing was sent.
    case circuitOpen = "circuit_open"
    /// Nothing was sent: the service could not be reached.
    case unreachable
    /// The connection broke after the request had left.
    case connectionLost = "connection_lost"
    /// 429, also after the retries.
    case rateLimited = "rate_limited"
    /// 5xx, also after the retries.
    case serverError = "server_error"
    /// The service answered 4xx.
    case rejected
    /// The answer is larger than the limit.
    case answerTooLarge = "answer_too_large"
    /// The answer is not what it says it is.
    case badAnswer = "bad_answer"
    /// A value does not fit where the tool puts it (`..` in a path, a line break in a header).
    case badValue = "bad_value"
    /// The address is not one that a model may choose.
    case egressRefused = "egress_refused"
    /// The site's robots.txt says no.
    case robotsRefused = "robots_refused"
    /// The account that the tool needs is not connected.
    case notConnected = "not_connected"
    /// The tool's server describes it otherwise than an admin accepted it.
    case held = "tool_held"
    /// The tool itself is wrong: its schema, a template, a missing secret.
    case misconfigured = "tool_misconfigured"
}
