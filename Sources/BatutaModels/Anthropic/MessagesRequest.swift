import BatutaCore

/// Writes a model request as the body of `POST …/messages`.
///
/// What stays the same from call to call comes first and ends in a mark for the provider's cache (`cache_control`): tools, instructions, then
/// the conversation so far. Tools have a mark of their own, so that instructions with something about the user in them leave the tools known. Fields of `extra` go in last and win over ours; `null` there leaves a field of ours out.
struct MessagesRequest {
    private let request: ModelRequest
    private let model: ClaudeModel
    private let thinking: Thinking

    private static let fixedFields: Set<String> = ["model", "messages", "system", "tools", "stream", "cache_control"]

    init(_ request: ModelRequest) {
        self.request = request
        model = ClaudeModel(request.settings.model)
        thinking = Thinking(request, model)
    }

    func body() -> [UInt8] {
        var writer = JSONWriter(reserving: request.wireSize)
        writer.beginObject()
        writer.member("model", request.settings.model)
        writeOptions(into: &writer)
        writeTools(into: &writer)
        writeSystem(into: &writer)
        writer.key("messages")
        MessagesConversation(request, cache: cache).write(into: &writer)
        writer.member("stream", request.streams)
        writer.endObject()
        return writer.finish()
    }

    private func writeOptions(into writer: inout JSONWriter) {
        let (settings, extra) = (request.settings, request.settings.extra)
        if extra["max_tokens"] == nil { writer.member("max_tokens", settings.maxOutputTokens) }
        if let temperature = settings.temperature, extra["temperature"] == nil, model.takesTemperature, !thinking.isOn {
            // Anthropic's scale ends at 1.
            writer.member("temperature", .double(min(temperature, 1)))
        }
        for (name, value) in thinking.fields where extra[name] == nil { writer.member(name, value) }
        for (name, value) in extra where !value.isNull && !Self.fixedFields.contains(name) { writer.member(name, value) }
    }

    private func writeTools(into writer: inout JSONWriter) {
        guard !request.tools.isEmpty else { return }
        writer.key("tools")
        writer.beginArray()
        for (index, tool) in request.tools.enumerated() {
            writer.beginObject()
            writer.member("name", tool.name)
            writer.member("description", tool.description)
            writer.key("input_schema")
            writer.raw(tool.parameters)
            if let cache, index == request.tools.count - 1 { writer.member("cache_control", cache) }
            writer.endObject()
        }
        writer.endArray()
    }

    private func writeSystem(into writer: inout JSONWriter) {
        guard !request.system.isEmpty else { return }
        var block: JSONObject = ["type": "text", "text": .string(request.system)]
        block["cache_control"] = cache
        writer.member("system", .array([.object(block)]))
    }

    /// How long the provider is to keep what comes before a mark: five minutes, or what `extra` says; nil for no marks at all.
    private var cache: JSON? {
        guard let wish = request.settings.extra["cache_control"] else { return ["type": "ephemeral"] }
        return wish.object == nil ? JSON?.none : wish
    }
}

/// How a model is told how much to think.
private struct Thinking {
    var isOn = false
    var fields: [(name: String, value: JSON)] = []

    init(_ request: ModelRequest, _ model: ClaudeModel) {
        guard let effort = request.settings.reasoning else { return }
        guard effort != .none else {
            if model.thinksByItself { fields = [("thinking", ["type": "disabled"])] }
            return
        }
        if model.thinksAdaptively {
            isOn = true
            fields = [
                ("thinking", ["type": "adaptive", "display": "summarized"]), ("output_config", ["effort": .string(effort.rawValue)]),
            ]
        } else if model.canThink, let budget = Self.budget(effort, request), !Self.goesOnWithoutThinking(request) {
            isOn = true
            fields = [("thinking", ["type": "enabled", "budget_tokens": .int(budget)])]
        }
    }

    /// At least 1,024 and less than the whole answer may take, of which at least a quarter is left for words; nil when that has no room.
    private static func budget(_ effort: ReasoningEffort, _ request: ModelRequest) -> Int? {
        let wish = [ReasoningEffort.low: 2_048, .medium: 8_192, .high: 16_384][effort] ?? 0
        let budget = min(wish, request.settings.maxOutputTokens * 3 / 4)
        return budget >= 1_024 ? budget : nil
    }

    /// With a budget, an answer with calls must begin with its thinking when it is sent back: one of another model has none.
    private static func goesOnWithoutThinking(_ request: ModelRequest) -> Bool {
        for turn in request.turns.reversed() {
            switch turn {
            case .user, .shown: return false
            case .assistant(_, let calls) where !calls.isEmpty:
                if OpaqueParts.parts(of: calls, in: request, kind: MessagesWire.kind).isEmpty { return true }
            case .assistant, .tool: continue
            }
        }
        return false
    }
}
