import BatutaCore

/// Builds a model's answer from the events of a stream of OpenAI's Responses, or from a whole response.
struct ResponsesAnswer: WireAnswer {
    private let failure: ProviderFailure
    private var draft = AnswerDraft()
    private var items: [Item] = []
    private var kept: OpaqueParts
    private var numbers = SequenceNumbers()
    private var status: String?
    private var incompleteReason: String?
    private var wasRefused = false
    private var usage: ModelUsage?
    private(set) var isDone = false

    /// A part of the output that is coming in, or has come.
    private struct Item {
        var index: Int
        var kind: Kind
        var name = ""
        /// Text or arguments so far.
        var text = ""
        var joiner = TextJoiner()
        /// Whether the model wrote it to its end.
        var isWhole = false

        enum Kind { case message, call, other }
    }

    init(model: String, failure: ProviderFailure) {
        self.failure = failure
        kept = OpaqueParts(kind: ResponsesWire.kind, model: model)
    }

    var isComplete: Bool { isDone }
    var heard: ModelError.Heard { ModelError.Heard(bytes: draft.size, usage: usage) }

    mutating func take(_ data: UnsafeRawBufferPointer, isWhole: Bool, emit: (ModelDelta) -> Void) throws(ModelError) {
        // Servers like it end as chat completions do.
        if data.count == 6, data.elementsEqual("[DONE]".utf8) { return }
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
        guard !items.isEmpty || draft.hasText || status == "incomplete" else {
            throw ModelError(.badAnswer, "\(failure.provider): the response has nothing in it. Check base_url and the model's name.")
        }
        draft.finish(emit)
        let isCut = reason(hasCalls: false) == .length
        let calls = items.enumerated().filter { $0.element.kind == .call }.map { place, item in
            let arguments = ModelToolCall.Arguments.read(item.text, isCut: isCut && place == items.count - 1 && !item.isWhole)
            return ModelAnswer.ProposedCall(tool: item.name, arguments: arguments)
        }
        return ModelAnswer(
            text: draft.text,
            calls: calls,
            finishReason: reason(hasCalls: !calls.isEmpty),
            usage: usage,
            opaque: calls.isEmpty ? nil : kept.json
        )
    }

    private func reason(hasCalls: Bool) -> FinishReason {
        if status == "incomplete" { return incompleteReason == "content_filter" ? .contentFilter : .length }
        if hasCalls { return .toolCalls }
        return wasRefused ? .contentFilter : .stop
    }
}

// MARK: - Events

extension ResponsesAnswer {
    private mutating func takeEvent(_ view: JSONView, _ isRepaired: Bool, _ emit: (ModelDelta) -> Void) throws {
        guard view.isObject, let type = view["type"].string else { throw JSONError(.unexpectedCharacter, "an event has a type") }
        if let lost = numbers.take(view["sequence_number"].int) {
            throw ModelError(.badAnswer, "\(failure.provider): events of the stream were lost (\(lost)). Asking again usually helps.")
        }
        switch type {
        case "response.output_text.delta": addText(view["delta"].string ?? "", to: Self.index(view), isRepaired, emit)
        case "response.refusal.delta":
            wasRefused = true
            addText(view["delta"].string ?? "", to: Self.index(view), isRepaired, emit)
        case "response.reasoning_summary_text.delta", "response.reasoning_text.delta":
            draft.addReasoning(view["delta"].string ?? "", repaired: isRepaired, emit)
        case "response.function_call_arguments.delta": addArguments(view["delta"].string ?? "", to: Self.index(view), isRepaired)
        case "response.output_item.added": begin(view["item"], at: Self.index(view))
        case "response.output_item.done": end(view["item"], at: Self.index(view), isRepaired, emit)
        case "response.completed", "response.incomplete", "response.failed": try takeEnd(view["response"], type)
        case "error":
            let fault = ProviderFault.inStream(view) ?? ProviderFault(view)
            if !isComplete { throw failure.error(for: fault) }
        default: break
        }
        try draft.check(calls: items.count, failure)
    }

    private mutating func takeWhole(_ view: JSONView, _ isRepaired: Bool, _ emit: (ModelDelta) -> Void) throws {
        if let fault = view["status"].equals("failed") ? nil : ProviderFault.inStream(view) { throw failure.error(for: fault) }
        guard view.isObject, view["output"].isArray else { throw JSONError(.unexpectedCharacter, "a response was expected") }
        for (index, item) in view["output"].elements.enumerated() {
            begin(item, at: index)
            if item["type"].equals("reasoning") {
                for part in item["summary"].elements { draft.addReasoning(part["text"].string ?? "", repaired: isRepaired, emit) }
            }
            end(item, at: index, isRepaired, emit)
        }
        try takeEnd(view, "response." + (view["status"].string ?? "completed"))
    }

    private static func index(_ view: JSONView) -> Int { Int(clamping: view["output_index"].int ?? 0) }

    private mutating func begin(_ item: JSONView, at index: Int) {
        let type = item["type"]
        let kind: Item.Kind = type.equals("message") ? .message : type.equals("function_call") ? .call : .other
        items.append(Item(index: index, kind: kind, name: item["name"].string ?? ""))
    }

    private func place(of index: Int) -> Int? { items.lastIndex { $0.index == index } }

    private mutating func addText(_ piece: String, to index: Int, _ isRepaired: Bool, _ emit: (ModelDelta) -> Void) {
        draft.addText(piece, repaired: isRepaired, emit)
        if let place = place(of: index) { items[place].text += piece }
    }

    private mutating func addArguments(_ piece: String, to index: Int, _ isRepaired: Bool) {
        guard let place = place(of: index) else { return }
        let text = items[place].joiner.push(piece, repaired: isRepaired)
        draft.count(text.utf8.count)
        items[place].text += text
    }

    /// An item is told whole when it is done: what had not come in pieces comes now, and what is to go back is kept.
    private mutating func end(_ item: JSONView, at index: Int, _ isRepaired: Bool, _ emit: (ModelDelta) -> Void) {
        // What nobody announced came all the same.
        if place(of: index) == nil { begin(item, at: index) }
        guard let place = place(of: index) else { return }
        items[place].isWhole = item["status"].equals("completed")
        switch items[place].kind {
        case .message:
            guard items[place].text.isEmpty else { return }
            for part in item["content"].elements {
                if part["type"].equals("refusal") { wasRefused = true }
                addText(part["text"].string ?? part["refusal"].string ?? "", to: index, isRepaired, emit)
            }
        case .call:
            if items[place].name.isEmpty { items[place].name = item["name"].string ?? "" }
            if items[place].text.isEmpty { addArguments(item["arguments"].string ?? "", to: index, isRepaired) }
            items[place].text += items[place].joiner.finish()
        case .other: if item["type"].equals("reasoning") { keep(item) }
        }
    }

    /// Without its sealed content an item that is stored nowhere means nothing.
    private mutating func keep(_ item: JSONView) {
        guard let sealed = item["encrypted_content"].string, let id = item["id"].string else { return }
        kept.parts.append([
            "at": .int((draft.hasText ? 1 : 0) + items.count { $0.kind == .call }),
            "item": [
                "type": "reasoning", "id": .string(id), "summary": item["summary"].json ?? [], "encrypted_content": .string(sealed),
            ],
        ])
        draft.count(sealed.utf8.count)
    }

    private mutating func takeEnd(_ response: JSONView, _ type: String) throws {
        takeUsage(response["usage"])
        if type == "response.failed" {
            throw failure.error(for: ProviderFault(response["error"]))
        }
        status = type == "response.incomplete" ? "incomplete" : "completed"
        incompleteReason = response["incomplete_details"]["reason"].string
        isDone = true
    }

    private mutating func takeUsage(_ view: JSONView) {
        guard view.isObject else { return }
        let (read, written) = (view["input_tokens_details"], view["output_tokens_details"])
        var usage = ModelUsage(
            inputTokens: view["input_tokens"].tokens,
            outputTokens: view["output_tokens"].tokens,
            cachedTokens: read["cached_tokens"].tokens,
            cacheCreationTokens: read["cache_write_tokens"].tokens,
            reasoningTokens: written["reasoning_tokens"].tokens
        )
        usage.audioInputTokens = read["audio_tokens"].tokens
        usage.imageInputTokens = read["image_tokens"].tokens
        usage.audioOutputTokens = written["audio_tokens"].tokens
        self.usage = usage
    }
}

/// Tells whether events of a stream were lost. Servers that do not count are left alone.
private struct SequenceNumbers: Sendable {
    private var last: Int64?
    private var isCounted = true

    /// What is missing before this event, in words; nil when nothing is.
    mutating func take(_ number: Int64?) -> String? {
        guard isCounted, let number else { return nil }
        defer { last = number }
        guard let last else { return nil }
        if number <= last {
            isCounted = false
            return nil
        }
        return number == last + 1 ? nil : "\(number) came after \(last)"
    }
}
