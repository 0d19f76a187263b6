import BatutaCore

extension Shape where Value == String {
    static let text = text(atMost: YAML.longestFile)

    /// - Parameter atMost: bytes.
    static func text(atMost: Int, orEmpty: Bool = true) -> Shape {
        let schema: FileSchema = orEmpty ? ["type": "string"] : ["type": "string", "minLength": 1]
        var shape = Shape(schema: schema, expected: .text) { _, _ in nil }
        let wrong = shape
        shape.read = { node, problems in
            guard let text = node.string else {
                wrong.mismatch(node, &problems)
                return nil
            }
            if text.utf8.count > atMost {
                let message = Words(
                    "the text has \(text.utf8.count) bytes; at most \(atMost) are allowed",
                    "o texto tem \(text.utf8.count) bytes; o limite é \(atMost)"
                )
                problems.error(node.line, message)
            }
            if text.isEmpty, !orEmpty { problems.error(node.line, Words("the text is empty", "o texto está vazio")) }
            return text
        }
        return shape
    }

    /// A name as models and addresses can carry it.
    static let name = text.limited(to: "^[A-Za-z0-9_-]{1,64}$", ProjectLayout.nameRule) { ProjectLayout.isName($0) }

    /// A variable of the environment.
    static let variable = text.limited(
        to: "^[A-Za-z_][A-Za-z0-9_]*$",
        Words(
            "a variable has letters, digits and `_`, and no digit in front",
            "uma variável tem letras, dígitos e `_`, e não começa com dígito"
        )
    ) { DotEnv.isName($0) }

    private func limited(to pattern: String, _ rule: Words, _ fits: @escaping @Sendable (String) -> Bool) -> Shape {
        var shape = checked { text, node, problems in
            if !fits(text) { problems.error(node.line, .unusable(text.prefix(80), rule)) }
        }
        shape.schema = ["type": "string", "pattern": .string(pattern)]
        return shape
    }

    /// One of some words.
    static func word(_ words: [String]) -> Shape {
        let listed = words.map { "`\($0)`" }.joined(separator: ", ")
        let schema: FileSchema = ["enum": .array(words.map(JSON.string))]
        let expected = words.count == 1 ? Words("one of \(listed)", listed) : Words("one of \(listed)", "uma destas palavras: \(listed)")
        return Shape(schema: schema, expected: expected) { node, problems in
            guard let text = Self.writtenText(node) else {
                let found = node.typeWords
                let message = Words(
                    "one of \(listed) was expected, this is \(found.english)",
                    "aqui cabe \(listed), não \(found.portuguese)"
                )
                problems.error(node.line, message)
                return nil
            }
            guard words.contains(text) else {
                let near = nearestNames(to: text, among: words, limit: 1).first
                let message = Words(
                    "`\(text.prefix(80))` is not one of \(listed)",
                    "`\(text.prefix(80))` não serve aqui; \(words.count == 1 ? "só cabe" : "cabem") \(listed)"
                )
                problems.error(node.line, message, hint: near.map { Words("did you mean `\($0)`?", "você quis dizer `\($0)`?") })
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
    static let flag = Shape(schema: ["type": "boolean"], expected: trueOrFalse) { node, problems in
        if case .bool(let flag) = node.content { return flag }
        let isOldWord = node.string.map { ["yes", "on", "no", "off"].contains($0.lowercased()) } ?? false
        let hint = isOldWord ? Words("write true or false", "escreva true ou false") : nil
        problems.error(node.line, .expected(trueOrFalse, insteadOf: node), hint: hint)
        return nil
    }

    private static let trueOrFalse = Words("true or false", "true ou false")
}

extension Shape where Value == Int {
    static func whole(_ range: ClosedRange<Int>) -> Shape {
        let words = Words(
            "a whole number from \(range.lowerBound) to \(range.upperBound)",
            "um número inteiro de \(range.lowerBound) a \(range.upperBound)"
        )
        let schema: FileSchema = ["type": "integer", "minimum": .int(range.lowerBound), "maximum": .int(range.upperBound)]
        return Shape(schema: schema, expected: words) { node, problems in
            guard case .number(let number) = node.content else {
                problems.error(node.line, .expected(words, insteadOf: node))
                return nil
            }
            guard let value = number.int64.flatMap(Int.init(exactly:)), range.contains(value) else {
                problems.error(node.line, .expected(words, not: number.literal.prefix(40)))
                return nil
            }
            return value
        }
    }
}

extension Shape where Value == Double {
    static func number(_ range: ClosedRange<Double>) -> Shape {
        let bounds = (JSON.double(range.lowerBound), JSON.double(range.upperBound))
        let words = Words(
            "a number from \(bounds.0.text) to \(bounds.1.text)",
            "um número de \(bounds.0.text) a \(bounds.1.text)"
        )
        let schema: FileSchema = ["type": "number", "minimum": bounds.0, "maximum": bounds.1]
        return Shape(schema: schema, expected: words) { node, problems in
            guard case .number(let number) = node.content else {
                problems.error(node.line, .expected(words, insteadOf: node))
                return nil
            }
            guard range.contains(number.double) else {
                problems.error(node.line, .expected(words, not: number.literal.prefix(40)))
                return nil
            }
            return number.double
        }
    }
}
