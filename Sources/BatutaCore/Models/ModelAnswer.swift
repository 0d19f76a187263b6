/// Why a model stopped.
public enum FinishReason: String, Sendable {
    case stop
    case length
    case contentFilter = "content_filter"
    case toolCalls = "tool_calls"
}

/// A model's whole answer to one request.
public struct ModelAnswer: Sendable {
    public var text: String
    public var calls: [ProposedCall]
    public var finishReason: FinishReason
    /// nil when the provider did not report any: what it took is not known then, which is not the same as nothing.
    public var usage: ModelUsage?
    /// What the provider wants back unread in later requests of the run (reasoning signatures and the like); only of answers with calls.
    public var opaque: JSON?
    /// What a person could say instead; only of a rehearsal that has nothing for the message.
    public var suggestions: [String] = []

    /// A call as the provider told it; the engine gives it an identifier of ours.
    public struct ProposedCall: Sendable, Hashable {
        public var tool: String
        public var arguments: ModelToolCall.Arguments

        public init(tool: String, arguments: ModelToolCall.Arguments) {
            self.tool = tool
            self.arguments = arguments
        }
    }

    public init(
        text: String,
        calls: [ProposedCall] = [],
        finishReason: FinishReason = .stop,
        usage: ModelUsage? = nil,
        opaque: JSON? = nil
    ) {
        self.text = text
        self.calls = calls
        self.finishReason = finishReason
        self.usage = usage
        self.opaque = opaque
    }
}

/// A piece of an answer as it arrives.
public enum ModelDelta: Sendable, Hashable {
    case content(String)
    case reasoning(String)
}
