import BatutaCore

/// Writes a model request as the body of `POST …/chat/completions`.
///
/// Fields of `extra` go in last and win over ours; `null` there leaves a field of ours out. What makes the request what it is
/// (`model`, `messages`, `tools`, `stream`) cannot be replaced that way.
struct ChatRequestEncoder: Sendable {
    var dialect: ChatDialect

    private static let fixedFields: Set<String> = ["model", "messages", "tools", "stream"]

    func body(of request: ModelRequest) -> [UInt8] {
        var writer = JSONWriter(reserving: request.wireSize)
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
        if dialect.takesCacheKey, !request.conversation.isEmpty, extra["prompt_cache_key"] == nil {
            writer.member("prompt_cache_key", request.conversation)
        }
        if let reasoning = settings.reasoning, extra["reasoning_effort"] == nil, extra["reasoning"] == nil {
            writer.member("reasoning_effort", EffortWords.openAI(reasoning, settings.model))
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
            case .user(let text): writeMessage("user", text, into: &writer)
            case .shown(let text, let files): writeMessage(text, files, into: &writer)
            case .assistant(let text, let calls):
                writeAnswer(text, calls, of: request, into: &writer)
            case .tool(let callID, _, let envelope):
                writer.beginObject()
                writer.member("role", "tool")
                writer.member("tool_call_id", dialect.callID(callID, model: request.settings.model))
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

    private func writeMessage(_ text: String, _ files: [ModelFile], into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("role", "user")
        writer.key("content")
        writer.beginArray()
        for file in files { writer.value(Self.part(file)) }
        if !text.isEmpty { writer.value(["type": "text", "text": .string(text)]) }
        writer.endArray()
        writer.endObject()
    }

    /// A file as a part of a message (OpenAI, "Images and vision", "PDF files", "Audio").
    private static func part(_ file: ModelFile) -> JSON {
        switch file.kind {
        case .audio:
            let format = file.mediaType.hasSuffix("wav") ? "wav" : "mp3"
            return ["type": "input_audio", "input_audio": ["data": .string(file.base64), "format": .string(format)]]
        case .document, .video, nil:
            return ["type": "file", "file": ["filename": .string(file.name), "file_data": .string(file.dataURL)]]
        case .image: return ["type": "image_url", "image_url": ["url": .string(file.dataURL)]]
        }
    }

    private func writeAnswer(_ text: String, _ calls: [ModelToolCall], of request: ModelRequest, into writer: inout JSONWriter) {
        let kept = OpaqueParts.parts(of: calls, in: request, kind: ChatKeptParts.kind)
        writer.beginObject()
        writer.member("role", "assistant")
        writer.key("content")
        if text.isEmpty, !calls.isEmpty { writer.null() } else { writer.string(text) }
        for name in ["reasoning_content", "reasoning_details"] {
            if let part = kept.lazy.compactMap({ $0[name] }).first { writer.member(name, part) }
        }
        if !calls.isEmpty {
            writer.key("tool_calls")
            writer.beginArray()
            for (index, call) in calls.enumerated() {
                let extra = kept.first { $0["call"] == .int(index) }?["extra_content"]
                writeCall(call, extra, for: request.settings.model, into: &writer)
            }
            writer.endArray()
        }
        writer.endObject()
    }

    private func writeCall(_ call: ModelToolCall, _ extra: JSON?, for model: String, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", dialect.callID(call.id, model: model))
        writer.member("type", "function")
        writer.key("function")
        writer.beginObject()
        writer.member("name", call.tool)
        writer.member("arguments", call.arguments.object.text)
        writer.endObject()
        if let extra { writer.member("extra_content", extra) }
        writer.endObject()
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
}
