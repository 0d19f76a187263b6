extension ExpressionParser {
    /// A primary with the members, indexes and calls that follow it.
    mutating func member() throws(Failure) -> ExpressionNode {
        var target = try primary()
        while true {
            if isAt(.dot) {
                target = try selection(of: target)
            } else if isAt(.openBracket) {
                let place = offset
                try advance()
                target = try node(.index(target, try expression()), at: place)
                try expect(.closeBracket)
            } else if isAt(.openBrace), target.isPath {
                let message = Words(
                    "messages of the form `Type{…}` are not supported; write a map",
                    "mensagens na forma `Tipo{…}` não são aceitas; escreva um mapa"
                )
                throw Failure(message: message, offset: offset)
            } else {
                uses.close(target)
                return target
            }
        }
    }

    private mutating func selection(of target: ExpressionNode) throws(Failure) -> ExpressionNode {
        try advance()
        let place = offset
        let name = try memberName()
        if isAt(.openParenthesis) { return try method(name, of: target, at: place) }
        if let type = Self.messageType(target, name) {
            uses.forget(target)
            return try node(.literal(.type(type)), at: place)
        }
        return try node(.member(target, name), at: place)
    }

    private mutating func memberName() throws(Failure) -> String {
        switch token.kind {
        case .identifier(let name) where !ExpressionWords.keywords.contains(name):
            try advance()
            return name
        case .quotedIdentifier(let name):
            try advance()
            return name
        default:
            let message = Words(
                "expected a member's name after `.`, found \(token.words.english)",
                "esperava-se o nome de um membro depois de `.`, mas veio \(token.words.portuguese)"
            )
            throw Failure(message: message, offset: offset)
        }
    }

    private mutating func primary() throws(Failure) -> ExpressionNode {
        let start = offset
        switch token.kind {
        case .int(let value): return try literal(.int(value))
        case .uint(let value): return try literal(.uint(value))
        case .double(let value): return try literal(.double(value))
        case .string(let text): return try literal(.string(text))
        case .bytes(let bytes): return try literal(.bytes(bytes))
        case .intMinimumMagnitude:
            let message = Words("the number does not fit a 64-bit integer", "o número não cabe em um inteiro de 64 bits")
            throw Failure(code: .overflow, message: message, offset: start)
        case .identifier(let name): return try identifier(name)
        case .symbol(.openParenthesis):
            try advance()
            let inner = try expression()
            try expect(.closeParenthesis)
            return inner
        case .symbol(.openBracket):
            try advance()
            return try node(.list(try expressions(until: .closeBracket)), at: start)
        case .symbol(.openBrace): return try mapLiteral()
        case .symbol(.dot): return try rootName()
        default: throw unexpected()
        }
    }

    private mutating func literal(_ value: CELValue) throws(Failure) -> ExpressionNode {
        let start = offset
        try advance()
        return try node(.literal(value), at: start)
    }

    /// Comma-separated expressions and the closing symbol; a comma may stand at the end.
    mutating func expressions(until closing: ExpressionSymbol) throws(Failure) -> [ExpressionNode] {
        var found: [ExpressionNode] = []
        while !isAt(closing) {
            found.append(try expression())
            if try !take(.comma) { break }
        }
        try expect(closing)
        return found
    }

    private mutating func mapLiteral() throws(Failure) -> ExpressionNode {
        let start = offset
        try advance()
        var entries: [(key: ExpressionNode, value: ExpressionNode)] = []
        while !isAt(.closeBrace) {
            let key = try expression()
            try expect(.colon)
            entries.append((key, try expression()))
            if try !take(.comma) { break }
        }
        try expect(.closeBrace)
        return try node(.map(entries), at: start)
    }

    /// `.name`: a name of the scope even where a macro's variable has the same.
    private mutating func rootName() throws(Failure) -> ExpressionNode {
        try advance()
        let start = offset
        guard case .identifier(let name) = token.kind else { throw unexpected() }
        try refuseWord(name)
        try advance()
        return try freeName(name, at: start)
    }

    private mutating func identifier(_ name: String) throws(Failure) -> ExpressionNode {
        let start = offset
        switch name {
        case "true": return try literal(.bool(true))
        case "false": return try literal(.bool(false))
        case "null": return try literal(.null)
        default: break
        }
        try refuseWord(name)
        try advance()
        if isAt(.openParenthesis) { return try globalCall(name, at: start) }
        if let slot = locals.lastIndex(of: name) { return try node(.local(slot), at: start) }
        return try freeName(name, at: start)
    }

    private func refuseWord(_ name: String) throws(Failure) {
        if ExpressionWords.keywords.contains(name) { throw unexpected() }
        if ExpressionWords.reserved.contains(name) {
            let message = Words("`\(name)` is a reserved word and no name", "`\(name)` é palavra reservada e não serve de nome")
            throw Failure(message: message, offset: offset)
        }
    }

    private mutating func freeName(_ name: String, at start: Int) throws(Failure) -> ExpressionNode {
        if ExpressionWords.types.contains(name) { return try node(.literal(.type(name)), at: start) }
        uses.open(name, at: start)
        return try node(.name(name), at: start)
    }

    /// `google.protobuf.Timestamp` and `google.protobuf.Duration` are the names of types.
    private static func messageType(_ target: ExpressionNode, _ name: String) -> String? {
        guard name == "Timestamp" || name == "Duration", case .member(let root, "protobuf") = target.kind,
            case .name("google") = root.kind
        else { return nil }
        return "google.protobuf.\(name)"
    }
}

extension ExpressionNode {
    /// Whether it is a name, or members of one.
    var isPath: Bool {
        switch kind {
        case .name: true
        case .member(let target, _): target.isPath
        default: false
        }
    }
}
