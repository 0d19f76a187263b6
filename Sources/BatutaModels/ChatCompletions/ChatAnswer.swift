import BatutaCore

/// Builds a model's answer from the chunks of a stream of chat completions, or from a whole one.
struct ChatAnswer: WireAnswer {
    /// Words the error messages.
    let failure: ProviderFailure
    private var draft = AnswerDraft()
    private var calls = ChatCallAssembler()
    private var kept: ChatKeptParts
    private var finishReason: String?
    private var usage: ModelUsage?
    private var hasChoice = false
    private var wasRefused = false
    private(set) var isDone = false

    init(failure: ProviderFailure, keeps kept: ChatKeptParts = ChatKeptParts()) {
        self.failure = failure
        self.kept = kept
    }

    /// Whether the model has said that it ended; what may still come is usage.
    var isComplete: Bool { finishReason != nil || isDone }
    var heard: ModelError.Heard { ModelError.Heard(bytes: draft.size, usage: usage) }

    mutating func take(_ data: UnsafeRawBufferPointer, isWhole: Bool, emit: (ModelDelta) -> Void) throws(ModelError) {
        if data.count == 6, data.elementsEqual("[DONE]".utf8) {
            isDone = true
            return
        }
        let chunk: ChatChunk
        do {
            chunk = try WireDocument.read(data) { view, isRepaired in try ChatChunkReader.chunk(of: view, isRepaired: isRepaired) }
        } catch {
            if isComplete { return }
            throw failure.garbage(
                "sent something that is no \(failure.nouns.answer) (\((error as? JSONError)?.message ?? "\(error)"))",
                data
            )
        }
        try take(chunk, emit: emit)
        if isWhole { isDone = true }
    }

    /// Takes the next chunk and hands out what it adds. Throws `badAnswer` beyond the bounds, and what a provider's error object means.
    private mutating func take(_ chunk: ChatChunk, emit: (ModelDelta) -> Void) throws(ModelError) {
        if let fault = chunk.fault, !isComplete { throw failure.error(for: fault) }
        if let usage = chunk.usage { self.usage = usage }
        guard chunk.hasChoice else { return }
        hasChoice = true
        draft.addReasoning(chunk.reasoning, repaired: chunk.isRepaired, emit)
        draft.addText(chunk.content, repaired: chunk.isRepaired, emit)
        if !chunk.refusal.isEmpty {
            wasRefused = true
            draft.addText(chunk.refusal, repaired: chunk.isRepaired, emit)
        }
        for piece in chunk.calls { draft.count(calls.take(piece, repaired: chunk.isRepaired)) }
        draft.count(kept.take(chunk))
        try draft.check(calls: calls.drafts.count, failure)
        try takeFinish(chunk.finishReason)
    }

    mutating func finish(emit: (ModelDelta) -> Void) throws(ModelError) -> ModelAnswer {
        guard isComplete else { throw failure.cut(after: draft.text) }
        guard hasChoice else {
            throw ModelError(
                .badAnswer,
                "\(failure.provider): the stream ended without any choice in it. Check base_url and the model's name."
            )
        }
        draft.finish(emit)
        let proposed = calls.finish(isCut: isCut)
        return ModelAnswer(
            text: draft.text,
            calls: proposed,
            finishReason: reason(hasCalls: !proposed.isEmpty),
            usage: usage,
            opaque: proposed.isEmpty ? nil : kept.json(of: calls.drafts)
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

    private var isCut: Bool { ["length", "max_tokens", "MAX_TOKENS"].contains(finishReason) }

    /// Providers have more words than we do; an unknown one means that the model simply ended.
    private func reason(hasCalls: Bool) -> FinishReason {
        if isCut { return .length }
        switch finishReason {
        case "content_filter", "SAFETY", "safety": return .contentFilter
        default:
            if hasCalls { return .toolCalls }
            return wasRefused ? .contentFilter : .stop
        }
    }
}
