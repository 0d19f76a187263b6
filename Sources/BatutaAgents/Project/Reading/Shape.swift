import BatutaCore

/// What a place in a project file may hold: how it is read, and the JSON Schema that tells editors the same.
///
/// Every kind of file is described once, as a shape made of shapes (DESIGN §7); nothing else reads YAML.
struct Shape<Value: Sendable>: Sendable {
    /// JSON Schema 2020-12.
    var schema: FileSchema
    /// For messages: `text`, `a whole number from 1 to 50`, `a list`.
    var expected: Words
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
        problems.error(node.line, .expected(expected, insteadOf: node), hint: Self.hint(node, expected))
    }

    private static func hint(_ node: YAMLNode, _ expected: Words) -> Words? {
        switch node.content {
        case .bool, .number, .null: expected == .text ? .quoteIt : nil
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
        let schema = schema
        let both = FileSchema { ["anyOf": [plain.schema($0), schema($0)]] }
        return Shape(schema: both, expected: plain.expected + Words(" or ", " ou ") + expected) { node, problems in
            guard node.members == nil else { return read(node, &problems) }
            return plain.read(node, &problems)
        }
    }
}

extension Words {
    static let text = Words("text", "texto")
    static let value = Words("a value", "um valor")
    static let mapping = Words("a mapping", "um mapeamento")
    static let quoteIt = Words("put quotes around it", "ponha aspas")
    static let writeKeyAndValue = Words("write key: value", "escreva chave: valor")

    /// Something else stands there.
    static func expected(_ wanted: Words, insteadOf node: YAMLNode) -> Words {
        let found = node.typeWords
        return Words(
            "\(wanted.english) was expected, this is \(found.english)",
            "esperava-se \(wanted.portuguese), não \(found.portuguese)"
        )
    }

    /// It is of the right kind, but cannot be used.
    static func expected(_ wanted: Words, not written: some StringProtocol) -> Words {
        Words("\(wanted.english) was expected, not \(written)", "esperava-se \(wanted.portuguese), não \(written)")
    }

    /// A name that breaks the rule for names.
    static func unusable(_ name: some StringProtocol, _ rule: Words) -> Words {
        Words("`\(name)` cannot be used here: \(rule.english)", "`\(name)` não serve aqui: \(rule.portuguese)")
    }
}

extension Shape where Value == YAMLNode {
    /// Anything, kept with its places.
    static var anything: Shape { Shape(schema: true, expected: .value, takesNull: true) { node, _ in node } }

    /// A mapping, kept with its places.
    static var mapping: Shape {
        Shape(schema: ["type": "object"], expected: .mapping) { node, problems in
            if node.members != nil { return node }
            problems.error(node.line, .expected(.mapping, insteadOf: node), hint: .writeKeyAndValue)
            return nil
        }
    }
}
