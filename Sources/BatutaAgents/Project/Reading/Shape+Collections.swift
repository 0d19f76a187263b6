import BatutaCore

extension Shape {
    /// A list of the same.
    static func list<Element: Sendable>(of element: Shape<Element>) -> Shape where Value == [Element] {
        let list = Words("a list", "uma lista")
        return Shape(schema: FileSchema { ["type": "array", "items": element.schema($0)] }, expected: list) { node, problems in
            guard let nodes = node.elements else {
                problems.error(node.line, .expected(list, insteadOf: node), hint: Words("write [a, b]", "escreva [a, b]"))
                return nil
            }
            return nodes.compactMap { element.read($0, &problems) }
        }
    }

    /// Names of the builder's own choice, each with the same shape. Entries that cannot be used are left out.
    ///
    /// - Parameter standIn: What an entry counts as that does not read, so that its name is known all the same.
    static func table<Element: Sendable>(
        of element: Shape<Element>,
        named isName: @escaping @Sendable (String) -> Bool = ProjectLayout.isName,
        rule: Words = ProjectLayout.nameRule,
        standIn: Element? = nil
    ) -> Shape where Value == [TableEntry<Element>] {
        let schema = FileSchema { ["type": "object", "additionalProperties": element.schema($0)] }
        return Shape(schema: schema, expected: .mapping) { node, problems in
            guard let members = node.members else {
                let hint = Words("write name: value", "escreva nome: valor")
                problems.error(node.line, .expected(.mapping, insteadOf: node), hint: hint)
                return nil
            }
            return members.compactMap { member in
                let value = element.read(member.value, &problems)
                guard isName(member.key) else {
                    problems.error(member.keyLine, .unusable(member.key.prefix(80), rule))
                    return nil
                }
                return (value ?? standIn).map { TableEntry(name: member.key, line: member.keyLine, value: $0) }
            }
        }
    }
}

/// One entry of a table, in the order of the file.
struct TableEntry<Value: Sendable>: Sendable {
    var name: String
    var line: Int
    var value: Value
}

extension Shape where Value == JSON {
    /// Any value, as JSON.
    static let json = Shape<YAMLNode>.anything.map(\.json)

    /// A JSON Schema 2020-12 that compiles, and asks for nothing that it does not describe.
    static let jsonSchema = compiledSchema.checked { _, node, problems in checkRequired(in: node, &problems) }

    /// A JSON Schema 2020-12 that compiles.
    static let compiledSchema = Shape(schema: ["type": "object"], expected: schemaWords) { node, problems in
        guard node.members != nil else {
            let hint = Words("write type: object and its properties", "escreva type: object e as propriedades")
            problems.error(node.line, .expected(schemaWords, insteadOf: node), hint: hint)
            return nil
        }
        do throws(SchemaError) {
            for keyword in try JSONSchema(node.json).misspelt { tell(keyword, in: node, &problems) }
        } catch {
            let place = JSONPointer(error.pointer).map { node.nearest(to: $0) } ?? node
            let hint = error.pointer.isEmpty ? nil : Words("at \(error.pointer)", "em \(error.pointer)")
            problems.error(place.line, Words("the schema cannot be used: ", "o esquema não serve: ") + error.message, hint: hint)
            return nil
        }
        return node.json
    }

    /// A keyword that has no effect because a letter is wrong lets every value pass.
    private static func tell(_ keyword: MisspeltKeyword, in node: YAMLNode, _ problems: inout ProblemList) {
        let place = JSONPointer(keyword.pointer).map { node.nearest(to: $0) } ?? node
        let line = place.members?.first { $0.key == keyword.name }?.keyLine ?? place.line
        let message = Words(
            "JSON Schema has no keyword `\(keyword.name)`",
            "JSON Schema não tem a palavra-chave `\(keyword.name)`"
        )
        let hint = Words("did you mean `\(keyword.nearest)`?", "você quis dizer `\(keyword.nearest)`?")
        problems.error(line, message, hint: hint)
    }

    /// A value that is asked for and described nowhere: a slip of the pen, and where nothing else may be there no value ever fits.
    private static func checkRequired(in node: YAMLNode, _ problems: inout ProblemList) {
        let schema = node.json
        let known = (schema["properties"]?.object?.members ?? []).map(\.key)
        let isOpen = ["patternProperties", "allOf", "anyOf", "oneOf", "$ref"].contains { schema[$0] != nil }
        guard !known.isEmpty, !isOpen, let names = schema["required"]?.array?.compactMap(\.string) else { return }
        for name in names where !known.contains(name) {
            let message = Words(
                "`required` names `\(name)`, which `properties` does not have",
                "`required` pede `\(name)`, que não está em `properties`"
            )
            let line = node["required"]?.line ?? node.line, hint = Hint.nearest(to: name, among: known)
            if schema["additionalProperties"] == false {
                problems.error(line, message, hint: hint)
            } else {
                problems.warning(line, message, hint: hint)
            }
        }
    }

    private static let schemaWords = Words("a JSON Schema", "um JSON Schema")
}
