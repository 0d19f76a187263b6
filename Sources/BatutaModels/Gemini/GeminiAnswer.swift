import BatutaCore

/// Builds a model's answer from the pieces of a stream of generated content, or from a whole one: both are the same documents.
struct GeminiAnswer: WireAnswer {
    private let failure: ProviderFailure
    private var draft = AnswerDraft()
    private var calls: [ModelAnswer.ProposedCall] = []
    private var kept: OpaqueParts
    private var finishReason: String?
    private var blockReason: String?
    private var usage: ModelUsage?
    private var hasBegun = false
    private(set) var isDone = false

    init(model: String, failure: ProviderFailure) {
        self.failure = failure
        kept = OpaqueParts(kind: GeminiWire.kind, model: model)
    }

    /// The stream has no last word of its own; usage comes with the last piece.
    var isComplete: Bool { finishReason != nil || blockReason != nil || isDone }
    var heard: ModelError.Heard { ModelError.Heard(bytes: draft.size, usage: usage) }

    mutating func take(_ data: UnsafeRawBufferPointer, isWhole: Bool, emit: (ModelDelta) -> Void) throws(ModelError) {
        do {
            try WireDocument.read(data) { view, isRepaired in
                // Without `alt=sse` a stream is one list.
                if isWhole, view.isArray {
                    for piece in view.elements { try take(piece, isRepaired, emit) }
                } else {
                    try take(view, isRepaired, emit)
                }
            }
        } catch let error as ModelError {
            throw error
        } catch {
            if isComplete { return }
            throw failure.garbage("sent something that is no \(failure.nouns.answer)", data)
        }
        if isWhole { isDone = true }
    }

    mutating func finish(emit: (ModelDelta) -> Void) throws(ModelError) -> ModelAnswer {
        guard isComplete else { throw failure.cut(after: draft.text) }
        guard hasBegun else {
            throw ModelError(.badAnswer, "\(failure.provider): the answer has no candidate in it. Check base_url and the model's name.")
        }
        draft.finish(emit)
        return ModelAnswer(
            text: draft.text,
            calls: calls,
            finishReason: try reason(),
            usage: usage,
            opaque: calls.isEmpty ? nil : kept.json
        )
    }

    private func reason() throws(ModelError) -> FinishReason {
        if blockReason != nil { return .contentFilter }
        switch finishReason {
        case "MAX_TOKENS": return .length
        case "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT":
            return .contentFilter
        case "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE", "MISSING_THOUGHT_SIGNATURE":
            guard calls.isEmpty else { return .toolCalls }
            throw ModelError(
                .badAnswer,
                "\(failure.provider): the model ended with \(finishReason ?? ""): it wrote a call that nobody can read. Asking again usually helps."
            )
        default: return calls.isEmpty ? .stop : .toolCalls
        }
    }
}

// MARK: - Pieces

extension GeminiAnswer {
    private mutating func take(_ view: JSONView, _ isRepaired: Bool, _ emit: (ModelDelta) -> Void) throws {
        guard view.isObject else { throw JSONError(.unexpectedCharacter, "a JSON object was expected") }
        if !isComplete, let fault = ProviderFault.inStream(view) { throw failure.error(for: fault) }
        takeUsage(view["usageMetadata"])
        if let reason = view["promptFeedback"]["blockReason"].string {
            blockReason = reason
            hasBegun = true
        }
        let candidate = view["candidates"][0]
        guard candidate.isObject else { return }
        hasBegun = true
        for part in candidate["content"]["parts"].elements { take(part: part, isRepaired, emit) }
        finishReason = candidate["finishReason"].string ?? finishReason
        try draft.check(calls: calls.count, failure)
    }

    private mutating func take(part: JSONView, _ isRepaired: Bool, _ emit: (ModelDelta) -> Void) {
        let call = part["functionCall"]
        if call.isObject {
            let arguments = call["args"].json?.joined(isRepaired) ?? [:]
            draft.count(arguments.text.utf8.count)
            keep(part, ["call": .int(calls.count)])
            calls.append(
                .init(tool: call["name"].string ?? "", arguments: arguments.object == nil ? .malformed(arguments.text) : .valid(arguments))
            )
        } else if let text = part["text"].string {
            if part["thought"].bool == true {
                draft.addReasoning(text, repaired: isRepaired, emit)
            } else {
                draft.addText(text, repaired: isRepaired, emit)
                keep(part, ["text": true])
            }
        }
    }

    private mutating func keep(_ part: JSONView, _ place: JSONObject) {
        guard let signature = part["thoughtSignature"].string else { return }
        var entry = place
        entry["thoughtSignature"] = .string(signature)
        draft.count(signature.utf8.count)
        kept.parts.append(.object(entry))
    }

    /// Thoughts are not among the candidates' tokens; what tools of the provider read is not in the prompt's. Each piece tells the sum so far.
    private mutating func takeUsage(_ view: JSONView) {
        guard view.isObject else { return }
        let thoughts = view["thoughtsTokenCount"].tokens
        var usage = ModelUsage(
            inputTokens: view["promptTokenCount"].tokens + view["toolUsePromptTokenCount"].tokens,
            outputTokens: view["candidatesTokenCount"].tokens + thoughts,
            cachedTokens: view["cachedContentTokenCount"].tokens,
            reasoningTokens: thoughts
        )
        for detail in view["promptTokensDetails"].elements {
            let (modality, count) = (detail["modality"], detail["tokenCount"].tokens)
            // Pages of a document are read as pictures.
            if modality.equals("IMAGE") || modality.equals("DOCUMENT") { usage.imageInputTokens += count }
            if modality.equals("AUDIO") { usage.audioInputTokens += count }
            if modality.equals("VIDEO") { usage.videoInputTokens += count }
        }
        for detail in view["candidatesTokensDetails"].elements {
            let (modality, count) = (detail["modality"], detail["tokenCount"].tokens)
            if modality.equals("IMAGE") { usage.imageOutputTokens += count }
            if modality.equals("AUDIO") { usage.audioOutputTokens += count }
        }
        self.usage = usage
    }
}
