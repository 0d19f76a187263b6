import BatutaCore
import BatutaTools
import Testing

@Suite struct `Validation of arguments` {
    static let parameters: JSON = [
        "type": "object",
        "properties": [
            "campaign_id": ["type": "string", "pattern": "^[0-9]+$"],
            "daily_budget": ["type": "number", "minimum": 1],
            "limit": ["type": "integer"],
            "dry": ["type": "boolean"],
            "targeting": ["type": "object", "properties": ["age": ["type": "integer"]]],
            "tags": ["type": "array", "items": ["type": "integer"]],
            "start": ["type": "string", "format": "date"],
            "note": ["type": ["string", "number"]],
        ],
        "required": ["campaign_id"],
        "additionalProperties": false,
    ]

    private func validate(_ arguments: ModelToolCall.Arguments, tool: String = "pause", problems: [String] = []) -> ArgumentValidation {
        let definition = ToolDefinition(name: "pause", description: "Pauses.", parameters: Self.parameters)
        let registry = ToolCatalog([CheckedTool(definition: definition, words: problems)]).everything
        return ToolRuntime.test(InstantTime()).validate(tool: tool, arguments: arguments, context: .test(), in: registry)
    }

    private func words(_ validation: ArgumentValidation) throws -> String {
        guard case .refused(let result) = validation else { throw Unexpected(validation: validation) }
        #expect(result.code == "invalid_arguments")
        return try #require(result.error)
    }

    struct Unexpected: Error { let validation: ArgumentValidation }

    @Test func `S0.12 arguments that fit pass unchanged, digits of long numbers included`() {
        let arguments: JSON = ["campaign_id": "1", "daily_budget": 12345678901234567]
        #expect(validate(.valid(arguments)) == .accepted(arguments, repairs: []))
    }

    @Test(
        arguments: [
            (#"{"campaign_id":"1","limit":"10"}"#, ["campaign_id": "1", "limit": 10], "/limit: text read as number"),
            (
                #"{"campaign_id":"1","daily_budget":"10.50"}"#, ["campaign_id": "1", "daily_budget": 10.5],
                "/daily_budget: text read as number"
            ),
            (#"{"campaign_id":"1","dry":"true"}"#, ["campaign_id": "1", "dry": true], "/dry: text read as boolean"),
            (
                #"{"campaign_id":"1","targeting":"{\"age\":\"30\"}"}"#, ["campaign_id": "1", "targeting": ["age": 30]],
                "/targeting: text read as object"
            ),
            (#"{"campaign_id":"1","tags":["7"]}"#, ["campaign_id": "1", "tags": [7]], "/tags/0: text read as number"),
            (#""{\"campaign_id\":\"1\"}""#, ["campaign_id": "1"], "/: text read as object"),
        ] as [(String, JSON, String)]
    ) func `a right value in quotation marks is read, and that is recorded`(text: String, value: JSON, repair: String) throws {
        guard case .accepted(let arguments, let repairs) = validate(.malformed(text)) else {
            Issue.record("refused")
            return
        }
        #expect(arguments == value)
        #expect(repairs.first == repair)
    }

    @Test(arguments: [
        #"{"campaign_id":"1","limit":"ten"}"#, #"{"campaign_id":"1","limit":"1.5"}"#, #"{"campaign_id":"1","dry":"yes"}"#,
        #"{"campaign_id":"1","dry":"True"}"#,
        #"{"campaign_id":"1","limit":true}"#, #"{"campaign_id":1}"#, #"{"campaign_id":"1","targeting":"[1]"}"#,
        #"{"campaign_id":"1","daily_budget":"1e"}"#, #"{"campaign_id":"1","dry":1}"#, #"[]"#, #""text""#, "null", "7",
    ]) func `what is not certain is not repaired`(text: String) throws { _ = try words(validate(.malformed(text))) }

    @Test func `S0.12 all problems are told at once, nothing happens`() throws {
        #expect(
            try words(validate(.valid(["campaign_id": "abc", "limit": 1.5, "budget": 3, "start": "2026-02-30"])))
                .hasPrefix("The arguments of pause do not fit, nothing was done:\n- ")
        )
        let text = try words(validate(.valid(["limit": 1.5, "buget": 3, "start": "2026-02-30"])))
        for part in ["missing required property `campaign_id`", "must be an integer, got number 1.5", "unknown property `buget`", "start"] {
            #expect(text.contains(part), "\(text)")
        }
        #expect(text.hasSuffix("\nCorrect them and call pause again."))
    }

    @Test func `S0.13 a date that does not exist is refused`() throws {
        #expect(try words(validate(.valid(["campaign_id": "1", "start": "2026-02-30"]))).contains("start"))
        #expect(
            validate(.valid(["campaign_id": "1", "start": "2026-02-28"])) != validate(.valid(["campaign_id": "1", "start": "2026-02-30"]))
        )
    }

    @Test func `text that is no JSON is shown back`() throws {
        let text = try words(validate(.malformed(#"{"campaign_id": 1"#)))
        #expect(text.hasPrefix(#"The arguments of pause are not valid JSON, nothing was done: “{"campaign_id": 1”"#))
        #expect(text.hasSuffix("\nCall pause again with one JSON object."))
    }

    @Test func `arguments that never came are not taken for none`() throws {
        #expect(try words(validate(.malformed("  "))).contains("reached the limit of its length; nothing was done"))
        #expect(try words(validate(.valid([:]))).contains("missing required property `campaign_id`"))
    }

    @Test func `a check gives its own words`() throws {
        let words = try words(validate(.valid(["campaign_id": "1"]), problems: ["Keep the reason under 500 characters."]))
        #expect(
            words
                == "The arguments of pause do not fit, nothing was done:\n- Keep the reason under 500 characters.\nCorrect them and call pause again."
        )
    }

    @Test func `S3.30 an unknown tool is found before its arguments are looked at`() {
        guard case .refused(let result) = validate(.malformed("{"), tool: "puase") else {
            Issue.record("accepted")
            return
        }
        #expect(result.error == "There is no tool “puase”. Did you mean pause? The tools you can call: pause.")
    }

    @Test func `a tool whose schema is wrong says so and is not called`() async {
        let tool = ScriptedTool(ToolDefinition(name: "odd", description: "", parameters: ["type": "nonsense"]), [.ok])
        let result = await ToolRuntime.test(InstantTime()).execute(.test("odd"), in: ToolCatalog([tool]).everything)
        #expect(result.code == "tool_misconfigured")
        #expect(tool.calls.isEmpty)
    }

    @Test func `a call with arguments that do not fit never leaves, by whatever way it came`() async {
        let tool = ScriptedTool(ToolDefinition(name: "pause", description: "", parameters: Self.parameters), [.ok])
        let result = await ToolRuntime.test(InstantTime()).execute(.test("pause"), in: ToolCatalog([tool]).everything)
        #expect(result.code == "invalid_arguments")
        #expect(tool.calls.isEmpty)
    }
}

struct CheckedTool: ArgumentChecking {
    let definition: ToolDefinition
    let words: [String]

    func problems(with arguments: JSON, context: ToolContext) -> [String] { words }
    func attempt(_ call: ToolCall) async -> ToolAttempt { .ok }
}
