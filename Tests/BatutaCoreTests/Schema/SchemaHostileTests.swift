import BatutaCore
import Testing

@Suite struct SchemaHostileTests {
    @Test(arguments: [
        ##"{"$ref":"#"}"##, ##"{"allOf":[{"$ref":"#"},{"$ref":"#"}]}"##, ##"{"not":{"$ref":"#"}}"##,
        ##"{"anyOf":[{"$ref":"#"},{"type":"null"}]}"##,
        ##"{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}"##, ##"{"if":{"$ref":"#"},"then":true}"##,
        ##"{"oneOf":[{"$ref":"#"},{"$ref":"#"},{"$ref":"#"}]}"##,
    ])
    func `a schema that refers to itself without end is a refusal and never a trap`(schema: String) throws {
        let schema = try JSONSchema(JSON.parse(schema))
        #expect(schema.violations(of: 1).map(\.keyword) == ["limit"])
        #expect(!schema.accepts(1))
    }

    @Test func `a recursive schema follows a deep value`() throws {
        let schema = try JSONSchema(JSON.parse(##"{"$ref":"#/$defs/n","$defs":{"n":{"items":{"$ref":"#/$defs/n"},"type":"array"}}}"##))
        let deep = try JSON.parse(String(repeating: "[", count: 128) + String(repeating: "]", count: 128))
        #expect(schema.violations(of: deep).isEmpty)
        let wrong = try JSON.parse(String(repeating: "[", count: 100) + "1" + String(repeating: "]", count: 100))
        #expect(schema.violations(of: wrong).map(\.keyword) == ["type"])
    }

    @Test func `a value beyond every depth is refused`() throws {
        let schema = try JSONSchema(JSON.parse(##"{"items":{"$ref":"#"}}"##))
        let deep = try JSON.parse(
            String(repeating: "[", count: 1_000) + String(repeating: "]", count: 1_000),
            limits: JSONLimits(depth: 1_000)
        )
        #expect(schema.violations(of: deep).map(\.keyword) == ["limit"])
    }

    @Test func `branching that multiplies ends with a refusal`() throws {
        var definitions = JSONObject([("d0", ["type": "null"])])
        for level in 1...40 {
            let reference: JSON = ["$ref": .string("#/$defs/d\(level - 1)")]
            definitions["d\(level)"] = ["allOf": [["anyOf": [reference, reference]], ["anyOf": [reference, reference]]]]
        }
        let schema = try JSONSchema(["$ref": "#/$defs/d40", "$defs": .object(definitions)])
        #expect(schema.violations(of: 1).map(\.keyword) == ["limit"])
    }

    @Test func `a schema of too many parts, or a long chain of references, does not exhaust the stack`() throws {
        let many = JSON.array((0..<20_001).map { _ in ["type": "null"] })
        #expect(#expect(throws: SchemaError.self) { try JSONSchema(["anyOf": many]) }?.code == .tooLarge)
        var definitions = JSONObject()
        for index in 0..<5_000 { definitions["d\(index)"] = ["$ref": .string("#/$defs/d\(index + 1)")] }
        definitions["d5000"] = true
        let chain = try JSONSchema(["$ref": "#/$defs/d0", "$defs": .object(definitions)])
        #expect(chain.violations(of: 1).map(\.keyword) == ["limit"])
    }

    @Test func `a hundred thousand unknown members end in a short list`() throws {
        let schema = try JSONSchema(["properties": ["campaign": true], "additionalProperties": false])
        let value = JSON.object(JSONObject((0..<100_000).map { ("campaig\($0)", JSON.null) }))
        #expect(schema.violations(of: value).count == 50)
    }

    @Test func `large lists of equal objects are compared in linear time`() throws {
        let schema = try JSONSchema(["uniqueItems": true])
        let elements = (0..<20_000).map { JSON.object(["key": .int($0), "other": "x"]) }
        #expect(schema.violations(of: .array(elements)).isEmpty)
        #expect(schema.violations(of: .array(elements + [["other": "x", "key": 7]])).map(\.keyword) == ["uniqueItems"])
    }

    @Test func `a hostile pattern and text stay linear`() throws {
        let schema = try JSONSchema(["pattern": "^(a+)+$"])
        #expect(schema.violations(of: .string(String(repeating: "a", count: 100_000) + "b")).map(\.keyword) == ["pattern"])
    }

    @Test func `one schema serves many tasks at once`() async throws {
        let schema = try JSONSchema(["properties": ["a": ["pattern": "^x+$"]]])
        await withTaskGroup(of: Bool.self) { group in
            for index in 0..<100 { group.addTask { schema.accepts(["a": .string(index % 2 == 0 ? "xx" : "y")]) == (index % 2 == 0) } }
            for await right in group { #expect(right) }
        }
    }
}
