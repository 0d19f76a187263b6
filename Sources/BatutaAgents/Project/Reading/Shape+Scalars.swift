import BatutaCore

extension Shape where Value == String {
    static let text = text(atMost: YAML.longestFile)

    /// - Parameter atMost: bytes.
    static func text(atMost: Int, orEmpty: Bool = true) -> Shape {
        let schema: JSON = orEmpty ? ["type": "string"] : ["type": "string", "minLength": 1]
        var shape = Shape(schema: schema, expected: "text") { _, _ in nil }
        let wrong = shape
        shape.read = { node, problems in
            guard let text = node.string else {
                wrong.mismatch(node, &problems)
                return nil
            }
            if text.utf8.count > atMost {
                problems.error(node.line, "the text has \(text.utf8.count) bytes; at most \(atMost) are allowed")
            }
            if text.isEmpty, !orEmpty { problems.error(node.line, "the text is empty") }
            return text
        }
        return shape
    }

    /// A name as models and addresses can carry it.
    static let name = text.limited(to: "^[A-Za-z0-9_-]{1,64}$", "a name has 1 to 64 letters of ASCII, digits, `_` and `-`") {
        ProjectLayout.isName($0)
    }

    /// A variable of the environment.
    static let variable = text.limited(to: "^[A-Za-z_][A-Za-z0-9_]*$", "a variable has letters, digits and `_`, and no digit in front") {
        DotEnv.isName($0)
    }

    private func limited(to pattern: String, _ rule: String, _ fits: @escaping @Sendable (String) -> Bool) -> Shape {
        var shape = checked { text, node, problems in
            if !fits(text) { problems.error(node.line, "`\(text.prefix(80))` cannot be used here: \(rule)") }
        }
        shape.schema = ["type": "string", "pattern": .string(pattern)]
        return shape
    }

    /// One of some words.
    static func word(_ words: [String]) -> Shape {
        let listed = words.map { "`\($0)`" }.joined(separator: ", ")
        let schema: JSON = ["enum": .array(words.map(JSON.string))]
        return Shape(schema: schema, expected: "one of \(listed)") { node, problems in
            guard let text = Self.writtenText(node) else {
                problems.error(node.line, "one of \(listed) was expected, this is \(node.typeWords)")
                return nil
            }
            guard words.contains(text) else {
                let near = nearestNames(to: text, among: words, limit: 1).first.map { "did you mean `\($0)`?" }
                problems.error(node.line, "`\(text.prefix(80))` is none of \(listed)", hint: near)
                return nil
            }
            return text
        }
    }

    /// Text, also where YAML takes a word for something else (`true`, `1`).
    private static func writtenText(_ node: YAMLNode) -> String? {
        switch node.content {
        case .string(let text): text
        case .bool(let flag): String(flag)
        case .number(let number): number.literal
        default: nil
        }
    }
}

extension Shape where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the words of an enumeration.
    static var word: Shape {
        let words = Shape<String>.word(Value.allCases.map(\.rawValue))
        return Shape(schema: words.schema, expected: words.expected) { words.read($0, &$1).flatMap(Value.init) }
    }
}

extension Shape where Value == Bool {
    static let flag = Shape(schema: ["type": "boolean"], expected: "true or false") { node, problems in
        if case .bool(let flag) = node.content { return flag }
        let hint = node.string.flatMap { ["yes", "on", "no", "off"].contains($0.lowercased()) ? "write true or false" : nil }
        problems.error(node.line, "true or false was expected, this is \(node.typeWords)", hint: hint)
        return nil
    }
}

extension Shape where Value == Int {
    static func whole(_ range: ClosedRange<Int>) -> Shape {
        let words = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        let schema: JSON = ["type": "integer", "minimum": .int(range.lowerBound), "maximum": .int(range.upperBound)]
        return Shape(schema: schema, expected: words) { node, problems in
            guard case .number(let number) = node.content else {
                problems.error(node.line, "\(words) was expected, this is \(node.typeWords)")
                return nil
            }
            guard let value = number.int64.flatMap(Int.init(exactly:)), range.contains(value) else {
                problems.error(node.line, "\(words) was expected, not \(number.literal.prefix(40))")
                return nil
            }
            return value
        }
    }
}

extension Shape where Value == Double {
    static func number(_ range: ClosedRange<Double>) -> Shape {
        let bounds = (JSON.double(range.lowerBound), JSON.double(range.upperBound))
        let words = "a number from \(bounds.0.text) to \(bounds.1.text)"
        let schema: JSON = ["type": "number", "minimum": bounds.0, "maximum": bounds.1]
        return Shape(schema: schema, expected: words) { node, problems in
            guard case .number(let number) = node.content else {
                problems.error(node.line, "\(words) was expected, this is \(node.typeWords)")
                return nil
            }
            guard range.contains(number.double) else {
                problems.error(node.line, "\(words) was expected, not \(number.literal.prefix(40))")
                return nil
            }
            return number.double
        }
    }
}
