/// What the fold must know of a model's answer, or of an attempt that was given up.
public struct ModelAnswerNote: Sendable, Hashable {
    public var accepted: Bool
    /// How many calls the model asked for.
    public var calls: Int
    public var finishReason: FinishReason?
    /// For an attempt that was given up: the code, and when the next one starts, in milliseconds after this event.
    public var code: String?
    public var retryInMilliseconds: Int64?
    /// The name of the model that is asked instead, for the rest of the run.
    public var fallback: String?
    /// What a person could say instead; only of a rehearsal that has nothing for the message.
    public var suggestions: [String]
    /// Of a final answer that has to fit a schema: whether it does. nil where nothing is asked of it.
    public var output: OutputCheck?

    public init(
        accepted: Bool,
        calls: Int = 0,
        finishReason: FinishReason? = nil,
        code: String? = nil,
        retryInMilliseconds: Int64? = nil,
        fallback: String? = nil,
        suggestions: [String] = [],
        output: OutputCheck? = nil
    ) {
        self.output = output
        self.suggestions = suggestions
        self.accepted = accepted
        self.calls = calls
        self.finishReason = finishReason
        self.code = code
        self.retryInMilliseconds = retryInMilliseconds
        self.fallback = fallback
    }

    func write(into writer: inout JSONWriter) {
        writer.member("accepted", accepted)
        writer.member("calls", calls)
        if let finishReason { writer.member("finish_reason", finishReason.rawValue) }
        if let code { writer.member("code", code) }
        if let retryInMilliseconds { writer.member("retry_in_ms", retryInMilliseconds) }
        if let fallback { writer.member("fallback", fallback) }
        if !suggestions.isEmpty { writer.member("suggestions", .array(suggestions.map(JSON.string))) }
        if let output { writer.member("output", output.json) }
    }

    init(_ json: JSON) {
        self.init(
            accepted: json["accepted"]?.bool ?? false,
            calls: json["calls"]?.int.map { Int($0) } ?? 0,
            finishReason: json["finish_reason"]?.string.flatMap(FinishReason.init),
            code: json["code"]?.string,
            retryInMilliseconds: json["retry_in_ms"]?.int,
            fallback: json["fallback"]?.string,
            suggestions: json["suggestions"]?.array?.compactMap(\.string) ?? [],
            output: json["output"].flatMap(OutputCheck.init)
        )
    }
}
