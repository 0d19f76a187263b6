extension Evaluator {
    /// `contains`, `startsWith`, `endsWith`, `indexOf`, `lastIndexOf`.
    mutating func search(_ call: CELCall) throws(ExpressionError) -> CELValue {
        let (text, part) = (CELText(try call.string(0)), CELText(try call.string(1)))
        try meter.read(bytes: text.bytes.count + part.bytes.count)
        switch call.function {
        case .contains: return .bool(text.firstPosition(of: part, from: 0) != nil)
        case .startsWith: return .bool(text.bytes.starts(with: part.bytes))
        case .endsWith: return .bool(text.bytes.reversed().starts(with: part.bytes.reversed()))
        case .indexOf:
            guard let start = text.position(of: try call.optionalWhole(2) ?? 0) else { throw call.indexOutOfRange() }
            return .int(text.firstPosition(of: part, from: start).map { text.index(at: $0) } ?? -1)
        default: return try lastIndex(of: part, in: text, call)
        }
    }

    private func lastIndex(of part: CELText, in text: CELText, _ call: CELCall) throws(ExpressionError) -> CELValue {
        guard let start = text.position(of: try call.optionalWhole(2) ?? Int64(text.count)) else { throw call.indexOutOfRange() }
        return .int(text.lastPosition(of: part, from: start).map { text.index(at: $0) } ?? -1)
    }

    /// `charAt`, `substring`, `lowerAscii`, `upperAscii`, `trim`, `reverse`, `strings.quote`: a text from a text.
    mutating func cut(_ call: CELCall) throws(ExpressionError) -> CELValue {
        if call.function == .reverse, case .list(let list) = call[0] {
            try meter.make(elements: list.count)
            return .list(.values(list.all.reversed()))
        }
        let text = try call.string(0)
        try meter.read(bytes: text.utf8.count)
        let made = try Self.cut(text, call)
        try meter.make(bytes: made.utf8.count)
        return .string(made)
    }

    private static func cut(_ text: String, _ call: CELCall) throws(ExpressionError) -> String {
        switch call.function {
        case .charAt: try call.substring(of: CELText(text), from: try call.whole(1), length: 1)
        case .substring: try call.substring(of: CELText(text))
        case .lowerAscii: mapASCII(text, from: 65...90)
        case .upperAscii: mapASCII(text, from: 97...122)
        case .trim: trimmed(text)
        case .reverse: String(String.UnicodeScalarView(text.unicodeScalars.reversed()))
        default: quoted(text)
        }
    }

    /// ASCII letters of the range in the other case.
    private static func mapASCII(_ text: String, from letters: ClosedRange<UInt8>) -> String {
        String(decoding: text.utf8.map { letters.contains($0) ? $0 ^ 0x20 : $0 }, as: UTF8.self)
    }

    private static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }

    /// The text as a literal of the language.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars { quoted += escapes[scalar] ?? String(Character(scalar)) }
        return quoted + "\""
    }

    private static let escapes: [Unicode.Scalar: String] = [
        "\u{07}": "\\a", "\u{08}": "\\b", "\u{0C}": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\u{0B}": "\\v", "\\": "\\\\",
        "\"": "\\\"",
    ]
}

extension CELCall {
    func indexOutOfRange() -> ExpressionError {
        ExpressionError(
            .indexOutOfRange,
            Words("\(name)(): the index is out of range of the text", "\(name)(): o índice está fora do texto")
        )
    }

    func substring(of text: CELText) throws(ExpressionError) -> String {
        let start = try whole(1)
        guard let from = text.position(of: start) else { throw indexOutOfRange() }
        guard let end = try optionalWhole(2) else { return text.text(from..<text.bytes.count) }
        guard end >= start, let to = text.position(of: end) else { throw indexOutOfRange() }
        return text.text(from..<to)
    }

    /// The end of the text has an empty character.
    func substring(of text: CELText, from start: Int64, length: Int64) throws(ExpressionError) -> String {
        guard let from = text.position(of: start) else { throw indexOutOfRange() }
        guard from < text.bytes.count, let to = text.position(of: start + length) else { return "" }
        return text.text(from..<to)
    }
}
