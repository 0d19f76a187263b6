/// Walks an expression's tree for one evaluation. Its depth is that of the tree, which the parser bounds.
struct Evaluator {
    let scope: ExpressionScope
    var meter: EvaluationMeter
    /// Values of the macro variables around the current place.
    var locals: [CELValue] = []

    init(_ scope: ExpressionScope) {
        self.scope = scope
        meter = EvaluationMeter(scope.limits)
    }

    mutating func evaluate(_ node: ExpressionNode) throws(ExpressionError) -> CELValue {
        try meter.step()
        do throws(ExpressionError) {
            return try value(of: node)
        } catch {
            throw Self.placed(error, at: node)
        }
    }

    /// An error stands where the innermost part of the expression failed.
    static func placed(_ error: ExpressionError, at node: ExpressionNode) -> ExpressionError {
        guard error.location == nil else { return error }
        var placed = error
        placed.location = SourceLocation(offset: node.offset)
        return placed
    }

    /// Every case calls a function of its own: the frame of this one, which is on the stack once for each level, stays small.
    private mutating func value(of node: ExpressionNode) throws(ExpressionError) -> CELValue {
        switch node.kind {
        case .literal(let value): return value
        case .name(let name): return try named(name)
        case .local(let slot): return locals.indices.contains(slot) ? locals[slot] : .null
        case .member, .index: return try path(node)
        case .list(let nodes): return try list(nodes)
        case .map(let entries): return try map(entries)
        case .binary: return try chain(node)
        case .call(let function, let arguments): return try call(function, arguments)
        case .macro(let macro): return try run(macro)
        case .conditional: return try conditional(node)
        case .negate(let operand): return try evaluate(operand).negated()
        case .matches(let text, let pattern): return try matches(try evaluate(text), pattern)
        case .has, .not, .and, .or: return .bool(try truth(of: node))
        }
    }

    private mutating func truth(of node: ExpressionNode) throws(ExpressionError) -> Bool {
        switch node.kind {
        case .has(let target, let name): return try has(target, name)
        case .not(let operand): return !(try boolean(operand, for: "!"))
        case .and(let sides): return try decide(sides, by: false)
        case .or(let sides): return try decide(sides, by: true)
        default: return false
        }
    }

    private mutating func conditional(_ node: ExpressionNode) throws(ExpressionError) -> CELValue {
        guard case .conditional(let condition, let one, let other) = node.kind else { return .null }
        return try evaluate(try boolean(condition, for: "?") ? one : other)
    }

    // MARK: Names, members and indexes

    private func named(_ name: String) throws(ExpressionError) -> CELValue {
        if let value = scope.value(of: name) { return value }
        if scope.isLazy(name) {
            throw ExpressionError(
                .wrongType,
                Words(
                    "`\(name)` has no value as a whole; name a member: \(name).NAME",
                    "`\(name)` não tem valor por inteiro; cite um membro: \(name).NOME"
                )
            )
        }
        let near = nearestNames(to: name, among: scope.names.sorted(), limit: 1).first
        throw ExpressionError(.unknownName, .unknownName(name) + .meant(near))
    }

    /// Members and indexes behind each other, from the left, without recursion.
    private mutating func path(_ node: ExpressionNode) throws(ExpressionError) -> CELValue {
        var links: [ExpressionNode] = []
        var target = node
        while let next = target.target {
            links.append(target)
            target = next
        }
        var value = CELValue.null
        if let root = lazyRoot(target), let first = links.popLast() {
            value = try lazyLink(first, root)
        } else {
            value = try evaluate(target)
        }
        while let link = links.popLast() {
            try meter.step()
            do throws(ExpressionError) {
                value = try follow(link, from: value)
            } catch {
                throw Self.placed(error, at: link)
            }
        }
        return value
    }

    private mutating func follow(_ link: ExpressionNode, from value: CELValue) throws(ExpressionError) -> CELValue {
        switch link.kind {
        case .member(_, let name): return try Self.member(name, of: value)
        case .index(_, let key):
            let key = try evaluate(key)
            try meter.read(key)
            return try Self.element(of: value, at: key)
        default: return value
        }
    }

    private mutating func lazyLink(_ link: ExpressionNode, _ root: String) throws(ExpressionError) -> CELValue {
        switch link.kind {
        case .member(_, let name): return try lazyMember(name, of: root)
        case .index(_, let key):
            guard case .string(let name) = try evaluate(key) else {
                throw ExpressionError(.wrongType, Words("`\(root)[…]` takes a text", "`\(root)[…]` recebe um texto"))
            }
            return try lazyMember(name, of: root)
        default: return .null
        }
    }

    private static func member(_ name: String, of value: CELValue) throws(ExpressionError) -> CELValue {
        guard case .map(let map) = value else {
            throw ExpressionError(
                .wrongType,
                Words(
                    "a value of type \(value.typeWord) has no member `\(name)`",
                    "um valor do tipo \(value.typeWord) não tem o membro `\(name)`"
                )
            )
        }
        guard let found = map[name] else { throw ExpressionError(.noSuchKey, Words("no such key: \(name)", "não existe a chave: \(name)")) }
        return found
    }

    private func lazyRoot(_ node: ExpressionNode) -> String? {
        guard case .name(let root) = node.kind, scope.isLazy(root) else { return nil }
        return root
    }

    private func lazyMember(_ name: String, of root: String) throws(ExpressionError) -> CELValue {
        guard let json = scope.resolve?(root, name) else {
            throw ExpressionError(.noSuchKey, Words("no such key: \(root).\(name)", "não existe a chave: \(root).\(name)"))
        }
        return CELValue(json)
    }

    private mutating func has(_ target: ExpressionNode, _ name: String) throws(ExpressionError) -> Bool {
        if let root = lazyRoot(target) { return scope.resolve?(root, name) != nil }
        let value = try evaluate(target)
        guard case .map(let map) = value else {
            throw ExpressionError(
                .wrongType,
                Words(
                    "has() looks for `\(name)` in a value of type \(value.typeWord), which has no members",
                    "has() procura `\(name)` em um valor do tipo \(value.typeWord), que não tem membros"
                )
            )
        }
        return map[name] != nil
    }

    private static func element(of container: CELValue, at key: CELValue) throws(ExpressionError) -> CELValue {
        switch container {
        case .list(let list): return list[try position(key, in: list.count)]
        case .map(let map):
            guard let wanted = CELMapKey(key) else {
                throw ExpressionError(
                    .wrongType,
                    Words(
                        "a value of type \(key.typeWord) is no key of a map",
                        "um valor do tipo \(key.typeWord) não serve de chave de um mapa"
                    )
                )
            }
            guard let found = map[wanted] else {
                throw ExpressionError(.noSuchKey, Words("no such key: \(wanted.text)", "não existe a chave: \(wanted.text)"))
            }
            return found
        default:
            throw ExpressionError(
                .wrongType,
                Words("a value of type \(container.typeWord) has no elements", "um valor do tipo \(container.typeWord) não tem elementos")
            )
        }
    }

    private static func position(_ key: CELValue, in count: Int) throws(ExpressionError) -> Int {
        guard let index = key.wholeNumber else {
            throw ExpressionError(
                .wrongType,
                Words(
                    "an index of a list is a whole number, not a value of type \(key.typeWord)",
                    "o índice de uma lista é um número inteiro, não um valor do tipo \(key.typeWord)"
                )
            )
        }
        guard index >= 0, index < count else {
            throw ExpressionError(
                .indexOutOfRange,
                Words("index \(index) is out of range: the list has \(count)", "o índice \(index) está fora da lista, que tem \(count)")
            )
        }
        return Int(index)
    }

    // MARK: Literals and logic

    private mutating func list(_ nodes: [ExpressionNode]) throws(ExpressionError) -> CELValue {
        try meter.make(elements: nodes.count)
        var values: [CELValue] = []
        values.reserveCapacity(nodes.count)
        for node in nodes { values.append(try evaluate(node)) }
        return .list(.values(values))
    }

    private mutating func map(_ nodes: [(key: ExpressionNode, value: ExpressionNode)]) throws(ExpressionError) -> CELValue {
        try meter.make(elements: nodes.count)
        var entries = CELEntries()
        for node in nodes {
            let value = try evaluate(node.key)
            try meter.read(value)
            guard let key = value.isKey ? CELMapKey(value) : nil else {
                throw ExpressionError(
                    .wrongType,
                    Words(
                        "a key is a text, a whole number or a bool, not a value of type \(value.typeWord)",
                        "uma chave é um texto, um número inteiro ou um bool, não um valor do tipo \(value.typeWord)"
                    )
                )
            }
            guard entries.insert(key, try evaluate(node.value)) else {
                throw ExpressionError(
                    .invalidArgument,
                    Words("the key \(key.text) stands twice in a map", "a chave \(key.text) aparece duas vezes em um mapa")
                )
            }
        }
        return .map(.entries(entries))
    }

    mutating func boolean(_ node: ExpressionNode, for symbol: String) throws(ExpressionError) -> Bool {
        let value = try evaluate(node)
        guard case .bool(let flag) = value else {
            throw ExpressionError(
                .wrongType,
                Words(
                    "`\(symbol)` takes a bool, not a value of type \(value.typeWord)",
                    "`\(symbol)` recebe um bool, não um valor do tipo \(value.typeWord)"
                ),
                at: SourceLocation(offset: node.offset)
            )
        }
        return flag
    }

    /// `&&` and `||`: one side that decides outweighs errors of the others, whatever their order (CEL, "Logical Operators").
    private mutating func decide(_ sides: [ExpressionNode], by deciding: Bool) throws(ExpressionError) -> Bool {
        var failure: ExpressionError?
        for side in sides {
            do throws(ExpressionError) {
                if try boolean(side, for: deciding ? "||" : "&&") == deciding { return deciding }
            } catch {
                if error.isResourceLimit { throw error }
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return !deciding
    }
}
