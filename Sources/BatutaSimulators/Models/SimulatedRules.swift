import BatutaCore

/// What a provider would answer 400 or 404 to: the rules that clients break most, so that what works here works there too.
enum SimulatedRules {
    /// What a provider says of a request that it does not take.
    struct Violation {
        var status: Int
        var message: String
        var code: String?

        init(_ message: String, status: Int = 400, code: String? = nil) {
            self.status = status
            self.message = message
            self.code = code
        }
    }

    /// What is wrong with a request; nil when nothing is.
    static func violation(in request: SimulatedRequest) -> Violation? {
        if let unknown = unknownModel(request) { return unknown }
        guard let json = request.json else { return Violation("the body is no JSON") }
        return wrongName(in: json, request.wire).map { Violation($0) } ?? wrongSchema(in: json, request.wire)
            ?? wrongTalk(json, request).map { Violation($0) }
    }

    /// The simulator answers by any name; `missing` and those with `missing-` in front are models that the provider does not have.
    private static func unknownModel(_ request: SimulatedRequest) -> Violation? {
        let model = request.model
        guard model == "missing" || model.hasPrefix("missing-") else { return nil }
        return switch request.wire {
        case .chat, .responses:
            Violation("The model `\(model)` does not exist or you do not have access to it.", status: 404, code: "model_not_found")
        case .messages: Violation("model: \(model)", status: 404)
        case .gemini:
            Violation("models/\(model) is not found for API version v1beta, or is not supported for generateContent.", status: 404)
        }
    }

    private static func wrongTalk(_ json: JSON, _ request: SimulatedRequest) -> String? {
        switch request.wire {
        case .chat: return chat(json, request.model)
        case .messages: return messages(json, request)
        case .gemini: return gemini(json, request.model)
        case .responses: return responses(json)
        }
    }

    // MARK: Anthropic

    private static func messages(_ json: JSON, _ request: SimulatedRequest) -> String? {
        if request.header("anthropic-version") == nil { return "anthropic-version: header is required" }
        guard let most = json["max_tokens"]?.int, most > 0 else { return "max_tokens: Field required" }
        let messages = json["messages"]?.array ?? []
        if messages.first?["role"] != "user" { return "messages: first message must use the \"user\" role" }
        var open: Set<String> = []
        for message in messages {
            let blocks = message.blocks
            if blocks.isEmpty { return "messages: content must not be empty" }
            let answered = Set(blocks.compactMap { $0["type"] == "tool_result" ? $0["tool_use_id"]?.string : nil })
            if answered != open {
                return "messages: `tool_use` ids were found without `tool_result` blocks immediately after, or the other way"
            }
            open = Set(blocks.compactMap { $0["type"] == "tool_use" ? $0["id"]?.string : nil })
            if let wrong = blocks.lazy.compactMap(wrongBlock).first { return wrong }
        }
        if !open.isEmpty { return "messages: the last `tool_use` has no `tool_result`" }
        return thinking(json, messages, most)
    }

    private static func wrongBlock(_ block: JSON) -> String? {
        switch block["type"]?.string {
        case "text" where block["text"]?.string?.allSatisfy(\.isWhitespace) ?? true:
            "messages: text content blocks must contain non-whitespace text"
        case "thinking" where block["signature"]?.string != SimulatedAnswer.seal(block["thinking"]?.string ?? ""):
            "messages: Invalid `signature` in `thinking` block"
        case "tool_use" where block["input"]?.object == nil: "messages: tool_use.input: Input should be a valid dictionary"
        default: nil
        }
    }

    private static func thinking(_ json: JSON, _ messages: [JSON], _ most: Int64) -> String? {
        guard let type = json["thinking"]?["type"]?.string, type == "enabled" else { return nil }
        guard let budget = json["thinking"]?["budget_tokens"]?.int, budget >= 1_024 else { return "thinking.budget_tokens: at least 1024" }
        if budget >= most { return "`max_tokens` must be greater than `thinking.budget_tokens`" }
        if json["temperature"] != nil { return "`temperature` may only be set to 1 when thinking is enabled" }
        let last = messages.last { $0["role"] == "assistant" }?["content"]?.array ?? []
        let isOpen = messages.last?.blocks.first?["type"] == "tool_result"
        guard isOpen, last.contains(where: { $0["type"] == "tool_use" }), !["thinking", "redacted_thinking"].contains(last.first?["type"])
        else { return nil }
        return "Expected `thinking` or `redacted_thinking`, but found `\(last.first?["type"]?.string ?? "")`"
    }

    // MARK: Google

    private static func gemini(_ json: JSON, _ model: String) -> String? {
        let contents = json["contents"]?.array ?? []
        if contents.first?["role"] != "user" { return "Please ensure that the first content is the user's." }
        var asked = 0
        for content in contents {
            let parts = content["parts"]?.array ?? []
            if parts.isEmpty { return "contents.parts must not be empty." }
            let answered = parts.count { $0["functionResponse"] != nil }
            if answered != asked {
                return
                    "Please ensure that the number of function response parts is equal to the number of function call parts of the turn before."
            }
            let calls = parts.filter { $0["functionCall"] != nil }
            asked = calls.count
            if let call = calls.first, !model.contains("gemini-2"), !isSealed(call) {
                return "Function call `\(call["functionCall"]?["name"]?.string ?? "")` is missing a `thought_signature`."
            }
        }
        return asked == 0 ? nil : "Please ensure that a function call turn is followed by its responses."
    }

    private static func isSealed(_ call: JSON) -> Bool {
        let signature = call["thoughtSignature"]?.string
        return signature == "skip_thought_signature_validator"
            || signature == SimulatedAnswer.seal(call["functionCall"]?["name"]?.string ?? "")
    }

    // MARK: OpenAI

    private static func responses(_ json: JSON) -> String? {
        var open: Set<String> = []
        for item in json["input"]?.array ?? [] {
            switch item["type"]?.string {
            case "function_call": open.insert(item["call_id"]?.string ?? "")
            case "function_call_output":
                let id = item["call_id"]?.string ?? ""
                guard open.remove(id) != nil else { return "No tool call found for function call output with call_id \(id)." }
            case "reasoning":
                let text = item["summary"]?.array?.compactMap { $0["text"]?.string }.joined() ?? ""
                if item["encrypted_content"]?.string != SimulatedAnswer.seal(text) {
                    return "Item \(item["id"]?.string ?? "") of type reasoning cannot be verified."
                }
            case "message":
                if !open.isEmpty { return "No tool output found for function call \(open.sorted()[0])." }
            default: return "input: unknown type of item"
            }
        }
        return open.isEmpty ? nil : "No tool output found for function call \(open.sorted()[0])."
    }
}

extension JSON {
    /// The blocks of one of Anthropic's messages; a text stands for one block of text.
    var blocks: [JSON] {
        guard let text = self["content"]?.string else { return self["content"]?.array ?? [] }
        return text.isEmpty ? [] : [["type": "text", "text": .string(text)]]
    }
}
