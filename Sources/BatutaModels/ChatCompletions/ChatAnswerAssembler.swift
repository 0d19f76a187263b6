import BatutaCore

/// Builds a model's answer from the chunks of a stream; a value without clock or connection.
///
/// The deltas that it hands out, put together, are exactly the answer's text.
struct ChatAnswerAssembler: Sendable {
    /// Words the error messages.
    let failure: ChatFailure
    let bounds: AnswerBounds
    private var text = ""
    private var size = 0
    private var content = TextJoiner()
    private var reasoning = TextJoiner()
    private var calls = ChatCallAssembler()
    private var finishReason: String?
    private var usage: ModelUsage?
    private var hasChoice = false
    private var wasRefused = false
    private(set) var isDone = false

    /// How much a provider may send for one answer.
    struct AnswerBounds: Sendable {
        /// Text, reasoning and arguments together: far above what any model writes, far below what hurts.
        var bytes = 8 << 20
        var calls = 256
    }

    init(failure: ChatFailure, bounds: AnswerBounds = AnswerBounds()) {
        self.failure = failure
        self.bounds = bounds
    }

    /// Whether the model has said that it ended; what may still come is usage.
    var isComplete: Bool { finishReason != nil || isDone }

    /// `[DONE]` arrived.
    mutating func takeDone() { isDone = true }

    /// Takes the next chunk and hands out what it adds. Throws `badAnswer` beyond the bounds, and what a provider's error object means.
    mutating func take(_ chunk: ChatChunk, emit: (ModelDelta) -> Void) throws(ModelError) {
        if let fault = chunk.fault, !isComplete { throw failure.error(for: fault) }
        if let usage = chunk.usage { self.usage = usage }
        guard chunk.hasChoice else { return }
        hasChoice = true
        addReasoning(reasoning.push(chunk.reasoning, repaired: chunk.isRepaired), emit)
        addText(content.push(chunk.content, repaired: chunk.isRepaired), emit)
        if !chunk.refusal.isEmpty {
            wasRefused = true
            addText(chunk.refusal, emit)
        }
        for piece in chunk.calls { size += calls.take(piece, repaired: chunk.isRepaired) }
        try checkBounds()
        try takeFinish(chunk.finishReason)
    }

    /// The whole answer once the stream ended. Throws `unavailable` when it was cut and `badAnswer` when it held nothing.
    mutating func finish(emit: (ModelDelta) -> Void) throws(ModelError) -> ModelAnswer {
        guard isComplete else {
            throw ModelError(
                .unavailable,
                "\(failure.provider): the stream was cut before the answer ended (\(text.utf8.count) bytes of text had arrived). Asking again usually helps."
            )
        }
        guard hasChoice else {
            throw ModelError(
                .badAnswer,
                "\(failure.provider): the stream ended without any choice in it. Check base_url and the model's name."
            )
        }
        addReasoning(reasoning.finish(), emit)
        addText(content.finish(), emit)
        let proposed = calls.finish()
        return ModelAnswer(text: text, calls: proposed, finishReason: reason(hasCalls: !proposed.isEmpty), usage: usage ?? estimatedUsage)
    }

    private mutating func addText(_ piece: String, _ emit: (ModelDelta) -> Void) {
        guard !piece.isEmpty else { return }
        text += piece
        size += piece.utf8.count
        emit(.content(piece))
    }

    private mutating func addReasoning(_ piece: String, _ emit: (ModelDelta) -> Void) {
        guard !piece.isEmpty else { return }
        size += piece.utf8.count
        emit(.reasoning(piece))
    }

    private func checkBounds() throws(ModelError) {
        guard size > bounds.bytes || calls.drafts.count > bounds.calls else { return }
        throw ModelError(
            .badAnswer,
            "\(failure.provider): the answer is larger than \(bounds.bytes) bytes or has more than \(bounds.calls) tool calls. Lower max_output_tokens."
        )
    }

    private mutating func takeFinish(_ reason: String?) throws(ModelError) {
        guard let reason, !reason.isEmpty else { return }
        if reason == "error" {
            throw ModelError(
                .unavailable,
                "\(failure.provider): the provider ended the answer with finish_reason \"error\". Asking again usually helps."
            )
        }
        finishReason = reason
    }

    /// Providers have more words than we do; an unknown one means that the model simply ended.
    private func reason(hasCalls: Bool) -> FinishReason {
        switch finishReason {
        case "length", "max_tokens", "MAX_TOKENS": return .length
        case "content_filter", "SAFETY", "safety": return .contentFilter
        default:
            if hasCalls { return .toolCalls }
            return wasRefused ? .contentFilter : .stop
        }
    }

    /// For servers that report no usage: about four bytes to a token, so that budgets do not see a free answer.
    private var estimatedUsage: ModelUsage { ModelUsage(outputTokens: (size + 3) / 4) }
}
