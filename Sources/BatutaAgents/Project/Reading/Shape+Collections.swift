import BatutaCore

extension Shape {
    /// A list of the same.
    static func list<Element: Sendable>(of element: Shape<Element>) -> Shape where Value == [Element] {
        Shape(schema: ["type": "array", "items": element.schema], expected: "a list") { node, problems in
            guard let nodes = node.elements else {
                problems.error(node.line, "a list was expected, this is \(node.typeWords)", hint: "write [a, b]")
                return nil
            }
            return nodes.compactMap { element.read($0, &problems) }
        }
    }

    /// Names of the builder's own choice, each with the same shape. Entries that cannot be used are left out.
    static func table<Element: Sendable>(
        of element: Shape<Element>,
        named isName: @escaping @Sendable (String) -> Bool = ProjectLayout.isName,
        rule: String = "a name has 1 to 64 letters of ASCII, digits, `_` and `-`"
    ) -> Shape where Value == [TableEntry<Element>] {
        Shape(schema: ["type": "object", "additionalProperties": element.schema], expected: "a mapping") { node, problems in
            guard let members = node.members else {
                problems.error(node.line, "a mapping was expected, this is \(node.typeWords)", hint: "write name: value")
                return nil
            }
            return members.compactMap { member in
                if !isName(member.key) { problems.error(member.keyLine, "`\(member.key.prefix(80))` cannot be used here: \(rule)") }
                return element.read(member.value, &problems).map { TableEntry(name: member.key, line: member.keyLine, value: $0) }
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

    /// A JSON Schema 2020-12 that compiles.
    static let jsonSchema = Shape(schema: ["type": "object"], expected: "a JSON Schema") { node, problems in
        guard node.members != nil else {
            problems.error(
                node.line,
                "a JSON Schema was expected, this is \(node.typeWords)",
                hint: "write type: object and its properties"
            )
            return nil
        }
        do throws(SchemaError) {
            _ = try JSONSchema(node.json)
        } catch {
            let place = JSONPointer(error.pointer).map { node.nearest(to: $0) } ?? node
            problems.error(
                place.line,
                "the schema cannot be used: \(error.message)",
                hint: error.pointer.isEmpty ? nil : "at \(error.pointer)"
            )
            return nil
        }
        return node.json
    }
}
