import BatutaCore

/// Writes a model request as the body of `POST …/chat/completions`.
///
/// Fields of `extra` go in last and win over ours; `null` there leaves a field of ours out. What makes the request what it is
/// (`model`, `messages`, `tools`, `stream`) cannot be replaced that way.
struct ChatRequestEncoder: Sendable {
    var dialect: ChatDialect

    private static let fixedFields: Set<String> = ["model", "messages", "tools", "stream"]

    func body(of request: ModelRequest) -> [UInt8] {
        var writer = JSONWriter(reserving: Self.roughSize(of: request))
        writer.beginObject()
        writer.member("model", request.settings.model)
        writeMessages(of: request, into: &writer)
        writeTools(request.tools, into: &writer)
        writer.member("stream", request.streams)
        writeOptions(of: request, into: &writer)
        writer.endObject()
        return writer.finish()
    }

    private func writeOptions(of request: ModelRequest, into writer: inout JSONWriter) {
        let settings = request.settings
        let extra = settings.extra
        if request.streams, extra["stream_options"] == nil {
            writer.member("stream_options", ["include_usage": true])
        }
        if let temperature = settings.temperature, extra["temperature"] == nil, dialect.takesTemperature(model: settings.model) {
            writer.member("temperature", .double(temperature))
        }
        if extra["max_tokens"] == nil, extra["max_completion_tokens"] == nil {
            writer.member(dialect.tokenLimitField, settings.maxOutputTokens)
        }
        ChatResponseFormat(dialect: dialect).write(request, into: &writer)
        if let reasoning = settings.reasoning, extra["reasoning_effort"] == nil, extra["reasoning"] == nil {
            writer.member("reasoning_effort", reasoning.rawValue)
        }
        for (name, value) in extra where !value.isNull && !Self.fixedFields.contains(name) {
            writer.member(name, value)
        }
    }

    private func writeMessages(of request: ModelRequest, into writer: inout JSONWriter) {
        writer.key("messages")
        writer.beginArray()
        if !request.system.isEmpty { writeMessage("system", request.system, into: &writer) }
        for turn in request.turns {
            switch turn {
            case .user(let text), .shown(let text, _): writeMessage("user", text, into: &writer)
            case .assistant(let text, let calls): writeAnswer(text, calls, into: &writer)
            case .tool(let callID, _, let envelope):
                writer.beginObject()
                writer.member("role", "tool")
                writer.member("tool_call_id", callID.rawValue)
                writer.member("content", String(decoding: envelope, as: UTF8.self))
                writer.endObject()
            }
        }
        writer.endArray()
    }

    private func writeMessage(_ role: String, _ text: String, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("role", role)
        writer.member("content", text)
        writer.endObject()
    }

    private func writeAnswer(_ text: String, _ calls: [ModelToolCall], into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("role", "assistant")
        writer.key("content")
        if text.isEmpty, !calls.isEmpty { writer.null() } else { writer.string(text) }
        if !calls.isEmpty {
            writer.key("tool_calls")
            writer.beginArray()
            for call in calls { writeCall(call, into: &writer) }
            writer.endArray()
        }
        writer.endObject()
    }

    private func writeCall(_ call: ModelToolCall, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", call.id.rawValue)
        writer.member("type", "function")
        writer.key("function")
        writer.beginObject()
        writer.member("name", call.tool)
        writer.member("arguments", Self.argumentsText(call.arguments))
        writer.endObject()
        writer.endObject()
    }

    /// Several servers refuse a history whose arguments are no JSON, so a malformed text goes back inside an object.
    private static func argumentsText(_ arguments: ModelToolCall.Arguments) -> String {
        switch arguments {
        case .valid(let json): json.text
        case .malformed(let text): JSON.object(["malformed_arguments": .string(text)]).text
        }
    }

    private func writeTools(_ tools: [ToolOffer], into writer: inout JSONWriter) {
        guard !tools.isEmpty else { return }
        writer.key("tools")
        writer.beginArray()
        for tool in tools {
            writer.beginObject()
            writer.member("type", "function")
            writer.key("function")
            writer.beginObject()
            writer.member("name", tool.name)
            writer.member("description", tool.description)
            writer.key("parameters")
            writer.raw(tool.parameters)
            writer.endObject()
            writer.endObject()
        }
        writer.endArray()
    }

    private static func roughSize(of request: ModelRequest) -> Int {
        let turns = request.turns.reduce(0) { sum, turn in
            switch turn {
            case .user(let text), .shown(let text, _): sum + text.utf8.count + 48
            case .assistant(let text, let calls): sum + text.utf8.count + 64 + calls.count * 256
            case .tool(_, _, let envelope): sum + envelope.count + envelope.count / 8 + 96
            }
        }
        let tools = request.tools.reduce(0) { $0 + $1.parameters.count + $1.description.utf8.count + 96 }
        return turns + tools + request.system.utf8.count + 512
    }
}
