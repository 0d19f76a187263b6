import BatutaCore

/// What a place in a project file may hold: how it is read, and the JSON Schema that tells editors the same.
///
/// Every kind of file is described once, as a shape made of shapes (DESIGN §7); nothing else reads YAML.
struct Shape<Value: Sendable>: Sendable {
    /// JSON Schema 2020-12.
    var schema: JSON
    /// For messages: `text`, `a whole number from 1 to 50`, `a list`.
    var expected: String
    /// Whether an empty value means something; otherwise it counts as absent.
    var takesNull = false
    /// Tells the problems and gives the value, or nil when it cannot be used.
    var read: @Sendable (YAMLNode, inout ProblemList) -> Value?
}

/// A value with the line on which it was written.
struct Located<Value: Sendable>: Sendable {
    var value: Value
    var line: Int
}

extension Located: Equatable where Value: Equatable {}
extension Located: Hashable where Value: Hashable {}

extension Shape {
    /// Nothing of the kind stands there.
    func mismatch(_ node: YAMLNode, _ problems: inout ProblemList) {
        problems.error(node.line, "\(expected) was expected, this is \(node.typeWords)", hint: Self.hint(node, expected))
    }

    private static func hint(_ node: YAMLNode, _ expected: String) -> String? {
        switch node.content {
        case .bool, .number, .null: expected.hasPrefix("text") ? "put quotes around it" : nil
        default: nil
        }
    }

    func map<Other: Sendable>(_ transform: @escaping @Sendable (Value) -> Other) -> Shape<Other> {
        let read = read
        return Shape<Other>(schema: schema, expected: expected, takesNull: takesNull) { read($0, &$1).map(transform) }
    }

    /// Looks at a value that was read, with its node.
    func checked(_ check: @escaping @Sendable (Value, YAMLNode, inout ProblemList) -> Void) -> Shape {
        var shape = self
        let read = read
        shape.read = { node, problems in
            let value = read(node, &problems)
            if let value { check(value, node, &problems) }
            return value
        }
        return shape
    }

    /// The same with its line.
    static func at<Inner: Sendable>(_ shape: Shape<Inner>) -> Shape where Value == Located<Inner> {
        Shape(schema: shape.schema, expected: shape.expected, takesNull: shape.takesNull) { node, problems in
            shape.read(node, &problems).map { Located(value: $0, line: node.line) }
        }
    }

    /// This for a mapping, the other for everything else: `retry: meta` or `retry: { attempts: 3 }`.
    func orPlain(_ plain: Shape) -> Shape {
        let read = read
        return Shape(schema: ["anyOf": [plain.schema, schema]], expected: "\(plain.expected) or \(expected)") { node, problems in
            guard node.members == nil else { return read(node, &problems) }
            return plain.read(node, &problems)
        }
    }
}

extension Shape where Value == YAMLNode {
    /// Anything, kept with its places.
    static var anything: Shape { Shape(schema: true, expected: "a value", takesNull: true) { node, _ in node } }

    /// A mapping, kept with its places.
    static var mapping: Shape {
        Shape(schema: ["type": "object"], expected: "a mapping") { node, problems in
            if node.members != nil { return node }
            problems.error(node.line, "a mapping was expected, this is \(node.typeWords)", hint: "write key: value")
            return nil
        }
    }
}
