/// Ends a run that did what it could, or was stopped.
public struct CompleteEvent: Sendable, Hashable {
    public enum Status: String, Sendable { case completed, cancelled }

    public var status: Status
    public var output: String
    public var usage: ModelUsage
    public var costNanoUSD: Int64?
    /// Part of the cost is supposed: somebody did not tell what a call took.
    public var isEstimated = false
    public var duration: Duration
    public var finishReason: FinishReason
    /// What a person could say instead; only of a rehearsal that has nothing for the message.
    public var suggestions: [String]

    public init(
        status: Status,
        output: String,
        usage: ModelUsage = ModelUsage(),
        costNanoUSD: Int64? = nil,
        duration: Duration = .zero,
        finishReason: FinishReason = .stop,
        suggestions: [String] = []
    ) {
        self.suggestions = suggestions
        self.status = status
        self.output = output
        self.usage = usage
        self.costNanoUSD = costNanoUSD
        self.duration = duration
        self.finishReason = finishReason
    }

    func write(into writer: inout JSONWriter) {
        writer.member("status", status.rawValue)
        writer.member("output", output)
        writer.key("usage")
        writer.beginObject()
        usage.writeMembers(into: &writer)
        writer.endObject()
        writer.member("cost_usd", costNanoUSD.map { .number(NanoUSD.number($0)) } ?? .null)
        if isEstimated { writer.member("estimated", true) }
        writer.member("duration_ms", duration.inMilliseconds)
        writer.member("finish_reason", finishReason.rawValue)
        if !suggestions.isEmpty { writer.member("suggestions", .array(suggestions.map(JSON.string))) }
    }

    init?(_ json: JSON) {
        guard let status = json["status"]?.string.flatMap(Status.init) else { return nil }
        self.init(
            status: status,
            output: json["output"]?.string ?? "",
            usage: ModelUsage(json["usage"] ?? .null),
            costNanoUSD: json["cost_usd"].flatMap(NanoUSD.read),
            duration: .milliseconds(json["duration_ms"]?.int ?? 0),
            finishReason: json["finish_reason"]?.string.flatMap(FinishReason.init) ?? .stop,
            suggestions: json["suggestions"]?.array?.compactMap(\.string) ?? []
        )
        isEstimated = json["estimated"]?.bool ?? false
    }
}

/// Something failed; when it is not recoverable, the run ends with it.
public struct ErrorEvent: Sendable, Hashable {
    public var code: String
    public var message: String
    public var recoverable: Bool
    /// Figures and names that go with the code, for programs and for texts in the reader's language: `budget_exceeded` tells `{budget,
    /// spent_usd, reserved_usd, limit_usd, needed_usd, renews_at}`.
    public var details: JSON?

    public init(code: String, message: String, recoverable: Bool, details: JSON? = nil) {
        self.details = details
        self.code = code
        self.message = message
        self.recoverable = recoverable
    }

    func write(into writer: inout JSONWriter) {
        writer.member("code", code)
        writer.member("message", message)
        writer.member("recoverable", recoverable)
        if let details { writer.member("details", details) }
    }

    init?(_ json: JSON) {
        guard let code = json["code"]?.string, let message = json["message"]?.string else { return nil }
        self.init(code: code, message: message, recoverable: json["recoverable"]?.bool ?? false, details: json["details"])
    }
}

/// Why the engine itself ends a run (API §5, Ends). Raw values are API.
public enum RunErrorCode: String, Sendable, CaseIterable {
    case limitModelCalls = "limit_model_calls"
    case limitToolCalls = "limit_tool_calls"
    case limitWorkTime = "limit_work_time"
    case loopDetected = "loop_detected"
    case budgetExceeded = "budget_exceeded"
    case refusedByPolicy = "refused_by_policy"
    case invalidOutput = "invalid_output"
    /// A value of a prompt variable that does not fit: passed over (recoverable), or the instructions have none that does.
    case invalidVariables = "invalid_variables"
    /// An expression of a graph has no value.
    case graphError = "graph_error"
    /// A node of a graph failed and gave no code of its own.
    case nodeFailed = "node_failed"
    case `internal`
}
