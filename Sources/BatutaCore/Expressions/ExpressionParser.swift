/// Reads CEL by recursive descent; operators by precedence climbing.
///
/// Hostile sources end as errors: nesting, height of the tree and length are bounded.
struct ExpressionParser {
    /// Bytes of a source.
    static let longestSource = 65_536
    /// Parentheses, brackets, arguments and unary operators within each other.
    static let deepestNesting = 64
    /// Levels of the tree; chains such as `a + b + c` grow to the left.
    static let highestTree = 128

    private var lexer: ExpressionLexer
    private(set) var token: ExpressionToken
    private var nesting = 0
    /// Variables of the macros around the current place.
    var locals: [String] = []
    var uses = ExpressionUses()

    typealias Failure = ExpressionLexer.Failure

    init(_ source: [UInt8], in range: Range<Int>) throws(Failure) {
        guard range.count <= Self.longestSource else {
            let message = Words(
                "the expression is longer than \(Self.longestSource) bytes",
                "a expressão passa de \(Self.longestSource) bytes"
            )
            throw Failure(code: .tooComplex, message: message, offset: range.lowerBound)
        }
        lexer = ExpressionLexer(source, in: range)
        token = try lexer.next()
    }

    mutating func parseAll() throws(Failure) -> ExpressionNode {
        if case .end = token.kind { throw Failure(message: Words("the expression is empty", "a expressão está vazia"), offset: offset) }
        let node = try expression()
        guard case .end = token.kind else { throw unexpected() }
        return node
    }

    // MARK: Words

    var offset: Int { token.range.lowerBound }

    mutating func advance() throws(Failure) { token = try lexer.next() }

    func isAt(_ symbol: ExpressionSymbol) -> Bool {
        guard case .symbol(symbol) = token.kind else { return false }
        return true
    }

    /// Takes the symbol when it stands here.
    mutating func take(_ symbol: ExpressionSymbol) throws(Failure) -> Bool {
        guard isAt(symbol) else { return false }
        try advance()
        return true
    }

    mutating func expect(_ symbol: ExpressionSymbol) throws(Failure) {
        guard isAt(symbol) else {
            let message = Words(
                "expected `\(symbol.rawValue)`, found \(token.words.english)",
                "esperava-se `\(symbol.rawValue)`, mas veio \(token.words.portuguese)"
            )
            throw Failure(message: message, offset: offset)
        }
        try advance()
    }

    func unexpected() -> Failure {
        if case .end = token.kind {
            return Failure(message: Words("the expression is not complete", "a expressão está incompleta"), offset: offset)
        }
        let message = Words("unexpected \(token.words.english)", "não se esperava \(token.words.portuguese) aqui")
        return Failure(message: message, offset: offset)
    }

    func node(_ kind: ExpressionNode.Kind, at offset: Int) throws(Failure) -> ExpressionNode {
        let node = ExpressionNode(kind, at: offset)
        guard node.height <= Self.highestTree else {
            throw Failure(
                code: .tooComplex,
                message: Words(
                    "the expression has more than \(Self.highestTree) levels; split it up",
                    "a expressão tem mais de \(Self.highestTree) níveis; divida-a"
                ),
                offset: offset
            )
        }
        return node
    }

    private mutating func nest() throws(Failure) {
        nesting += 1
        guard nesting <= Self.deepestNesting else {
            throw Failure(
                code: .tooComplex,
                message: Words(
                    "the expression is nested more than \(Self.deepestNesting) levels deep",
                    "a expressão passa de \(Self.deepestNesting) níveis de aninhamento"
                ),
                offset: offset
            )
        }
    }

    // MARK: Operators

    mutating func expression() throws(Failure) -> ExpressionNode {
        try nest()
        defer { nesting -= 1 }
        let start = offset
        let condition = try disjunction()
        guard try take(.question) else { return condition }
        let one = try expression()
        try expect(.colon)
        let other = try expression()
        return try node(.conditional(condition, then: one, else: other), at: start)
    }

    private mutating func disjunction() throws(Failure) -> ExpressionNode {
        let start = offset
        var sides = [try conjunction()]
        while try take(.or) { sides.append(try conjunction()) }
        return sides.count == 1 ? sides[0] : try node(.or(sides), at: start)
    }

    private mutating func conjunction() throws(Failure) -> ExpressionNode {
        let start = offset
        var sides = [try binary(from: 0)]
        while try take(.and) { sides.append(try binary(from: 0)) }
        return sides.count == 1 ? sides[0] : try node(.and(sides), at: start)
    }

    /// Relations bind loosest, then `+ -`, then `* / %`; all from left to right.
    private mutating func binary(from precedence: Int) throws(Failure) -> ExpressionNode {
        var left = try unary()
        while let (symbol, itsPrecedence) = binaryOperator, itsPrecedence >= precedence {
            let place = offset
            try advance()
            let right = try binary(from: itsPrecedence + 1)
            left = try node(.binary(symbol, left, right), at: place)
        }
        return left
    }

    private var binaryOperator: (ExpressionOperator, Int)? {
        switch token.kind {
        case .identifier("in"): return (.in, 0)
        case .symbol(let symbol):
            guard let found = ExpressionOperator(rawValue: symbol.rawValue) else { return nil }
            switch found {
            case .multiply, .divide, .remainder: return (found, 2)
            case .add, .subtract: return (found, 1)
            default: return (found, 0)
            }
        default: return nil
        }
    }

    private mutating func unary() throws(Failure) -> ExpressionNode {
        let start = offset
        if try take(.not) { return try node(.not(try operand()), at: start) }
        guard try take(.minus) else { return try member() }
        switch token.kind {
        case .intMinimumMagnitude:
            token.kind = .int(.min)
            return try member()
        case .int(let value) where value != .min:
            token.kind = .int(-value)
            return try member()
        case .double(let value):
            token.kind = .double(-value)
            return try member()
        default:
            return try node(.negate(try operand()), at: start)
        }
    }

    private mutating func operand() throws(Failure) -> ExpressionNode {
        try nest()
        defer { nesting -= 1 }
        return try unary()
    }
}
