extension ExpressionParser {
    mutating func globalCall(_ name: String, at start: Int) throws(Failure) -> ExpressionNode {
        try advance()
        if name == "has" { return try has(at: start) }
        guard let function = ExpressionFunction.globals[name] else { throw Self.unknown(name, isMethod: false, at: start) }
        return try call(function, [], at: start)
    }

    mutating func method(_ name: String, of target: ExpressionNode, at place: Int) throws(Failure) -> ExpressionNode {
        try advance()
        if case .name(let namespace) = target.kind, ExpressionFunction.namespaces.contains(namespace) {
            uses.forget(target)
            guard let function = ExpressionFunction.globals["\(namespace).\(name)"] else {
                throw Self.unknown("\(namespace).\(name)", isMethod: false, at: place)
            }
            return try call(function, [], at: place)
        }
        uses.close(target)
        if let kind = ExpressionMacro.kind(named: name) { return try macro(kind, over: target, at: place) }
        guard let function = ExpressionFunction.methods[name] else { throw Self.unknown(name, isMethod: true, at: place) }
        return try call(function, [target], at: place)
    }

    private mutating func call(_ function: ExpressionFunction, _ receiver: [ExpressionNode], at place: Int) throws(Failure)
        -> ExpressionNode
    {
        let arguments = receiver + (try expressions(until: .closeParenthesis))
        let allowed = function.form.arguments
        guard allowed.contains(arguments.count) else {
            let given = arguments.count - receiver.count
            let wanted = Self.count(allowed, without: receiver.count)
            let message = Words(
                "\(function.rawValue)() takes \(wanted.english), not \(given)",
                "\(function.rawValue)() recebe \(wanted.portuguese), não \(given)"
            )
            throw Failure(code: .unknownFunction, message: message, offset: place)
        }
        if function == .matches, case .literal(.string(let text)) = arguments[1].kind {
            return try node(.matches(arguments[0], try pattern(text, at: arguments[1].offset)), at: place)
        }
        return try node(.call(function, arguments), at: place)
    }

    private func pattern(_ text: String, at place: Int) throws(Failure) -> Pattern {
        do throws(PatternError) {
            return try Pattern(text)
        } catch {
            throw Failure(code: .invalidArgument, message: error.message, offset: place)
        }
    }

    /// `has(a.b)`: whether the map `a` has the key `b`.
    private mutating func has(at start: Int) throws(Failure) -> ExpressionNode {
        let place = offset
        let argument = try expression()
        try expect(.closeParenthesis)
        guard case .member(let target, let name) = argument.kind else {
            let message = Words("has() takes a member, such as has(params.name)", "has() recebe um membro, como has(params.name)")
            throw Failure(message: message, offset: place)
        }
        uses.markTested(argument)
        return try node(.has(target, name), at: start)
    }

    private mutating func macro(_ kind: ExpressionMacro.Kind, over range: ExpressionNode, at place: Int) throws(Failure) -> ExpressionNode {
        guard case .identifier(let name) = token.kind, !ExpressionWords.keywords.contains(name), !ExpressionWords.reserved.contains(name)
        else {
            let message = Words(
                "\(kind.rawValue)() takes the name of a variable first: list.\(kind.rawValue)(x, …)",
                "\(kind.rawValue)() começa pelo nome de uma variável: list.\(kind.rawValue)(x, …)"
            )
            throw Failure(message: message, offset: offset)
        }
        try advance()
        try expect(.comma)
        locals.append(name)
        defer { locals.removeLast() }
        let bodies = try expressions(until: .closeParenthesis)
        guard bodies.count == 1 || (bodies.count == 2 && kind == .map) else {
            let message =
                kind == .map
                ? Words("write map(x, value) or map(x, condition, value)", "escreva map(x, valor) ou map(x, condição, valor)")
                : Words("write \(kind.rawValue)(x, condition)", "escreva \(kind.rawValue)(x, condição)")
            throw Failure(code: .unknownFunction, message: message, offset: place)
        }
        let macro = ExpressionMacro(kind: kind, range: range, body: bodies[0], transform: bodies.count == 2 ? bodies[1] : nil)
        return try node(.macro(macro), at: place)
    }

    private static func count(_ allowed: ClosedRange<Int>, without receiver: Int) -> Words {
        let (least, most) = (allowed.lowerBound - receiver, allowed.upperBound - receiver)
        if least == most, least == 1 { return Words("1 argument", "1 argumento") }
        if least == most { return Words("\(least) arguments", "\(least) argumentos") }
        return Words("\(least) to \(most) arguments", "de \(least) a \(most) argumentos")
    }

    private static func unknown(_ name: String, isMethod: Bool, at place: Int) -> Failure {
        let other = isMethod ? ExpressionFunction.globals[name] : ExpressionFunction.methods[name]
        if other != nil || (!isMethod && ExpressionMacro.kind(named: name) != nil) {
            let right = isMethod ? "\(name)(x)" : "x.\(name)(…)"
            let message = Words("\(name)() is written \(right)", "\(name)() se escreve \(right)")
            return Failure(code: .unknownFunction, message: message, offset: place)
        }
        let macros = ["all", "exists", "exists_one", "map", "filter"]
        let known = isMethod ? Array(ExpressionFunction.methods.keys) + macros : Array(ExpressionFunction.globals.keys) + ["has"]
        let message = Words("unknown function `\(name)`", "não existe a função `\(name)`")
        let near = nearestNames(to: name, among: known, limit: 1).first
        return Failure(code: .unknownFunction, message: message + .meant(near), offset: place)
    }
}
