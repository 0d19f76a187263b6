import BatutaCore

/// `profile` of batuta.yaml: a JSON Schema of fields, each of which is a name in expressions and may be a prompt's variable.
struct ProfileEntry: Sendable {
    var schema: JSON
    /// Where each field stands.
    var lines: [String: Int]

    static let shape = Shape<YAMLNode>(schema: ["type": "object"], expected: Words("a JSON Schema", "um JSON Schema")) { node, problems in
        Shape<JSON>.compiledSchema.read(node, &problems) == nil ? nil : node
    }
    .checked { node, _, problems in check(node, &problems) }
    .map { node in
        let fields = node["properties"]?.members ?? []
        return ProfileEntry(schema: node.json, lines: Dictionary(fields.map { ($0.key, $0.keyLine) }) { first, _ in first })
    }

    private static func check(_ node: YAMLNode, _ problems: inout ProblemList) {
        if node["type"]?.string != "object" {
            let hint = Words("write type: object", "escreva type: object")
            problems.error(node["type"]?.line ?? node.line, Words("a profile is an object", "um perfil é um objeto"), hint: hint)
        }
        let fields = node["properties"]?.members ?? []
        if fields.isEmpty {
            let hint = Words("write properties: { name: { type: string } }", "escreva properties: { nome: { type: string } }")
            problems.error(node.line, Words("the profile has no fields", "o perfil não tem campos"), hint: hint)
        }
        for field in fields { check(field, &problems) }
        for name in node["required"]?.elements ?? [] {
            guard let text = name.string, !fields.contains(where: { $0.key == text }) else { continue }
            problems.unknown(.field, text, among: fields.map(\.key), line: name.line)
        }
    }

    private static func check(_ field: YAMLNode.Member, _ problems: inout ProblemList) {
        if !DotEnv.isName(field.key) || field.key == "language" {
            let rule = Words(
                "a field has letters, digits and `_`; `language` is built in",
                "um campo tem letras, dígitos e `_`; `language` já vem pronto"
            )
            problems.error(field.keyLine, .unusable(field.key.prefix(80), rule))
        }
        guard let value = field.value["default"], let schema = try? JSONSchema(field.value.json) else { return }
        if let violation = schema.violations(of: value.json).first {
            // The schema's own words are written for models, in English.
            let wrong = schema.fieldProblems(of: value.json).first { $0.path.isEmpty }?.words.portuguese ?? "não serve aqui"
            let message = Words(
                "the default of `\(field.key)` does not fit: \(violation.message)",
                "o valor padrão de `\(field.key)` não serve: \(wrong)"
            )
            problems.error(value.line, message)
        }
    }
}
