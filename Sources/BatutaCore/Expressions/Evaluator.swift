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
            guard error.location == nil else { throw error }
            var placed = error
            placed.location = SourceLocation(offset: node.offset)
            throw placed
        }
    }

    private mutating func value(of node: ExpressionNode) throws(ExpressionError) -> CELValue {
        switch node.kind {
        case .literal(let value): return value
        case .name(let name): return try named(name)
        case .local(let slot): return locals.indices.contains(slot) ? locals[slot] : .null
        case .member(let target, let name): return try member(name, of: target)
        case .index(let target, let key): return try index(target, key)
        case .has(let target, let name): return .bool(try has(target, name))
        case .list(let nodes): return try list(nodes)
        case .map(let entries): return try map(entries)
        case .not(let operand): return .bool(!(try boolean(operand, for: "!")))
        case .negate(let operand): return try evaluate(operand).negated()
        case .and(let sides): return .bool(try decide(sides, by: false))
        case .or(let sides): return .bool(try decide(sides, by: true))
        case .binary(let symbol, let left, let right): return try binary(symbol, left, right)
        case .conditional(let condition, let one, let other): return try evaluate(try boolean(condition, for: "?") ? one : other)
        case .call(let function, let arguments): return try call(function, arguments)
        case .matches(let text, let pattern): return try matches(try evaluate(text), pattern)
        case .macro(let macro): return try run(macro)
        }
    }

    // MARK: Names, members and indexes

    private func named(_ name: String) throws(ExpressionError) -> CELValue {
        if let value = scope.value(of: name) { return value }
        if scope.isLazy(name) {
            throw ExpressionError(.wrongType, "`\(name)` has no value as a whole; name a member: \(name).NAME")
        }
        let hint = nearestNames(to: name, among: scope.names.sorted(), limit: 1).first.map { " (did you mean \($0)?)" } ?? ""
        throw ExpressionError(.unknownName, "unknown name `\(name)`\(hint)")
    }

    private mutating func member(_ name: String, of target: ExpressionNode) throws(ExpressionError) -> CELValue {
        if let root = lazyRoot(target) { return try lazyMember(name, of: root) }
        return try Self.member(name, of: try evaluate(target))
    }

    private static func member(_ name: String, of value: CELValue) throws(ExpressionError) -> CELValue {
        guard case .map(let map) = value else {
            throw ExpressionError(.wrongType, "a value of type \(value.typeWord) has no member `\(name)`")
        }
        guard let found = map[name] else { throw ExpressionError(.noSuchKey, "no such key: \(name)") }
        return found
    }

    private func lazyRoot(_ node: ExpressionNode) -> String? {
        guard case .name(let root) = node.kind, scope.isLazy(root) else { return nil }
        return root
    }

    private func lazyMember(_ name: String, of root: String) throws(ExpressionError) -> CELValue {
        guard let json = scope.resolve?(root, name) else { throw ExpressionError(.noSuchKey, "no such key: \(root).\(name)") }
        return CELValue(json)
    }

    private mutating func has(_ target: ExpressionNode, _ name: String) throws(ExpressionError) -> Bool {
        if let root = lazyRoot(target) { return scope.resolve?(root, name) != nil }
        let value = try evaluate(target)
        guard case .map(let map) = value else {
            throw ExpressionError(.wrongType, "has() looks for `\(name)` in a value of type \(value.typeWord), which has no members")
        }
        return map[name] != nil
    }

    private mutating func index(_ target: ExpressionNode, _ key: ExpressionNode) throws(ExpressionError) -> CELValue {
        if let root = lazyRoot(target) {
            guard case .string(let name) = try evaluate(key) else { throw ExpressionError(.wrongType, "`\(root)[…]` takes a text") }
            return try lazyMember(name, of: root)
        }
        let container = try evaluate(target)
        let key = try evaluate(key)
        switch container {
        case .list(let list): return list[try Self.position(key, in: list.count)]
        case .map(let map):
            guard let wanted = CELMapKey(key) else {
                throw ExpressionError(.wrongType, "a value of type \(key.typeWord) is no key of a map")
            }
            guard let found = map[wanted] else { throw ExpressionError(.noSuchKey, "no such key: \(wanted.text)") }
            return found
        default: throw ExpressionError(.wrongType, "a value of type \(container.typeWord) has no elements")
        }
    }

    private static func position(_ key: CELValue, in count: Int) throws(ExpressionError) -> Int {
        guard let index = key.wholeNumber else {
            throw ExpressionError(.wrongType, "an index of a list is a whole number, not a value of type \(key.typeWord)")
        }
        guard index >= 0, index < count else {
            throw ExpressionError(.indexOutOfRange, "index \(index) is out of range: the list has \(count)")
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
            guard let key = value.isKey ? CELMapKey(value) : nil else {
                throw ExpressionError(.wrongType, "a key is a text, a whole number or a bool, not a value of type \(value.typeWord)")
            }
            guard entries.insert(key, try evaluate(node.value)) else {
                throw ExpressionError(.invalidArgument, "the key \(key.text) stands twice in a map")
            }
        }
        return .map(.entries(entries))
    }

    mutating func boolean(_ node: ExpressionNode, for symbol: String) throws(ExpressionError) -> Bool {
        let value = try evaluate(node)
        guard case .bool(let flag) = value else {
            throw ExpressionError(
                .wrongType,
                "`\(symbol)` takes a bool, not a value of type \(value.typeWord)",
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
