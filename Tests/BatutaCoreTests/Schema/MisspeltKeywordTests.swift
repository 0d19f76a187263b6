import BatutaCore
import Testing

@Suite struct MisspeltKeywordTests {
    @Test(arguments: [
        ("minLenght", "minLength"), ("minlength", "minLength"), ("properites", "properties"), ("propertys", "properties"),
        ("descripton", "description"), ("requierd", "required"), ("enums", "enum"), ("typ", "type"), ("items ", "items"),
        ("aditionalProperties", "additionalProperties"), ("exclusiveMinmum", "exclusiveMinimum"), ("defualt", "default"),
        ("pattren", "pattern"), ("maxItem", "maxItems"), ("one_of", "oneOf"),
    ])
    func `a keyword with a wrong letter is found`(name: String, nearest: String) throws {
        let schema = try JSONSchema(["type": "object", "properties": ["a": .object(JSONObject([(name, 1)]))]])
        #expect(schema.misspelt.map(\.nearest) == [nearest])
        #expect(schema.misspelt.allSatisfy { $0.name == name && $0.pointer == "/properties/a" })
    }

    @Test(arguments: [
        "x-order", "note", "markdownDescription", "example", "nullable", "id", "$comment", "unit", "label", "secret", "order", "widget",
        "min",
        "dependencies", "xml", "help", "style", "group", "value", "name", "key", "ui:field", "errorMessage", "tags", "hint", "source",
    ])
    func `other keywords are nobody's business`(name: String) throws {
        #expect(try JSONSchema(["properties": ["a": .object(JSONObject([(name, "x")]))]]).misspelt.isEmpty)
    }

    @Test func `names of properties are no keywords`() throws {
        #expect(
            try JSONSchema(["properties": ["tpye": true, "itmes": ["enum": ["titel"]]], "required": ["tpye"], "default": ["typ": 1]])
                .misspelt.isEmpty
        )
    }
}
