import BatutaCore

/// What a request asks, whatever its protocol; read leniently.
struct SimulatedQuestion: Sendable {
    /// The last thing that the user said.
    var text = ""
    /// How many files came with it.
    var files = 0
    /// What tools answered since then.
    var results: [(tool: String, text: String)] = []
    var tools: [(name: String, schema: JSON)] = []
    /// Whether it is asked to think.
    var thinks = false

    init(_ request: SimulatedRequest) {
        guard let json = request.json else { return }
        switch request.wire {
        case .chat: readChat(json)
        case .responses: readResponses(json)
        case .messages: readMessages(json)
        case .gemini: readGemini(json)
        }
    }

    private mutating func say(_ text: String, files: Int) {
        (self.text, self.files, results) = (text, files, [])
    }

    private mutating func readChat(_ json: JSON) {
        thinks = json["reasoning_effort"].map { $0 != "none" } ?? false
        tools = (json["tools"]?.array ?? []).map { ($0["function"]?["name"]?.string ?? "", $0["function"]?["parameters"] ?? [:]) }
        var names: [String: String] = [:]
        for message in json["messages"]?.array ?? [] {
            for call in message["tool_calls"]?.array ?? [] { names[call["id"]?.string ?? ""] = call["function"]?["name"]?.string }
            switch message["role"]?.string {
            case "user": take(message["content"], texts: ["text"])
            case "tool": results.append((names[message["tool_call_id"]?.string ?? ""] ?? "", message["content"]?.string ?? ""))
            default: break
            }
        }
    }

    private mutating func readResponses(_ json: JSON) {
        thinks = json["reasoning"]?["effort"].map { $0 != "none" } ?? false
        tools = (json["tools"]?.array ?? []).map { ($0["name"]?.string ?? "", $0["parameters"] ?? [:]) }
        var names: [String: String] = [:]
        for item in json["input"]?.array ?? [] {
            switch item["type"]?.string {
            case "message" where item["role"] == "user": take(item["content"], texts: ["input_text"])
            case "function_call": names[item["call_id"]?.string ?? ""] = item["name"]?.string
            case "function_call_output": results.append((names[item["call_id"]?.string ?? ""] ?? "", item["output"]?.string ?? ""))
            default: break
            }
        }
    }

    private mutating func readMessages(_ json: JSON) {
        thinks = json["thinking"]?["type"].map { $0 != "disabled" } ?? false
        tools = (json["tools"]?.array ?? []).map { ($0["name"]?.string ?? "", $0["input_schema"] ?? [:]) }
        var names: [String: String] = [:]
        for message in json["messages"]?.array ?? [] {
            let blocks = message.blocks
            for block in blocks where block["type"] == "tool_use" { names[block["id"]?.string ?? ""] = block["name"]?.string }
            guard message["role"] == "user" else { continue }
            let answers = blocks.filter { $0["type"] == "tool_result" }
            for block in answers { results.append((names[block["tool_use_id"]?.string ?? ""] ?? "", Self.words(block))) }
            // What is said after results is said last.
            let rest = blocks.filter { $0["type"] != "tool_result" }
            if !rest.isEmpty { take(.array(rest), texts: ["text"]) }
        }
    }

    /// What a result says: a text, or blocks of text.
    private static func words(_ block: JSON) -> String { block.blocks.compactMap { $0["text"]?.string }.joined(separator: "\n") }

    private mutating func readGemini(_ json: JSON) {
        thinks = json["generationConfig"]?["thinkingConfig"]?["includeThoughts"]?.bool ?? false
        let declared = json["tools"]?.array?.first?["functionDeclarations"]?.array ?? []
        tools = declared.map { ($0["name"]?.string ?? "", $0["parametersJsonSchema"] ?? $0["parameters"] ?? [:]) }
        for content in json["contents"]?.array ?? [] where content["role"] == "user" {
            let parts = content["parts"]?.array ?? []
            let answers = parts.compactMap { $0["functionResponse"] }
            for answer in answers { results.append((answer["name"]?.string ?? "", (answer["response"] ?? .null).text)) }
            if answers.count < parts.count {
                say(parts.compactMap { $0["text"]?.string }.joined(separator: "\n"), files: parts.count { $0["inlineData"] != nil })
            }
        }
    }

    /// A text, or parts of which some are files.
    private mutating func take(_ content: JSON?, texts: Set<String>) {
        if let text = content?.string { return say(text, files: 0) }
        let parts = content?.array ?? []
        let words = parts.filter { texts.contains($0["type"]?.string ?? "") }
        say(words.compactMap { $0["text"]?.string }.joined(separator: "\n"), files: parts.count - words.count)
    }
}
