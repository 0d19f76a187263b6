import BatutaAgents
import BatutaCore
import Testing

@Suite struct YAMLScalarTests {
    @Test(arguments: [
        ("on", "\"on\""), ("off", "\"off\""), ("yes", "\"yes\""), ("No", "\"No\""), ("y", "\"y\""),
        ("true", "true"), ("True", "true"), ("TRUE", "true"), ("tRUE", "\"tRUE\""), ("false", "false"), ("FALSE", "false"),
        ("null", "null"), ("Null", "null"), ("NULL", "null"), ("~", "null"), ("", "null"), ("nULL", "\"nULL\""),
        ("0", "0"), ("12", "12"), ("-12", "-12"), ("+12", "12"), ("007", "7"), ("-0", "-0"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("0o17", "15"), ("0o18", "\"0o18\""), ("0x1F", "31"), ("0xfg", "\"0xfg\""), ("017", "17"), ("0b1", "\"0b1\""),
        ("1_000", "\"1_000\""),
        ("1.50", "1.50"), (".5", "0.5"), ("-.5", "-0.5"), ("1.", "1"), ("1e3", "1e3"), ("1.5E-3", "1.5E-3"), ("+.5e+1", "0.5e+1"),
        (".", "\".\""), ("-", "[null]"), ("1e", "\"1e\""), ("e1", "\"e1\""), ("1.2.3", "\"1.2.3\""), ("0x", "\"0x\""), ("+", "\"+\""),
        ("12:30", "\"12:30\""), ("2026-01-01", "\"2026-01-01\""), ("\"12\"", "\"12\""), ("'true'", "\"true\""), ("\"null\"", "\"null\""),
        ("!!str 12", "\"12\""), ("!!int 12", "12"), ("! 12", "\"12\""), ("!!float 1", "1"), ("!!null ''", "null"), ("!!bool true", "true"),
        ("|\n  a\n  b\n", "\"a\\nb\\n\""), (">-\n  a\n  b\n", "\"a b\""), ("|+\n  a\n\n", "\"a\\n\\n\""), ("\"\\u00e9\\n\"", "\"é\\n\""),
    ])
    func `a plain scalar means what the core schema of YAML 1_2 says`(text: String, json: String) throws {
        #expect(try YAML.parse(Array(text.utf8)).json.text == json)
    }

    @Test(arguments: [
        (".inf", YAMLError.Code.invalidNumber), ("-.INF", .invalidNumber), (".nan", .invalidNumber),
        ("0xFFFFFFFFFFFFFFFFF", .invalidNumber),
        ("!!int x", .invalidTag), ("!!int 1.5", .invalidTag), ("!!bool 1", .invalidTag), ("!!seq {}", .invalidTag),
        ("!!map []", .invalidTag),
        ("!!binary aGk=", .invalidTag), ("!local x", .invalidTag), ("!!timestamp 2026-01-01", .invalidTag), ("!!set {a}", .invalidTag),
        ("[a", .syntax), ("a: b: c", .syntax), ("'a", .syntax), ("a: \"b", .syntax), ("\tb: 1", .syntax), ("@a", .syntax), ("`a`", .syntax),
        ("%YAML 3.0\n---\na", .syntax), ("a: 1\n b: 2", .syntax), ("\u{1}", .syntax), ("- a\nb: c", .syntax),
        ("a: 1\na: 2", .duplicateKey), ("{a: 1, 'a': 2}", .duplicateKey), ("1: a\n\"1\": b", .duplicateKey),
        ("? [a]\n: b", .invalidKey), ("{{a: 1}: b}", .invalidKey), ("~: b", .invalidKey), ("a: &x {b: 1}\nc: {<<: *x}", .invalidKey),
        ("a\n---\nb", .severalDocuments), ("a\n...\n---\nb", .severalDocuments), ("*x", .unknownAlias), ("a: *x\nb: &x 1", .unknownAlias),
        ("&x [*x]", .unknownAlias), ("a: &x {b: *x}", .unknownAlias),
    ])
    func `what is no YAML of ours is refused`(text: String, code: YAMLError.Code) {
        let errors = YAML.read(Array(text.utf8)).errors
        #expect(errors.map(\.code) == [code], "\(errors)")
    }

    @Test func `S0_25 every value and key knows its line and column`() throws {
        let text = "# c\nname: x\nmodels:\n  default: { provider: openai,\n    model: gpt }\nlist:\n- 1\n- |\n  two\n  lines\n- last\n"
        let root = try YAML.parse(Array(text.utf8))
        let members = try #require(root.members)
        #expect(members.map(\.key) == ["name", "models", "list"])
        #expect(members.map(\.keyLine) == [2, 3, 6])
        #expect(root["models"]?["default"]?.line == 4)
        #expect(root["models"]?["default"]?.column == 12)
        #expect(root["models"]?["default"]?["model"]?.line == 5)
        #expect(root["list"]?.elements?.map(\.line) == [7, 9, 11])
        #expect(root["list"]?[1]?.string == "two\nlines\n")
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3", 3, 1), ("a:\n  - b\n  - [c", 4, 1), ("\n\n  !x y", 3, 3), ("a: 1\n...\n---\nb", 3, 1), ("ok: 1\nx: *no", 2, 4),
    ])
    func `errors carry the line of the mistake`(text: String, line: Int, column: Int) {
        let error = YAML.read(Array((text + "\n").utf8)).errors.first
        #expect(error?.line == line)
        #expect(error?.column == column)
    }

    @Test func `a repeated key leaves the rest readable, and all of them are reported`() {
        let reading = YAML.read(Array("a: 1\na: 2\nb: 3\nb: 4\nc: !x 5\n".utf8))
        #expect(reading.errors.map(\.line) == [2, 4, 5])
        #expect(reading.root?.json == ["a": 1, "b": 3, "c": "5"])
    }

    @Test func `aliases stand for their values`() throws {
        let node = try YAML.parse(Array("a: &x { n: [1, 2] }\nb: *x\nc: [*x, &x 3, *x]\n".utf8))
        #expect(node.json == ["a": ["n": [1, 2]], "b": ["n": [1, 2]], "c": [["n": [1, 2]], 3, 3]])
    }

    @Test func `an empty document is null, also with comments or a byte order mark`() throws {
        for text in ["", "# nothing\n", "---\n", "\u{FEFF}", "\u{FEFF}# x\n"] {
            #expect(try YAML.parse(Array(text.utf8)).isNull)
        }
    }

    @Test func `windows line ends count as one line`() throws {
        let node = try YAML.parse(Array("a: 1\r\nb:\r\n  c: 2\r\n".utf8))
        #expect(node["b"]?["c"]?.line == 3)
        #expect(node.json == ["a": 1, "b": ["c": 2]])
    }
}
