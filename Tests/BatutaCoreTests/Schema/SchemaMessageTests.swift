import BatutaCore
import Testing

@Suite struct SchemaMessageTests {
    static let campaign = """
        {"type":"object","required":["campaign_id","budget"],"additionalProperties":false,"properties":{
        "campaign_id":{"type":"string","minLength":3},"budget":{"type":"number","minimum":1},"status":{"enum":["ACTIVE","PAUSED"]},
        "tags":{"type":"array","items":{"type":"string"},"maxItems":2},"when":{"anyOf":[{"type":"string","format":"date"},{"type":"null"}]},
        "target":{"oneOf":[{"type":"object","required":["kind","id"],"properties":{"kind":{"const":"page"},"id":{"type":"integer"}}},
        {"type":"object","required":["kind","url"],"properties":{"kind":{"const":"site"},"url":{"format":"uri"}}}]}}}
        """

    static let cases: [(value: String, messages: [String])] = [
        (#"{"campaign_id":"c_1","budget":"ten"}"#, [#"`/budget` must be a number, got string "ten"; write it without quotes"#]),
        (#"{"campaign_id":"c_1","budget":0.5}"#, ["`/budget` must be at least 1, got 0.5"]),
        (#"{"campaign_id":"c_1"}"#, ["missing required property `budget`"]),
        ("{}", ["missing required properties `campaign_id`, `budget`"]),
        (
            #"{"campain_id":"c_1","budget":1,"campaign_id":"abc"}"#,
            ["unknown property `campain_id`; did you mean `campaign_id`? allowed: campaign_id, budget, status, tags, when, target"]
        ),
        (
            #"{"campaign_id":"c_1","budget":1,"zzzz":1}"#,
            ["unknown property `zzzz`; allowed: campaign_id, budget, status, tags, when, target"]
        ),
        (
            #"{"campaign_id":"c_1","budget":1,"status":"ACTVE"}"#,
            [#"`/status` must be one of ACTIVE, PAUSED; got "ACTVE"; nearest: ACTIVE"#]
        ),
        (#"{"campaign_id":"c_1","budget":1,"status":"on"}"#, [#"`/status` must be one of ACTIVE, PAUSED; got "on""#]),
        (#"{"campaign_id":7,"budget":1}"#, ["`/campaign_id` must be a string, got number 7; write it in quotes"]),
        (
            #"{"campaign_id":"c_1","budget":1,"tags":"a"}"#,
            [#"`/tags` must be an array, got string "a"; write it as an array in [ ], not as text"#]
        ),
        (
            #"{"campaign_id":"c_1","budget":1,"tags":["a",1,"c"]}"#,
            ["`/tags` must have at most 2 elements, has 3", "`/tags/1` must be a string, got number 1; write it in quotes"]
        ),
        (
            #"{"campaign_id":"c_1","budget":1,"when":"2026-02-30"}"#,
            [#"`/when` must be a date of the calendar like 2026-01-19, got "2026-02-30""#]
        ),
        (
            #"{"campaign_id":"c_1","budget":1,"when":5}"#,
            [
                "`/when` fits none of 2 alternatives: `/when` must be a string, got number 5; write it in quotes; or `/when` must be null, got number 5"
            ]
        ),
        (#"{"campaign_id":"c_1","budget":1,"target":{"kind":"site"}}"#, ["missing required property `url` in `/target`"]),
        (
            #"{"campaign_id":"c_1","budget":1,"target":{"kind":"page","id":"x"}}"#,
            [#"`/target/id` must be an integer, got string "x"; write it without quotes"#]
        ),
        ("[]", ["the value must be an object, got an empty array"]),
        (#""{}""#, [#"the value must be an object, got string "{}"; write it as an object in { }, not as text"#]),
        ("null", ["the value must be an object, got null; give a value or leave it out"]),
    ]

    @Test(arguments: cases) func `S0.12 a message tells a model what to write instead`(value: String, messages: [String]) throws {
        let schema = try JSONSchema(JSON.parse(Self.campaign))
        #expect(schema.violations(of: try JSON.parse(value)).map(\.message) == messages)
    }

    @Test func `pointers lead to the value, with escapes`() throws {
        let schema = try JSONSchema(JSON.parse(#"{"additionalProperties":{"items":{"type":"integer"}}}"#))
        let value = try JSON.parse(#"{"a/b~":[1,"x"]}"#)
        let violation = try #require(schema.violations(of: value).first)
        #expect(violation.pointer == "/a~1b~0/1")
        #expect(value[pointer: violation.pointer]?.string == "x")
    }

    @Test func `long values, names and lists are shortened`() throws {
        let long = String(repeating: "é", count: 100_000)
        let schema = try JSONSchema(["type": "object", "additionalProperties": false, "properties": ["a": ["type": "number"]]])
        for violation in schema.violations(of: ["a": .string(long), "b": 1]) + schema.violations(of: .object(JSONObject([(long, 1)]))) {
            #expect(violation.message.utf8.count < 500)
        }
        let many = try JSONSchema(["enum": .array((0..<500).map { .string("value\($0)") })])
        #expect(many.violations(of: "x").first.map { $0.message.utf8.count < 500 && $0.message.contains("480 more") } == true)
    }

    @Test func `a schema error reads as one sentence with its place`() {
        let error = #expect(throws: SchemaError.self) { try JSONSchema(["properties": ["a": ["type": "strin"]]]) }
        #expect(error?.description.hasPrefix("schema, at `/properties/a/type`: `strin` is not a type (did you mean `string`?);") == true)
    }
}
