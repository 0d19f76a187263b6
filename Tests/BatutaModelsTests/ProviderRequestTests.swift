import BatutaCore
import Testing

@testable import BatutaModels

/// What the native protocols say beside the conversation: thinking, caches, limits, schemas.
@Suite struct ProviderRequestTests {
    private func request(
        _ model: String,
        reasoning: ReasoningEffort? = nil,
        temperature: Double? = 0.5,
        most: Int = 4_096,
        extra: JSONObject = [:]
    ) -> ModelRequest {
        var settings = ModelSettings(name: "m", provider: "p", model: model, temperature: temperature, maxOutputTokens: most, extra: extra)
        settings.reasoning = reasoning
        let tools = [ToolOffer(name: "t", description: "d", parameters: Array(#"{"type":"object"}"#.utf8))]
        return ModelRequest(settings: settings, agent: "a", system: "s", turns: [.user("x")], tools: tools)
    }

    private func messages(_ request: ModelRequest) throws -> JSON { try JSON.parse(MessagesRequest(request).body()) }

    struct Thinking: Sendable, CustomTestStringConvertible {
        var model: String
        var effort: ReasoningEffort?
        var thinking: JSON?
        var sendsTemperature: Bool
        var most = 4_096
        var testDescription: String { "\(model) \(effort?.rawValue ?? "-")" }
    }

    @Test(arguments: [
        Thinking(model: "claude-sonnet-4-5-20250929", effort: nil, thinking: nil, sendsTemperature: true),
        Thinking(
            model: "claude-sonnet-4-5-20250929",
            effort: .low,
            thinking: ["type": "enabled", "budget_tokens": 2_048],
            sendsTemperature: false
        ),
        Thinking(model: "claude-haiku-4-5", effort: .high, thinking: ["type": "enabled", "budget_tokens": 3_072], sendsTemperature: false),
        Thinking(model: "claude-haiku-4-5", effort: .high, thinking: nil, sendsTemperature: true, most: 1_024),
        Thinking(model: "claude-3-5-haiku-20241022", effort: .high, thinking: nil, sendsTemperature: true),
        Thinking(
            model: "claude-3-7-sonnet-20250219",
            effort: .low,
            thinking: ["type": "enabled", "budget_tokens": 2_048],
            sendsTemperature: false
        ),
        Thinking(
            model: "claude-opus-4-6",
            effort: .medium,
            thinking: ["type": "adaptive", "display": "summarized"],
            sendsTemperature: false
        ),
        Thinking(model: "claude-opus-4-6", effort: ReasoningEffort.none, thinking: nil, sendsTemperature: true),
        Thinking(model: "claude-opus-4-7", effort: nil, thinking: nil, sendsTemperature: false),
        Thinking(model: "claude-opus-5", effort: ReasoningEffort.none, thinking: ["type": "disabled"], sendsTemperature: false),
        Thinking(
            model: "anthropic/claude-sonnet-5",
            effort: .high,
            thinking: ["type": "adaptive", "display": "summarized"],
            sendsTemperature: false
        ),
    ])
    func `Claude is told how much to think as its version takes it`(_ row: Thinking) throws {
        let body = try messages(request(row.model, reasoning: row.effort, most: row.most))
        #expect(body["thinking"] == row.thinking)
        #expect((body["temperature"] != nil) == row.sendsTemperature)
        let isAdaptive = row.thinking?["type"] == "adaptive"
        #expect(body["output_config"] == (isAdaptive ? ["effort": .string(row.effort?.rawValue ?? "")] : nil))
    }

    @Test func `what stays the same comes first, and ends in marks for the cache`() throws {
        let body = try messages(request("claude-opus-4-6"))
        let mark: JSON = ["type": "ephemeral"]
        #expect(body["system"] == [["type": "text", "text": "s", "cache_control": mark]])
        // Known again although the instructions are another user's.
        #expect(body["tools"]?.array?.last?["cache_control"] == mark)
        #expect(body["messages"] == [["role": "user", "content": [["type": "text", "text": "x", "cache_control": mark]]]])
        let names = body.object?.keys ?? []
        let places = ["tools", "system", "messages"].compactMap { names.firstIndex(of: $0) }
        #expect(places == places.sorted() && places.count == 3)
        let off = try messages(request("claude-opus-4-6", extra: ["cache_control": nil]))
        #expect(!off.text.contains("cache_control"))
        let long = try messages(request("claude-opus-4-6", extra: ["cache_control": ["type": "ephemeral", "ttl": "1h"]]))
        #expect(long["system"]?[0]?["cache_control"]?["ttl"] == "1h" && long["cache_control"] == nil)
    }

    @Test(
        arguments: [
            ("gemini-3-pro", .low, ["thinkingLevel": "low", "includeThoughts": true]),
            ("gemini-3-flash", ReasoningEffort.none, ["thinkingLevel": "minimal", "includeThoughts": false]),
            ("gemini-2.5-flash", .medium, ["thinkingBudget": 8_192, "includeThoughts": true]),
            ("gemini-2.5-flash", ReasoningEffort.none, ["thinkingBudget": 0, "includeThoughts": false]),
            ("gemini-2.5-pro", ReasoningEffort.none, ["thinkingBudget": 128, "includeThoughts": false]), ("gemini-3-pro", nil, nil),
            ("gemini-3.1-pro", ReasoningEffort.none, ["thinkingLevel": "low", "includeThoughts": false]),
            ("gemini-3-pro-preview", .medium, ["thinkingLevel": "high", "includeThoughts": true]),
            ("gemini-3.1-pro", .medium, ["thinkingLevel": "medium", "includeThoughts": true]),
        ] as [(String, ReasoningEffort?, JSON?)]
    )
    func `Gemini is told how much to think as its version takes it`(_ model: String, _ effort: ReasoningEffort?, _ expected: JSON?) throws {
        let body = try JSON.parse(GeminiRequest(request(model, reasoning: effort)).body())
        #expect(body["generationConfig"]?["thinkingConfig"] == expected)
        #expect(body["generationConfig"]?["maxOutputTokens"] == 4_096)
    }

    @Test(arguments: [
        ("gpt-5-mini", "minimal"), ("openai/gpt-5", "minimal"), ("gpt-5.1", "none"), ("gpt-5.2-mini", "none"), ("gpt-5-codex", "low"),
        ("o3-mini", "low"), ("o4-mini", "low"), ("qwen3", "none"),
    ])
    func `OpenAI's models are told to think as little as they take`(_ model: String, _ word: String) {
        #expect(EffortWords.openAI(.none, model) == word)
        #expect(EffortWords.openAI(.high, model) == "high")
    }

    @Test(arguments: [
        ("gemini-2.5-flash", true, "http://h/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"),
        ("models/gemini-2.5-flash", false, "http://h/v1beta/models/gemini-2.5-flash:generateContent"),
        ("tunedModels/a?key=x", false, "http://h/v1beta/tunedModels/a%3Fkey%3Dx:generateContent"),
    ])
    func `Gemini's model stands in the address, and nothing in its name can leave it`(_ model: String, _ streams: Bool, _ address: String) {
        var request = request(model)
        request.streams = streams
        #expect(GeminiWire(baseURL: "http://h/v1beta/").address(of: request) == address)
    }

    @Test func `Responses stores nothing, and asks for sealed thoughts only of models that think`() throws {
        let openai = ChatDialect(baseURL: "https://api.openai.com/v1")
        func body(_ model: String, _ reasoning: ReasoningEffort? = nil) throws -> JSON {
            var asked = request(model, reasoning: reasoning)
            asked.conversation = "ses_1"
            return try JSON.parse(ResponsesRequest(asked, openai).body())
        }
        let thinking = try body("gpt-5-mini", .low)
        #expect(thinking["store"] == false && thinking["include"] == ["reasoning.encrypted_content"] && thinking["temperature"] == nil)
        #expect(thinking["reasoning"] == ["effort": "low", "summary": "auto"] && thinking["prompt_cache_key"] == "ses_1")
        let plain = try body("gpt-4.1")
        #expect(plain["include"] == nil && plain["reasoning"] == nil && plain["temperature"] == 0.5 && plain["max_output_tokens"] == 4_096)
    }

    @Test func `chat completions say how much to think, and to OpenAI what questions have in common`() throws {
        var asked = request("gpt-5-mini", reasoning: .high)
        asked.conversation = "ses_1"
        let openai = try JSON.parse(ChatRequestEncoder(dialect: ChatDialect(baseURL: "https://api.openai.com/v1")).body(of: asked))
        #expect(openai["reasoning_effort"] == "high" && openai["prompt_cache_key"] == "ses_1")
        let other = try JSON.parse(ChatRequestEncoder(dialect: ChatDialect(baseURL: "http://h/v1")).body(of: asked))
        #expect(other["prompt_cache_key"] == nil)
    }

    @Test func `extra fields win over ours, and null leaves one out`() throws {
        let body = try messages(request("claude-opus-4-5", reasoning: .low, extra: ["max_tokens": 9, "thinking": nil, "top_k": 3]))
        #expect(body["max_tokens"] == 9 && body["thinking"] == nil && body["top_k"] == 3)
        let gemini = try JSON.parse(
            GeminiRequest(request("gemini-3-pro", extra: ["generationConfig": ["topP": 0.5, "temperature": nil], "safetySettings": []]))
                .body()
        )
        #expect(gemini["generationConfig"] == ["maxOutputTokens": 4_096, "topP": 0.5] && gemini["safetySettings"] == [])
    }

    @Test(arguments: ["", "a", "ab", "abc", "abcd", "\u{0}ÿ漢"])
    func `bytes go into text and back`(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(Base64Text.decode(Base64Text.encode(bytes)) == bytes)
        #expect(Base64Text.decode("a!b=") == nil && Base64Text.decode("a") == nil)
    }
}
