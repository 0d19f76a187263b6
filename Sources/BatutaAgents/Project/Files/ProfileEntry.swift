import BatutaCore

/// `profile` of batuta.yaml: a JSON Schema of fields, each of which is a name in expressions and may be a prompt's variable.
struct ProfileEntry: Sendable {
    var schema: JSON
    /// Where each field stands.
    var lines: [String: Int]

    static let shape = Shape<YAMLNode>(schema: ["type": "object"], expected: "a JSON Schema") { node, problems in
        Shape<JSON>.jsonSchema.read(node, &problems) == nil ? nil : node
    }
    .checked { node, _, problems in check(node, &problems) }
    .map { node in
        let fields = node["properties"]?.members ?? []
        return ProfileEntry(schema: node.json, lines: Dictionary(fields.map { ($0.key, $0.keyLine) }) { first, _ in first })
    }

    private static func check(_ node: YAMLNode, _ problems: inout ProblemList) {
        if node["type"]?.string != "object" {
            problems.error(node["type"]?.line ?? node.line, "a profile is an object", hint: "write type: object")
        }
        let fields = node["properties"]?.members ?? []
        if fields.isEmpty { problems.error(node.line, "the profile has no fields", hint: "write properties: { name: { type: string } }") }
        for field in fields { check(field, &problems) }
        for name in node["required"]?.elements ?? [] {
            guard let text = name.string, !fields.contains(where: { $0.key == text }) else { continue }
            problems.unknown("field", text, among: fields.map(\.key), line: name.line)
        }
    }

    private static func check(_ field: YAMLNode.Member, _ problems: inout ProblemList) {
        if !DotEnv.isName(field.key) || field.key == "language" {
            let rule = "a field has letters, digits and `_`; `language` is built in"
            problems.error(field.keyLine, "`\(field.key.prefix(80))` cannot be used here: \(rule)")
        }
        guard let value = field.value["default"], let schema = try? JSONSchema(field.value.json) else { return }
        if let violation = schema.violations(of: value.json).first {
            problems.error(value.line, "the default of `\(field.key)` does not fit: \(violation.message)")
        }
    }
}
