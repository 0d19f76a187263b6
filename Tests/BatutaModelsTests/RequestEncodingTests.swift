import BatutaCore
import Testing

@testable import BatutaModels

@Suite struct RequestEncodingTests {
    private func settings(_ model: String = "m", temperature: Double? = 0.2, extra: JSONObject = [:]) -> ModelSettings {
        ModelSettings(name: "default", provider: "p", model: model, temperature: temperature, maxOutputTokens: 77, extra: extra)
    }

    private func encoded(_ request: ModelRequest, baseURL: String = "http://127.0.0.1:1/v1") throws -> JSON {
        try JSON.parse(ChatRequestEncoder(dialect: ChatDialect(baseURL: baseURL)).body(of: request))
    }

    @Test func `a conversation with tools becomes the body that OpenAI documents`() throws {
        let id = CallID(trusted: "call_01")
        let schema = Array(#"{"type":"object","properties":{"n":{"maximum":12345678901234567890}}}"#.utf8)
        let request = ModelRequest(
            settings: settings(),
            agent: "a",
            system: "Be brief.",
            turns: [
                .user("oi \"você\"\u{1}"),
                .assistant(text: "", calls: [ModelToolCall(id: id, tool: "sum", arguments: .valid(["a": 1]))]),
                .tool(callID: id, tool: "sum", envelope: Array(#"{"success":true,"data":"ç"}"#.utf8)),
                .assistant(text: "done", calls: []),
                .assistant(text: "hm", calls: [ModelToolCall(id: id, tool: "x", arguments: .malformed("{oops"))]),
            ],
            tools: [ToolOffer(name: "sum", description: "Adds.", parameters: schema)]
        )
        let body = ChatRequestEncoder(dialect: ChatDialect(baseURL: "http://127.0.0.1:1/v1")).body(of: request)
        let expected =
            #"{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"oi \"você\"\u0001"},"#
            + #"{"role":"assistant","content":null,"tool_calls":[{"id":"call_01","type":"function","function":{"name":"sum","arguments":"{\"a\":1}"}}]},"#
            + #"{"role":"tool","tool_call_id":"call_01","content":"{\"success\":true,\"data\":\"ç\"}"},{"role":"assistant","content":"done"},"#
            + #"{"role":"assistant","content":"hm","tool_calls":[{"id":"call_01","type":"function","function":{"name":"x","arguments":"{\"malformed_arguments\":\"{oops\"}"}}]}],"#
            + #""tools":[{"type":"function","function":{"name":"sum","description":"Adds.","parameters":{"type":"object","properties":{"n":{"maximum":12345678901234567890}}}}}],"#
            + #""stream":true,"stream_options":{"include_usage":true},"temperature":0.2,"max_tokens":77}"#
        #expect(String(decoding: body, as: UTF8.self) == expected)
    }

    @Test(arguments: [
        ("https://api.openai.com/v1", "gpt-5-mini", true), ("https://api.openai.com/v1", "gpt-3.5-turbo", false),
        ("https://x.openai.azure.com/v1", "gpt-4o", true),
        ("https://generativelanguage.googleapis.com/v1beta/openai", "gemini-2.5-pro", true),
        ("https://api.groq.com/openai/v1", "llama", false), ("http://127.0.0.1:1/v1", "gpt-5", false),
    ])
    func `a schema for the answer is told where it is kept`(_ url: String, _ model: String, _ isTold: Bool) throws {
        var request = ModelRequest(settings: settings(model), agent: "a", system: "", turns: [.user("x")], tools: [], streams: false)
        let schema: JSON = ["type": "object", "properties": ["n": ["type": "integer"]], "required": ["n"], "additionalProperties": false]
        request.output = OutputSchema(try JSONSchema(schema))
        let format = try encoded(request, baseURL: url)["response_format"]
        #expect((format == ["type": "json_schema", "json_schema": ["name": "answer", "strict": true, "schema": schema]]) == isTold)
        #expect((format == nil) != isTold)
        request.settings.extra = ["response_format": .null]
        #expect(try encoded(request, baseURL: url)["response_format"] == nil)
    }

    @Test func `a schema beyond the strict ones is a wish, and beside tools Gemini is not told`() throws {
        var request = ModelRequest(settings: settings("gpt-5"), agent: "a", system: "", turns: [.user("x")], tools: [], streams: false)
        request.output = OutputSchema(try JSONSchema(["type": "object", "properties": ["n": ["type": "integer"]]]))
        #expect(try encoded(request, baseURL: "https://api.openai.com/v1")["response_format"]?["json_schema"]?["strict"] == false)
        request.tools = [ToolOffer(name: "sum", description: "Adds.", parameters: Array("{}".utf8))]
        #expect(try encoded(request, baseURL: "https://generativelanguage.googleapis.com/v1beta/openai")["response_format"] == nil)
        #expect(try encoded(request, baseURL: "https://api.openai.com/v1")["response_format"] != nil)
        request.output = OutputSchema(try JSONSchema(["type": "array"]))
        #expect(try encoded(request, baseURL: "https://api.openai.com/v1")["response_format"] == nil)
    }

    @Test func `without tools, system or stream nothing is sent for them`() throws {
        let request = ModelRequest(
            settings: settings(temperature: nil),
            agent: "a",
            system: "",
            turns: [.user("x")],
            tools: [],
            streams: false
        )
        #expect(try encoded(request) == ["model": "m", "messages": [["role": "user", "content": "x"]], "stream": false, "max_tokens": 77])
    }

    struct Limit: Sendable, CustomTestStringConvertible {
        var url: String
        var model: String
        var field: String
        var hasTemperature: Bool
        var testDescription: String { "\(model) at \(url)" }
    }

    @Test(arguments: [
        Limit(url: "https://api.openai.com/v1", model: "gpt-5-mini", field: "max_completion_tokens", hasTemperature: false),
        Limit(url: "https://API.openai.com:443/v1/", model: "gpt-5-chat-latest", field: "max_completion_tokens", hasTemperature: true),
        Limit(url: "https://api.openai.com/v1", model: "o3-mini", field: "max_completion_tokens", hasTemperature: false),
        Limit(url: "https://api.openai.com/v1", model: "gpt-4.1", field: "max_completion_tokens", hasTemperature: true),
        Limit(url: "https://x.openai.azure.com/openai/v1", model: "gpt-5", field: "max_completion_tokens", hasTemperature: false),
        Limit(url: "https://api.groq.com/openai/v1", model: "llama", field: "max_completion_tokens", hasTemperature: true),
        Limit(url: "https://openrouter.ai/api/v1", model: "openai/gpt-5", field: "max_tokens", hasTemperature: true),
        Limit(url: "http://127.0.0.1:11434/v1", model: "gpt-5", field: "max_tokens", hasTemperature: true),
        Limit(url: "http://api.openai.com.evil.example/v1", model: "o3", field: "max_tokens", hasTemperature: true),
        Limit(url: "nonsense", model: "o3", field: "max_tokens", hasTemperature: true),
    ])
    func `the bound and the temperature are written as the server wants them`(_ limit: Limit) throws {
        let request = ModelRequest(settings: settings(limit.model), agent: "a", system: "", turns: [], tools: [])
        let body = try encoded(request, baseURL: limit.url)
        #expect(body[limit.field] == 77)
        #expect((body["max_tokens"] == nil) != (body["max_completion_tokens"] == nil))
        #expect((body["temperature"] != nil) == limit.hasTemperature)
    }

    @Test func `extra fields win over ours, null leaves one out, and the substance cannot be replaced`() throws {
        let extra: JSONObject = [
            "temperature": 1, "max_completion_tokens": 5, "stream_options": nil, "seed": 7, "model": "other", "messages": [],
            "stream": false, "tools": [],
        ]
        let request = ModelRequest(settings: settings(extra: extra), agent: "a", system: "", turns: [.user("x")], tools: [])
        let body = try encoded(request)
        #expect(
            body == [
                "model": "m", "messages": [["role": "user", "content": "x"]], "stream": true, "temperature": 1, "max_completion_tokens": 5,
                "seed": 7,
            ]
        )
    }
}
