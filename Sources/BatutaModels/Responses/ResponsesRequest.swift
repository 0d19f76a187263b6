import BatutaCore

/// Writes a model request as the body of `POST …/responses`.
///
/// Fields of `extra` go in last and win over ours; `null` there leaves a field of ours out.
struct ResponsesRequest {
    private let request: ModelRequest
    private let dialect: ChatDialect

    private static let fixedFields: Set<String> = ["model", "input", "instructions", "tools", "stream"]

    init(_ request: ModelRequest, _ dialect: ChatDialect) {
        self.request = request
        self.dialect = dialect
    }

    func body() -> [UInt8] {
        var writer = JSONWriter(reserving: request.wireSize)
        writer.beginObject()
        writer.member("model", request.settings.model)
        if !request.system.isEmpty { writer.member("instructions", request.system) }
        writeTools(into: &writer)
        writer.key("input")
        writer.beginArray()
        for turn in request.turns { for item in items(of: turn) { writer.value(item) } }
        writer.endArray()
        writer.member("stream", request.streams)
        for (name, value) in options where request.settings.extra[name] == nil { writer.member(name, value) }
        for (name, value) in request.settings.extra where !value.isNull && !Self.fixedFields.contains(name) { writer.member(name, value) }
        writer.endObject()
        return writer.finish()
    }

    private var options: JSONObject {
        let settings = request.settings
        var options: JSONObject = ["store": false, "max_output_tokens": .int(settings.maxOutputTokens)]
        if let temperature = settings.temperature, !reasons { options["temperature"] = .double(temperature) }
        // Other models answer 400 to the wish.
        if reasons { options["include"] = ["reasoning.encrypted_content"] }
        if let effort = settings.reasoning {
            let word = EffortWords.openAI(effort, settings.model)
            options["reasoning"] = word == "none" ? ["effort": "none"] : ["effort": .string(word), "summary": "auto"]
        }
        if !request.conversation.isEmpty { options["prompt_cache_key"] = .string(request.conversation) }
        if let output = request.output, output.schema.source["type"] == "object" {
            let strict = StrictSchema.fits(output.schema.source)
            options["text"] = [
                "format": ["type": "json_schema", "name": "answer", "strict": .bool(strict), "schema": output.schema.source]
            ]
        }
        return options
    }

    /// Whether the model is one that thinks: by its name at OpenAI, elsewhere when the project says so.
    private var reasons: Bool {
        dialect.hasOpenAIReasoningModels ? !dialect.takesTemperature(model: request.settings.model) : request.settings.reasoning != nil
    }

    private func writeTools(into writer: inout JSONWriter) {
        guard !request.tools.isEmpty else { return }
        writer.key("tools")
        writer.beginArray()
        for tool in request.tools {
            writer.beginObject()
            writer.member("type", "function")
            writer.member("name", tool.name)
            writer.member("description", tool.description)
            writer.key("parameters")
            writer.raw(tool.parameters)
            // Unless told otherwise the API closes schemas and makes every property required.
            writer.member("strict", false)
            writer.endObject()
        }
        writer.endArray()
    }
}

// MARK: - Items

extension ResponsesRequest {
    private func items(of turn: ModelTurn) -> [JSON] {
        switch turn {
        case .user(let text): [Self.message("user", [Self.text(text)])]
        case .shown(let text, let files): [Self.message("user", files.map(Self.part) + (text.isEmpty ? [] : [Self.text(text)]))]
        case .assistant(let text, let calls): answer(text, calls)
        case .tool(let callID, _, let envelope):
            [
                [
                    "type": "function_call_output", "call_id": .string(callID.rawValue),
                    "output": .string(String(decoding: envelope, as: UTF8.self)),
                ]
            ]
        }
    }

    /// A reasoning item goes back to where it stood: its place is the number of other items before it.
    private func answer(_ text: String, _ calls: [ModelToolCall]) -> [JSON] {
        let words = text.isEmpty ? [] : [Self.message("assistant", [["type": "output_text", "text": .string(text)]])]
        let visible = words + calls.map(Self.item)
        let kept = OpaqueParts.parts(of: calls, in: request, kind: ResponsesWire.kind)
        guard !kept.isEmpty else { return visible }
        var items: [JSON] = []
        for place in 0...visible.count {
            items += kept.filter { $0["at"] == .int(place) }.compactMap { $0["item"] }
            if place < visible.count { items.append(visible[place]) }
        }
        return items
    }

    private static func message(_ role: String, _ content: [JSON]) -> JSON {
        ["type": "message", "role": .string(role), "content": .array(content)]
    }

    private static func text(_ text: String) -> JSON { ["type": "input_text", "text": .string(text)] }

    private static func item(_ call: ModelToolCall) -> JSON {
        [
            "type": "function_call", "call_id": .string(call.id.rawValue), "name": .string(call.tool),
            "arguments": .string(call.arguments.object.text),
        ]
    }

    private static func part(_ file: ModelFile) -> JSON {
        guard file.kind == .image else {
            return ["type": "input_file", "filename": .string(file.name), "file_data": .string(file.dataURL)]
        }
        return ["type": "input_image", "image_url": .string(file.dataURL)]
    }
}
