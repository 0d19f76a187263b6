import BatutaCore

/// Builds a model's answer from the events of a stream of Anthropic's Messages, or from a whole message.
struct MessagesAnswer: WireAnswer {
    private let failure: ProviderFailure
    private var draft = AnswerDraft()
    private var blocks: [Block] = []
    private var kept: OpaqueParts
    private var stopReason: String?
    private var usage: ModelUsage?
    private var hasBegun = false
    private(set) var isDone = false

    /// A block that is coming in, or has come.
    private struct Block {
        var index: Int
        var kind: Kind
        var name = ""
        /// Arguments, or thoughts.
        var text = ""
        var signature = ""
        var joiner = TextJoiner()

        enum Kind {
            case text, call, thinking
            /// One that came whole, or that nobody asked for.
            case other
        }
    }

    init(model: String, failure: ProviderFailure) {
        self.failure = failure
        kept = OpaqueParts(kind: MessagesWire.kind, model: model)
    }

    var isComplete: Bool { stopReason != nil || isDone }
    var heard: ModelError.Heard { ModelError.Heard(bytes: draft.size, usage: usage) }

    mutating func take(_ data: UnsafeRawBufferPointer, isWhole: Bool, emit: (ModelDelta) -> Void) throws(ModelError) {
        do {
            try WireDocument.read(data) { view, isRepaired in
                if isWhole { try takeWhole(view, isRepaired, emit) } else { try takeEvent(view, isRepaired, emit) }
            }
        } catch let error as ModelError {
            throw error
        } catch {
            if isComplete { return }
            throw failure.garbage("sent something that is no \(failure.nouns.answer)", data)
        }
    }

    mutating func finish(emit: (ModelDelta) -> Void) throws(ModelError) -> ModelAnswer {
        guard isComplete else { throw failure.cut(after: draft.text) }
        guard hasBegun else {
            throw ModelError(
                .badAnswer,
                "\(failure.provider): the stream ended without a message in it. Check base_url and the model's name."
            )
        }
        draft.finish(emit)
        let calls = proposed
        return ModelAnswer(
            text: draft.text,
            calls: calls,
            finishReason: reason(hasCalls: !calls.isEmpty),
            usage: usage,
            opaque: calls.isEmpty ? nil : kept.json
        )
    }

    /// A call without any piece of its arguments needs none, unless the limit was reached there: Anthropic closes the block all the same.
    private var proposed: [ModelAnswer.ProposedCall] {
        blocks.enumerated().compactMap { place, block in
            guard block.kind == .call else { return nil }
            var joiner = block.joiner
            let arguments = ModelToolCall.Arguments.read(block.text + joiner.finish(), isCut: isCut && place == blocks.count - 1)
            return ModelAnswer.ProposedCall(tool: block.name, arguments: arguments)
        }
    }

    private var isCut: Bool { ["max_tokens", "model_context_window_exceeded"].contains(stopReason) }

    private func reason(hasCalls: Bool) -> FinishReason {
        if isCut { return .length }
        return switch stopReason {
        case "refusal": .contentFilter
        default: hasCalls ? .toolCalls : .stop
        }
    }
}

// MARK: - Events

extension MessagesAnswer {
    private mutating func takeEvent(_ view: JSONView, _ isRepaired: Bool, _ emit: (ModelDelta) -> Void) throws {
        guard view.isObject else { throw JSONError(.unexpectedCharacter, "a JSON object was expected") }
        let type = view["type"]
        if type.equals("content_block_delta") {
            try takeDelta(view["delta"], of: Self.index(view), isRepaired, emit)
        } else if type.equals("content_block_start") {
            try begin(view["content_block"], at: Self.index(view), isRepaired, emit)
        } else if type.equals("content_block_stop") {
            end(Self.index(view))
        } else if type.equals("message_start") {
            hasBegun = true
            takeUsage(view["message"]["usage"])
        } else if type.equals("message_delta") {
            stopReason = view["delta"]["stop_reason"].string ?? stopReason
            takeUsage(view["usage"])
        } else if type.equals("message_stop") {
            isDone = true
        } else if !isComplete, let fault = ProviderFault.inStream(view) {
            throw failure.error(for: fault)
        } else if !type.isString, !isComplete {
            throw JSONError(.unexpectedCharacter, "an event has a type")
        }
    }

    private mutating func takeWhole(_ view: JSONView, _ isRepaired: Bool, _ emit: (ModelDelta) -> Void) throws {
        guard view.isObject, view["content"].isArray else { throw JSONError(.unexpectedCharacter, "a message was expected") }
        hasBegun = true
        for (index, block) in view["content"].elements.enumerated() {
            try begin(block, at: index, isRepaired, emit)
            end(index)
        }
        stopReason = view["stop_reason"].string
        takeUsage(view["usage"])
        isDone = true
    }

    private static func index(_ view: JSONView) -> Int { Int(clamping: view["index"].int ?? 0) }

    private mutating func begin(_ block: JSONView, at index: Int, _ isRepaired: Bool, _ emit: (ModelDelta) -> Void) throws {
        let type = block["type"]
        if type.equals("text") {
            blocks.append(Block(index: index, kind: .text))
            draft.addText(block["text"].string ?? "", repaired: isRepaired, emit)
        } else if type.equals("tool_use") {
            let input = block["input"].count > 0 ? block["input"].json?.joined(isRepaired).text ?? "" : ""
            draft.count(input.utf8.count)
            blocks.append(Block(index: index, kind: .call, name: block["name"].string ?? "", text: input))
        } else if type.equals("thinking") {
            let text = block["thinking"].string ?? ""
            draft.addReasoning(text, repaired: isRepaired, emit)
            blocks.append(Block(index: index, kind: .thinking, text: text, signature: block["signature"].string ?? ""))
        } else {
            if type.equals("redacted_thinking") { keep(["type": "redacted_thinking", "data": .string(block["data"].string ?? "")]) }
            blocks.append(Block(index: index, kind: .other))
        }
        try draft.check(calls: blocks.count, failure)
    }

    private mutating func takeDelta(_ delta: JSONView, of index: Int, _ isRepaired: Bool, _ emit: (ModelDelta) -> Void) throws {
        guard let place = blocks.lastIndex(where: { $0.index == index }) else { return }
        switch blocks[place].kind {
        case .text: draft.addText(delta["text"].string ?? "", repaired: isRepaired, emit)
        case .call:
            let piece = blocks[place].joiner.push(delta["partial_json"].string ?? "", repaired: isRepaired)
            draft.count(piece.utf8.count)
            blocks[place].text += piece
        case .thinking:
            let more = delta["thinking"].string ?? ""
            draft.addReasoning(more, repaired: isRepaired, emit)
            blocks[place].text += blocks[place].joiner.push(more, repaired: isRepaired)
            blocks[place].signature += delta["signature"].string ?? ""
        case .other: break
        }
        try draft.check(calls: blocks.count, failure)
    }

    private mutating func end(_ index: Int) {
        guard let block = blocks.last(where: { $0.index == index }), block.kind == .thinking, !block.signature.isEmpty else { return }
        keep(["type": "thinking", "thinking": .string(block.text), "signature": .string(block.signature)])
    }

    /// - Parameter block: Stands where so many other blocks came before it; several texts count as one, blank ones not at all.
    private mutating func keep(_ block: JSON) {
        let words = draft.text.allSatisfy(\.isWhitespace) ? 0 : 1
        kept.parts.append(["at": .int(words + blocks.count { $0.kind == .call }), "block": block])
        draft.count(block["signature"]?.string?.utf8.count ?? 0)
    }

    /// Counts are cumulative; the last event tells only some of them. What was read from the cache or written to it is not in
    /// `input_tokens`.
    private mutating func takeUsage(_ view: JSONView) {
        guard view.isObject else { return }
        var usage = usage ?? ModelUsage()
        let (cached, created) = (view["cache_read_input_tokens"], view["cache_creation_input_tokens"])
        if view["input_tokens"].isNumber {
            if cached.isNumber { usage.cachedTokens = cached.tokens }
            if created.isNumber { usage.cacheCreationTokens = created.tokens }
            let long = view["cache_creation"]["ephemeral_1h_input_tokens"]
            if long.isNumber { usage.longCacheTokens = long.tokens }
            usage.inputTokens = view["input_tokens"].tokens + usage.cachedTokens + usage.cacheCreationTokens
        }
        if view["output_tokens"].isNumber { usage.outputTokens = view["output_tokens"].tokens }
        let thought = view["output_tokens_details"]["thinking_tokens"]
        if thought.isNumber { usage.reasoningTokens = thought.tokens }
        self.usage = usage
    }
}
