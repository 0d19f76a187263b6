/// A text with holes: `Hi ${user.name}`. `$$` is a dollar sign, and so is a `$` that no brace follows.
///
/// A hole balances braces and respects quoted text inside. What is inserted is never expanded again.
public struct TextTemplate: Sendable, Hashable {
    /// A piece of the text. Whoever needs inserted values encoded, such as a URL, walks over the parts.
    public enum Part: Sendable, Hashable {
        case text(String)
        case expression(Expression)
    }

    public let parts: [Part]
    /// The text as it was written.
    public let source: String

    /// - Throws: `ExpressionError` with the place in the text.
    public init(_ source: String) throws(ExpressionError) {
        self.source = source
        var scanner = TemplateScanner(Array(source.utf8))
        parts = try scanner.parts()
    }

    /// The expressions, for checking their names.
    public var expressions: [Expression] {
        parts.compactMap { part in
            guard case .expression(let expression) = part else { return nil }
            return expression
        }
    }

    /// Whether nothing varies.
    public var isConstant: Bool { expressions.isEmpty }

    /// Whether the text is nothing but one `${ … }`, so that its value keeps its type.
    public var isSingleExpression: Bool { singleExpression != nil }

    var singleExpression: Expression? {
        guard parts.count == 1, case .expression(let expression) = parts[0] else { return nil }
        return expression
    }

    /// The text with its values: texts as they are, null as nothing, other values as compact JSON.
    ///
    /// A hole that is only an absent optional member, such as `${params.note}`, inserts nothing. Other absences are errors.
    public func render(in scope: ExpressionScope) throws(ExpressionError) -> String {
        var result = ""
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .expression(let expression): result += try expression.evaluateIfPresent(in: scope)?.insertedText ?? ""
            }
        }
        return result
    }

    /// The value: of a single expression with its type, otherwise the rendered text.
    public func evaluate(in scope: ExpressionScope) throws(ExpressionError) -> JSON {
        if let singleExpression { return try singleExpression.evaluate(in: scope) }
        return .string(try render(in: scope))
    }

    /// Like `evaluate`, but nil when the text is one expression and that an absent optional member.
    public func evaluateIfPresent(in scope: ExpressionScope) throws(ExpressionError) -> JSON? {
        if let singleExpression { return try singleExpression.evaluateIfPresent(in: scope) }
        return .string(try render(in: scope))
    }

    /// Reports names that are not offered where the text stands.
    public func problems(allowing names: Set<String>) -> [ExpressionError] { expressions.flatMap { $0.problems(allowing: names) } }
}

extension JSON {
    /// The value as templates insert it: a text as it is, null as nothing, anything else as compact JSON.
    public var insertedText: String {
        switch self {
        case .string(let text): text
        case .null: ""
        default: text
        }
    }
}

/// Finds the holes of a text.
struct TemplateScanner {
    private let bytes: [UInt8]
    private var position = 0
    private var literal: [UInt8] = []
    private var found: [TextTemplate.Part] = []
    /// The place of `measured` bytes; holes come in order, so places are counted once.
    private var place = SourceLocation()

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func parts() throws(ExpressionError) -> [TextTemplate.Part] {
        while position < bytes.count {
            let byte = bytes[position]
            let next = position + 1 < bytes.count ? bytes[position + 1] : 0
            if byte == UInt8(ascii: "$"), next == UInt8(ascii: "$") {
                literal.append(byte)
                position += 2
            } else if byte == UInt8(ascii: "$"), next == UInt8(ascii: "{") {
                flush()
                found.append(.expression(try hole()))
            } else {
                literal.append(byte)
                position += 1
            }
        }
        flush()
        return found
    }

    private mutating func flush() {
        guard !literal.isEmpty else { return }
        found.append(.text(String(decoding: literal, as: UTF8.self)))
        literal = []
    }

    private mutating func hole() throws(ExpressionError) -> Expression {
        place = place.advanced(over: bytes[place.offset..<(position + 2)])
        let end = try Self.endOfHole(bytes, from: position + 2, place)
        let expression = try Expression(bytes, in: (position + 2)..<end, origin: place)
        position = end + 1
        return expression
    }

    /// Where the brace stands that closes the hole whose content begins at a byte. The words of the language decide, so that
    /// braces in texts and comments do not count.
    static func endOfHole(_ bytes: [UInt8], from start: Int, _ place: SourceLocation) throws(ExpressionError) -> Int {
        var lexer = ExpressionLexer(bytes, in: start..<min(bytes.count, start + ExpressionParser.longestSource))
        var depth = 0
        do throws(ExpressionLexer.Failure) {
            while true {
                let token = try lexer.next()
                switch token.kind {
                case .symbol(.openBrace): depth += 1
                case .symbol(.closeBrace) where depth == 0: return token.range.lowerBound
                case .symbol(.closeBrace): depth -= 1
                case .end:
                    throw ExpressionLexer.Failure(
                        message: Words("`${` has no closing brace", "`${` não tem a chave de fechamento"),
                        offset: start
                    )
                default: break
                }
            }
        } catch {
            let location = place.advanced(over: bytes[start..<max(start, min(error.offset, bytes.count))])
            throw ExpressionError(error.code, error.message, at: location)
        }
    }
}
