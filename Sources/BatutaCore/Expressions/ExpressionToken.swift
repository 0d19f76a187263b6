/// A word of the expression language.
struct ExpressionToken: Sendable {
    enum Kind: Sendable {
        case identifier(String)
        /// An identifier in backticks: only a member's name.
        case quotedIdentifier(String)
        case int(Int64)
        /// 9223372036854775808: only valid behind a minus.
        case intMinimumMagnitude
        case uint(UInt64)
        case double(Double)
        case string(String)
        case bytes([UInt8])
        case symbol(ExpressionSymbol)
        case end
    }

    var kind: Kind
    /// Bytes of the source that it takes.
    var range: Range<Int>

    /// How the word is named in messages.
    var words: Words {
        switch kind {
        case .identifier(let name), .quotedIdentifier(let name): Words("`\(name)`", "`\(name)`")
        case .int, .intMinimumMagnitude, .uint, .double: Words("a number", "um número")
        case .string: Words("a text", "um texto")
        case .bytes: Words("bytes", "bytes")
        case .symbol(let symbol): Words("`\(symbol.rawValue)`", "`\(symbol.rawValue)`")
        case .end: Words("the end", "o fim")
        }
    }
}

enum ExpressionSymbol: String, Sendable {
    case openParenthesis = "("
    case closeParenthesis = ")"
    case openBracket = "["
    case closeBracket = "]"
    case openBrace = "{"
    case closeBrace = "}"
    case dot = "."
    case comma = ","
    case colon = ":"
    case question = "?"
    case not = "!"
    case plus = "+"
    case minus = "-"
    case times = "*"
    case divide = "/"
    case remainder = "%"
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case and = "&&"
    case or = "||"
}

/// Words that are no names (CEL language definition, "Syntax").
enum ExpressionWords {
    static let keywords: Set<String> = ["true", "false", "null", "in"]
    static let reserved: Set<String> = [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return",
        "var", "void", "while",
    ]
    static let types: Set<String> = ["bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type"]
}
