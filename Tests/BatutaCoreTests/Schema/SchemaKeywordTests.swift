import BatutaCore
import Testing

@Suite struct SchemaKeywordTests {
    /// A schema, a value that fits, its twin that does not, and the keyword that says so.
    static let cases: [(schema: String, fits: String, breaks: String, keyword: String)] = [
        (#"{"type":"string"}"#, #""x""#, "1", "type"), (#"{"type":"number"}"#, "1.5", #""1.5""#, "type"),
        (#"{"type":"integer"}"#, "1.0", "1.5", "type"),
        (#"{"type":"integer"}"#, "1e3", "1e-1", "type"), (#"{"type":"integer"}"#, "123456789012345678901234567890", "true", "type"),
        (#"{"type":"boolean"}"#, "false", "0", "type"), (#"{"type":"null"}"#, "null", "false", "type"),
        (#"{"type":"array"}"#, "[]", "{}", "type"),
        (#"{"type":"object"}"#, "{}", "[]", "type"), (#"{"type":["string","null"]}"#, "null", "1", "type"),
        (#"{"type":["integer","string"]}"#, "2", "2.5", "type"),
        (#"{"enum":["a","b"]}"#, #""b""#, #""c""#, "enum"), (#"{"enum":[1,null,{"a":[1]}]}"#, #"{"a":[1.0]}"#, #"{"a":[2]}"#, "enum"),
        (#"{"enum":[1]}"#, "1", "2", "enum"),
        (#"{"enum":["é"]}"#, "\"\u{E9}\"", "\"e\u{301}\"", "enum"), (#"{"const":1}"#, "1.0", "true", "const"),
        (#"{"const":null}"#, "null", "0", "const"),
        (#"{"const":{"a":1,"b":2}}"#, #"{"b":2,"a":1}"#, #"{"a":1}"#, "const"), (#"{"const":false}"#, "false", "0", "const"),
        (#"{"const":"a"}"#, #""a""#, #""A""#, "const"),
        (#"{"minimum":1}"#, "1", "0.99", "minimum"), (#"{"minimum":9007199254740993}"#, "9007199254740993", "9007199254740992", "minimum"),
        (#"{"maximum":1.1}"#, "1.10", "1.11", "maximum"), (#"{"exclusiveMinimum":0}"#, "0.001", "0", "exclusiveMinimum"),
        (#"{"exclusiveMaximum":10}"#, "9.99", "10.0", "exclusiveMaximum"),
        (#"{"maximum":-1}"#, "-2", "0", "maximum"), (#"{"maximum":1e400}"#, "1e399", "1e401", "maximum"),
        (#"{"multipleOf":0.01}"#, "0.07", "0.075", "multipleOf"), (#"{"multipleOf":0.1}"#, "1.1", "1.15", "multipleOf"),
        (#"{"multipleOf":3}"#, "9", "10", "multipleOf"),
        (#"{"multipleOf":0.0001}"#, "0.0075", "0.00751", "multipleOf"),
        (#"{"multipleOf":5}"#, "1e30", "12345678901234567891", "multipleOf"), (#"{"multipleOf":1}"#, "0", "1e-3", "multipleOf"),
        (#"{"multipleOf":7}"#, "-14", "-13", "multipleOf"), (#"{"multipleOf":2}"#, #""x""#, "3", "multipleOf"),
        (#"{"minLength":2}"#, #""éé""#, #""é""#, "minLength"), (#"{"maxLength":1}"#, #""😀""#, #""ab""#, "maxLength"),
        (#"{"minLength":1.0}"#, #""a""#, #""""#, "minLength"),
        (#"{"pattern":"^[a-z]+$"}"#, #""abc""#, #""aBc""#, "pattern"), (#"{"pattern":"b"}"#, #""abc""#, #""ac""#, "pattern"),
        (#"{"pattern":"^\\p{L}+$"}"#, #""ação""#, #""a1""#, "pattern"),
        (#"{"pattern":"^\\u0041$"}"#, #""A""#, #""B""#, "pattern"),
        (#"{"format":"date"}"#, #""2024-02-29""#, #""2026-02-29""#, "format"),
        (#"{"format":"date"}"#, "20260101", #""2026-13-01""#, "format"),
        (#"{"format":"date"}"#, #""1999-12-31""#, #""26-01-01""#, "format"),
        (#"{"format":"date"}"#, #""2026-01-19""#, #""2026-1-19""#, "format"), (#"{"format":"time"}"#, #""18:30""#, #""24:00""#, "format"),
        (#"{"format":"time"}"#, #""18:30:59""#, #""18:60:00""#, "format"),
        (#"{"format":"time"}"#, #""18:30:00Z""#, #""18:30Z""#, "format"),
        (#"{"format":"time"}"#, #""18:30:00.25-03:00""#, #""6pm""#, "format"), (#"{"format":"time"}"#, #""00:00""#, #""""#, "format"),
        (#"{"format":"date-time"}"#, #""2026-01-19T18:00:00Z""#, #""2026-01-19T18:00:00""#, "format"),
        (#"{"format":"date-time"}"#, #""2026-01-19T18:00:00.5+02:00""#, #""2026-02-30T18:00:00Z""#, "format"),
        (#"{"format":"email"}"#, #""ana.souza+x@example.com.br""#, #""ana@@example.com""#, "format"),
        (#"{"format":"email"}"#, #""joão@exemplo.com""#, #""ana@""#, "format"),
        (#"{"format":"email"}"#, #""a@b""#, #""a..b@c.d""#, "format"),
        (#"{"format":"email"}"#, #""a-b@c-d.e""#, #""Ana <a@b.c>""#, "format"),
        (#"{"format":"email"}"#, #""o'hara@x.y""#, #""a@-b.c""#, "format"),
        (#"{"format":"uri"}"#, #""https://example.com/a?b=%20#c""#, #""example.com""#, "format"),
        (#"{"format":"uri"}"#, #""http://[::1]:8080/""#, #""http://""#, "format"),
        (#"{"format":"uri"}"#, #""urn:isbn:0451450523""#, #""https://exa mple.com""#, "format"),
        (#"{"format":"uri"}"#, #""mailto:a@b.c""#, #""https://a/%zz""#, "format"),
        (#"{"format":"uri"}"#, #""file:///etc/x""#, #""//a/b""#, "format"),
        (#"{"format":"uri"}"#, #""https://u:p@h:1/""#, #""https://h:x/""#, "format"),
        (#"{"format":"uuid"}"#, #""123e4567-e89b-12d3-a456-426614174000""#, #""123e4567e89b12d3a456426614174000""#, "format"),
        (#"{"format":"uuid"}"#, #""00000000-0000-0000-0000-00000000000F""#, #""00000000-0000-0000-0000-00000000000G""#, "format"),
        (#"{"format":"zip-code","maxLength":3}"#, #""any""#, #""four""#, "maxLength"),
        (#"{"properties":{"a":{"type":"string"}}}"#, #"{"a":"x","b":1}"#, #"{"a":1}"#, "type"),
        (#"{"properties":{"a":false}}"#, #"{"b":1}"#, #"{"a":1}"#, "false schema"),
        (#"{"required":["a","b"]}"#, #"{"a":null,"b":1}"#, #"{"a":1}"#, "required"), (#"{"required":["a"]}"#, "[]", "{}", "required"),
        (#"{"properties":{"a":true},"additionalProperties":false}"#, #"{"a":1}"#, #"{"a":1,"b":2}"#, "additionalProperties"),
        (#"{"additionalProperties":{"type":"integer"}}"#, #"{"x":1}"#, #"{"x":"1"}"#, "type"),
        (#"{"properties":{"a":true},"additionalProperties":{"type":"integer"}}"#, #"{"a":"x","b":1}"#, #"{"b":"x"}"#, "type"),
        (#"{"patternProperties":{"^x_":{"type":"number"}}}"#, #"{"x_a":1,"y":"s"}"#, #"{"x_a":"s"}"#, "type"),
        (#"{"patternProperties":{"^x_":true},"additionalProperties":false}"#, #"{"x_a":1}"#, #"{"y":1}"#, "additionalProperties"),
        (#"{"propertyNames":{"pattern":"^[a-z]+$"}}"#, #"{"abc":1}"#, #"{"ABC":1}"#, "propertyNames"),
        (#"{"propertyNames":{"maxLength":2}}"#, "{}", #"{"abc":1}"#, "propertyNames"),
        (#"{"minProperties":1}"#, #"{"a":1}"#, "{}", "minProperties"),
        (#"{"maxProperties":1}"#, #"{"a":1}"#, #"{"a":1,"b":2}"#, "maxProperties"),
        (#"{"dependentRequired":{"a":["b"]}}"#, #"{"a":1,"b":2}"#, #"{"a":1}"#, "dependentRequired"),
        (#"{"dependentRequired":{"a":["b"]}}"#, #"{"c":1}"#, #"{"a":null,"c":1}"#, "dependentRequired"),
        (#"{"dependentSchemas":{"a":{"required":["b"]}}}"#, #"{"a":1,"b":2}"#, #"{"a":1}"#, "required"),
        (#"{"items":{"type":"integer"}}"#, "[1,2]", "[1,\"2\"]", "type"), (#"{"items":false}"#, "[]", "[1]", "false schema"),
        (#"{"prefixItems":[{"type":"string"},{"type":"integer"}]}"#, #"["a",1,true]"#, #"["a","b"]"#, "type"),
        (#"{"prefixItems":[{"type":"string"}],"items":{"type":"integer"}}"#, #"["a",1]"#, #"["a","b"]"#, "type"),
        (#"{"prefixItems":[true],"items":false}"#, "[1]", "[1,2]", "false schema"),
        (#"{"contains":{"type":"string"}}"#, #"[1,"a"]"#, "[1]", "contains"),
        (#"{"contains":{"type":"string"},"minContains":2}"#, #"["a","b"]"#, #"["a"]"#, "contains"),
        (#"{"contains":{"type":"string"},"maxContains":1}"#, #"["a"]"#, #"["a","b"]"#, "maxContains"),
        (#"{"contains":{"const":1},"minContains":0,"maxContains":1}"#, "[]", "[1,1]", "maxContains"),
        (#"{"minItems":1}"#, "[1]", "[]", "minItems"), (#"{"maxItems":1}"#, "[1]", "[1,2]", "maxItems"),
        (#"{"uniqueItems":true}"#, "[1,2,\"1\",true]", "[1,2,1.0]", "uniqueItems"),
        (#"{"uniqueItems":true}"#, #"[{"a":1},{"a":2}]"#, #"[{"a":1,"b":2},{"b":2,"a":1}]"#, "uniqueItems"),
        (#"{"uniqueItems":true}"#, "[[1],[2]]", "[[1],[1]]", "uniqueItems"),
        (#"{"uniqueItems":true}"#, "[0,false,null,\"\"]", "[null,null]", "uniqueItems"),
        (#"{"allOf":[{"type":"integer"},{"minimum":1}]}"#, "2", "0", "minimum"),
        (#"{"anyOf":[{"type":"string"},{"type":"integer"}]}"#, "1", "1.5", "anyOf"),
        (#"{"anyOf":[{"minimum":5},{"maximum":1}]}"#, "0", "3", "minimum"),
        (#"{"oneOf":[{"multipleOf":2},{"multipleOf":3}]}"#, "4", "6", "oneOf"),
        (#"{"oneOf":[{"type":"string"},{"type":"null"}]}"#, "null", "1", "oneOf"),
        (#"{"not":{"type":"string"}}"#, "1", #""x""#, "not"), (#"{"not":{"required":["a"]}}"#, "{}", #"{"a":1}"#, "not"),
        (#"{"not":{"type":"boolean"}}"#, "1", "true", "not"),
        (
            #"{"if":{"properties":{"k":{"const":"a"}}},"then":{"required":["x"]},"else":{"required":["y"]}}"#, #"{"k":"a","x":1}"#,
            #"{"k":"a","y":1}"#, "required"
        ),
        (
            #"{"if":{"properties":{"k":{"const":"a"}}},"then":{"required":["x"]},"else":{"required":["y"]}}"#, #"{"k":"b","y":1}"#,
            #"{"k":"b","x":1}"#, "required"
        ),
        (#"{"if":{"type":"string"},"then":{"minLength":1}}"#, "1", #""""#, "minLength"),
        (#"{"then":{"type":"string"},"minimum":1}"#, "1", "0", "minimum"),
        (##"{"$ref":"#/$defs/a","$defs":{"a":{"type":"integer"}}}"##, "1", #""1""#, "type"),
        (##"{"$defs":{"a":{"$anchor":"here","type":"integer"}},"$ref":"#here"}"##, "1", #""1""#, "type"),
        (
            ##"{"properties":{"c":{"$ref":"#"}},"additionalProperties":false}"##, #"{"c":{"c":{}}}"#, #"{"c":{"d":{}}}"#,
            "additionalProperties"
        ),
        (
            ##"{"$defs":{"a/b":{"type":"null"},"t~":{"type":"string"}},"prefixItems":[{"$ref":"#/$defs/a~1b"},{"$ref":"#/$defs/t~0"}]}"##,
            #"[null,"x"]"#, "[null,1]", "type"
        ),
        (##"{"$defs":{"a b":{"type":"null"}},"$ref":"#/$defs/a%20b"}"##, "null", "1", "type"),
        (##"{"$ref":"#/$defs/a","minimum":5,"$defs":{"a":{"type":"integer"}}}"##, "5", "4", "minimum"),
        (##"{"$id":"https://x.y/s","$ref":"https://x.y/s#/$defs/a","$defs":{"a":{"type":"integer"}}}"##, "5", "\"\"", "type"),
        (##"{"$ref":"#/properties/a","properties":{"a":{"type":"object"}}}"##, #"{"a":{}}"#, #"{"a":1}"#, "type"),
        (
            #"{"$schema":"http://json-schema.org/draft-07/schema#","items":[{"type":"string"}],"additionalItems":false}"#, #"["a"]"#,
            #"["a",1]"#, "false schema"
        ),
        (
            #"{"$schema":"http://json-schema.org/draft-07/schema#","dependencies":{"a":["b"],"c":{"required":["d"]}}}"#, #"{"a":1,"b":1}"#,
            #"{"c":1}"#, "required"
        ),
        (
            #"{"title":"t","description":"d","default":1,"examples":[1],"x-unknown":{"type":"string"},"deprecated":true,"type":"integer"}"#,
            "1", #""x""#, "type"
        ),
    ]

    @Test(arguments: cases) func `S0.12 each keyword lets the fitting value through and names itself for the other`(
        schema: String,
        fits: String,
        breaks: String,
        keyword: String
    ) throws {
        let schema = try JSONSchema(JSON.parse(schema))
        #expect(schema.violations(of: try JSON.parse(fits)) == [])
        #expect(schema.accepts(try JSON.parse(fits)))
        let violations = schema.violations(of: try JSON.parse(breaks))
        #expect(violations.map(\.keyword) == [keyword])
        #expect(!schema.accepts(try JSON.parse(breaks)))
    }

    @Test(arguments: ["null", "true", "1.5", #""x""#, "[1]", #"{"a":1}"#]) func `true lets everything through and false nothing`(
        value: String
    ) throws {
        let json = try JSON.parse(value)
        #expect(try JSONSchema(true).violations(of: json).isEmpty)
        #expect(try JSONSchema([:]).violations(of: json).isEmpty)
        #expect(try JSONSchema(false).violations(of: json).map(\.keyword) == ["false schema"])
    }

    /// A schema that is none, and the place of the mistake.
    static let broken: [(String, String, SchemaError.Code)] = [
        ("1", "", .invalidKeyword), ("null", "", .invalidKeyword), (#""object""#, "", .invalidKeyword),
        (#"{"type":"strin"}"#, "/type", .invalidKeyword), (#"{"type":[]}"#, "/type", .invalidKeyword),
        (#"{"type":["string",1]}"#, "/type", .invalidKeyword), (#"{"type":1}"#, "/type", .invalidKeyword),
        (#"{"enum":"a"}"#, "/enum", .invalidKeyword), (#"{"minimum":"1"}"#, "/minimum", .invalidKeyword),
        (#"{"exclusiveMinimum":true}"#, "/exclusiveMinimum", .invalidKeyword), (#"{"multipleOf":0}"#, "/multipleOf", .invalidKeyword),
        (#"{"multipleOf":-1}"#, "/multipleOf", .invalidKeyword),
        (#"{"minLength":-1}"#, "/minLength", .invalidKeyword), (#"{"maxItems":1.5}"#, "/maxItems", .invalidKeyword),
        (#"{"pattern":"("}"#, "/pattern", .invalidPattern), (#"{"pattern":"(?=a)"}"#, "/pattern", .invalidPattern),
        (#"{"pattern":1}"#, "/pattern", .invalidKeyword), (#"{"format":1}"#, "/format", .invalidKeyword),
        (#"{"properties":[]}"#, "/properties", .invalidKeyword), (#"{"properties":{"a":1}}"#, "/properties/a", .invalidKeyword),
        (#"{"properties":{"a":{"properties":{"b/c":{"type":"x"}}}}}"#, "/properties/a/properties/b~1c/type", .invalidKeyword),
        (#"{"patternProperties":{"[":true}}"#, "/patternProperties", .invalidPattern),
        (#"{"required":"a"}"#, "/required", .invalidKeyword), (#"{"required":[1]}"#, "/required", .invalidKeyword),
        (#"{"additionalProperties":"no"}"#, "/additionalProperties", .invalidKeyword),
        (#"{"items":[{}]}"#, "/items", .invalidKeyword), (#"{"prefixItems":{}}"#, "/prefixItems", .invalidKeyword),
        (#"{"uniqueItems":"yes"}"#, "/uniqueItems", .invalidKeyword), (#"{"allOf":[]}"#, "/allOf", .invalidKeyword),
        (#"{"anyOf":{}}"#, "/anyOf", .invalidKeyword), (#"{"oneOf":[true,7]}"#, "/oneOf/1", .invalidKeyword),
        (#"{"not":1}"#, "/not", .invalidKeyword), (#"{"dependentRequired":{"a":"b"}}"#, "/dependentRequired", .invalidKeyword),
        (##"{"$ref":"#/$defs/nope"}"##, "/$ref", .unresolvedReference), (##"{"$ref":"#nope"}"##, "/$ref", .unresolvedReference),
        (#"{"$ref":"https://example.com/s.json"}"#, "/$ref", .unresolvedReference),
        (#"{"$ref":"other.json"}"#, "/$ref", .unresolvedReference), (##"{"$ref":"#/%zz"}"##, "/$ref", .unresolvedReference),
        (#"{"$ref":1}"#, "/$ref", .invalidKeyword), (##"{"$ref":"#/type","type":"string"}"##, "/type", .invalidKeyword),
        (#"{"$defs":{"unused":{"type":"strng"}}}"#, "/$defs/unused/type", .invalidKeyword),
        (#"{"items":{"minimum":null}}"#, "/items/minimum", .invalidKeyword),
    ]

    @Test(arguments: broken) func `a mistake in a schema is found when it is compiled, with its place`(
        schema: String,
        pointer: String,
        code: SchemaError.Code
    ) throws {
        let json = try JSON.parse(schema)
        let error = #expect(throws: SchemaError.self) { try JSONSchema(json) }
        #expect(error?.pointer == pointer)
        #expect(error?.code == code)
    }
}
