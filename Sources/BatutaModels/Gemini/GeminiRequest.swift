import BatutaCore

/// Writes a model request as the body of `POST …:generateContent`.
///
/// Fields of `extra` win over ours: those of `generationConfig` there go into ours; `null` leaves one out.
struct GeminiRequest {
    private let request: ModelRequest

    private static let fixedFields: Set<String> = ["contents", "systemInstruction", "tools", "generationConfig"]

    init(_ request: ModelRequest) { self.request = request }

    func body() -> [UInt8] {
        var writer = JSONWriter(reserving: request.wireSize)
        writer.beginObject()
        if !request.system.isEmpty { writer.member("systemInstruction", ["parts": [["text": .string(request.system)]]]) }
        writeTools(into: &writer)
        writer.key("contents")
        writer.value(.array(contents))
        writer.member("generationConfig", .object(generationConfig))
        for (name, value) in request.settings.extra where !value.isNull && !Self.fixedFields.contains(name) { writer.member(name, value) }
        writer.endObject()
        return writer.finish()
    }

    private func writeTools(into writer: inout JSONWriter) {
        guard !request.tools.isEmpty else { return }
        writer.key("tools")
        writer.beginArray()
        writer.beginObject()
        writer.key("functionDeclarations")
        writer.beginArray()
        for tool in request.tools {
            writer.beginObject()
            writer.member("name", tool.name)
            writer.member("description", tool.description)
            writer.key("parametersJsonSchema")
            writer.raw(tool.parameters)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        writer.endArray()
    }

    private var generationConfig: JSONObject {
        let settings = request.settings
        var config: JSONObject = ["maxOutputTokens": .int(settings.maxOutputTokens)]
        config["temperature"] = settings.temperature.map { .double($0) }
        if let effort = settings.reasoning { config["thinkingConfig"] = Self.thinking(effort, settings.model) }
        // With tools the model would not call any.
        if let output = request.output, request.tools.isEmpty {
            config["responseMimeType"] = "application/json"
            config["responseJsonSchema"] = output.schema.source
        }
        for (name, value) in settings.extra["generationConfig"]?.object ?? [:] { config[name] = value.isNull ? JSON?.none : value }
        return config
    }

    /// From Gemini 3 on a level, before that a number of tokens; the last ones of 2.5 that always think take 128 for as little as they can.
    private static func thinking(_ effort: ReasoningEffort, _ model: String) -> JSON {
        guard isOld(model) else {
            return ["thinkingLevel": .string(EffortWords.gemini(effort, model)), "includeThoughts": .bool(effort != .none)]
        }
        let budget: Int
        switch effort {
        case .none: budget = model.contains("2.5-pro") ? 128 : 0
        case .low: budget = 2_048
        case .medium: budget = 8_192
        case .high: budget = 24_576
        }
        return ["thinkingBudget": .int(budget), "includeThoughts": .bool(effort != .none)]
    }

    static func isOld(_ model: String) -> Bool { ["gemini-1", "gemini-2"].contains { model.contains($0) } }
}

// MARK: - Contents

extension GeminiRequest {
    /// Turns of the same side that follow each other are one content, and the first is the user's.
    private var contents: [JSON] {
        var contents: [(role: String, parts: [JSON])] = []
        for turn in request.turns {
            let (role, parts) = parts(of: turn)
            if let last = contents.indices.last, contents[last].role == role {
                contents[last].parts += parts
            } else if !parts.isEmpty {
                contents.append((role, parts))
            }
        }
        if contents.first?.role != "user" { contents.insert(("user", [["text": "(The conversation goes on.)"]]), at: 0) }
        return contents.map { ["role": .string($0.role), "parts": .array($0.parts)] }
    }

    private func parts(of turn: ModelTurn) -> (role: String, parts: [JSON]) {
        switch turn {
        case .user(let text): ("user", Self.texts(text))
        case .shown(let text, let files): ("user", files.map(Self.part) + Self.texts(text))
        case .assistant(let text, let calls): ("model", answer(text, calls))
        case .tool(let callID, let tool, let envelope): ("user", [Self.result(callID, tool, envelope)])
        }
    }

    private func answer(_ text: String, _ calls: [ModelToolCall]) -> [JSON] {
        let kept = OpaqueParts.parts(of: calls, in: request, kind: GeminiWire.kind)
        let words = Self.texts(text).map { Self.signed($0, kept.first { $0["text"] == true }) }
        return words
            + calls.enumerated().map { index, call in
                let signature = kept.first { $0["call"] == .int(index) }
                return Self.signed(Self.part(call), signature ?? (index == 0 ? unsigned(kept) : nil))
            }
    }

    /// Gemini 3 refuses calls without a signature, so those of another model carry the one that says not to look for it
    /// (https://ai.google.dev/gemini-api/docs/thought-signatures).
    private func unsigned(_ kept: [JSON]) -> JSON? {
        guard kept.isEmpty, !Self.isOld(request.settings.model) else { return nil }
        return ["thoughtSignature": "skip_thought_signature_validator"]
    }

    private static func signed(_ part: JSON, _ kept: JSON?) -> JSON {
        guard let signature = kept?["thoughtSignature"], var object = part.object else { return part }
        object["thoughtSignature"] = signature
        return .object(object)
    }

    private static func texts(_ text: String) -> [JSON] { text.isEmpty ? [] : [["text": .string(text)]] }

    private static func part(_ call: ModelToolCall) -> JSON {
        ["functionCall": ["id": .string(call.id.rawValue), "name": .string(call.tool), "args": call.arguments.object]]
    }

    /// An envelope that is no object (it always is, unless somebody else wrote the log) goes inside one.
    private static func result(_ call: CallID, _ tool: String, _ envelope: [UInt8]) -> JSON {
        let read = try? JSON.parse(envelope)
        let response = read?.object.map(JSON.object) ?? ["result": .string(String(decoding: envelope, as: UTF8.self))]
        return ["functionResponse": ["id": .string(call.rawValue), "name": .string(tool), "response": response]]
    }

    private static func part(_ file: ModelFile) -> JSON {
        ["inlineData": ["mimeType": .string(file.mediaType), "data": .string(file.base64)]]
    }
}
