/// Finds what is wrong with an expression before it is evaluated: names that are not offered where it stands, members that are not there, and
/// operators and functions that do not take what they are given. Pure.
///
/// Only what is certain is told: a part of which nothing is known (`dyn`) may be used for anything, and one mistake is told once.
public struct ExpressionChecker: Sendable {
    /// The names of the place with what is known of their values.
    public let names: [String: ExpressionType]

    public init(_ names: [String: ExpressionType]) { self.names = names }

    /// What its value is, and what is wrong, in the order of the source.
    ///
    /// - Parameter isCondition: It has to be true or false.
    public func check(_ expression: Expression, isCondition: Bool = false) -> (type: ExpressionType, problems: [ExpressionProblem]) {
        var walk = ExpressionWalk(names: names)
        let type = walk.type(of: expression.root)
        if isCondition, type != .bool, type != .dyn { walk.report(.notBoolean, .noCondition(type.word), at: expression.root) }
        let ordered = walk.findings.sorted { $0.offset < $1.offset }
        return (type, ordered.map { ExpressionProblem($0, at: expression.location(of: $0.offset)) })
    }
}

/// Something wrong with an expression that reads, told before it is evaluated.
public struct ExpressionProblem: Sendable, Hashable {
    public var code: ExpressionError.Code
    public var message: Words
    /// What to write instead, when that is known.
    public var hint: Words?
    /// Counts from the text that the expression was taken from.
    public var location: SourceLocation

    fileprivate init(_ finding: ExpressionWalk.Finding, at location: SourceLocation) {
        code = finding.code
        message = finding.message
        hint = finding.hint
        self.location = location
    }
}

extension Expression {
    /// The place of a byte of the source in the text that it was taken from.
    func location(of offset: Int) -> SourceLocation { origin.advanced(over: source.utf8.prefix(offset)) }
}

extension Words {
    /// The names that were probably meant, or all that there are.
    fileprivate static func known(_ names: [String], near name: String) -> Words? {
        if let near = nearestNames(to: name, among: names, limit: 1).first {
            return Words("did you mean `\(near)`?", "você quis dizer `\(near)`?")
        }
        guard !names.isEmpty else { return nil }
        let listed = names.prefix(20).map { "`\($0)`" }.joined(separator: ", ") + (names.count > 20 ? " …" : "")
        return Words("known: \(listed)", names.count == 1 ? "só existe \(listed)" : "existem \(listed)")
    }

    static func noCondition(_ type: String) -> Words {
        Words(
            "a condition must be true or false, this one is a value of type \(type)",
            "uma condição precisa dar true ou false, e esta dá um valor do tipo \(type)"
        )
    }
}

/// One walk over an expression's tree. Its depth is that of the tree, which the parser bounds.
struct ExpressionWalk {
    struct Finding {
        var code: ExpressionError.Code
        var message: Words
        var hint: Words?
        var offset: Int
    }

    let names: [String: ExpressionType]
    private(set) var findings: [Finding] = []
    /// Types of the macro variables around the current place.
    var locals: [ExpressionType] = []

    init(names: [String: ExpressionType]) { self.names = names }

    mutating func report(_ code: ExpressionError.Code, _ message: Words, hint: Words? = nil, at node: ExpressionNode) {
        findings.append(Finding(code: code, message: message, hint: hint, offset: node.offset))
    }

    mutating func type(of node: ExpressionNode) -> ExpressionType {
        switch node.kind {
        case .literal(let value): value.knownType
        case .name(let name): named(name, at: node, isWhole: true)
        case .local(let slot): locals.indices.contains(slot) ? locals[slot] : .dyn
        case .member(let target, let name): member(name, of: memberTarget(target), at: node)
        case .index(let target, let key): element(of: memberTarget(target), at: key, node)
        case .has(let target, let name): has(target, name, at: node)
        case .list(let nodes): .list(common(nodes))
        case .map(let entries): map(entries)
        case .not(let operand): logic([operand], "!")
        case .and(let sides): logic(sides, "&&")
        case .or(let sides): logic(sides, "||")
        case .negate(let operand): negated(operand, at: node)
        case .binary: chain(node)
        case .conditional(let condition, let one, let other): conditional(condition, one, other)
        case .call(let function, let arguments): call(function, arguments, at: node)
        case .matches(let text, _): matches(text, at: node)
        case .macro(let macro): run(macro, at: node)
        }
    }

    // MARK: Names, members and elements

    private mutating func named(_ name: String, at node: ExpressionNode, isWhole: Bool) -> ExpressionType {
        guard let type = names[name] else {
            report(.unknownName, .unknownName(name), hint: .known(names.keys.sorted(), near: name), at: node)
            return .dyn
        }
        if isWhole, case .object(let members) = type, members.isLazy {
            let message = Words("`\(name)` needs the name of a variable", "`\(name)` precisa do nome de uma variável")
            report(.wrongType, message, hint: Words("write \(name).NAME", "escreva \(name).NOME"), at: node)
            return .dyn
        }
        return type
    }

    /// A root of which only members have a value may stand in front of one.
    private mutating func memberTarget(_ node: ExpressionNode) -> ExpressionType {
        if case .name(let name) = node.kind { return named(name, at: node, isWhole: false) }
        return type(of: node)
    }

    private mutating func member(_ name: String, of type: ExpressionType, at node: ExpressionNode) -> ExpressionType {
        switch type {
        case .dyn: return .dyn
        case .map(let value): return value
        case .object(let members):
            if let known = members.types[name] { return known }
            if !members.isOpen {
                let hint = members.types.isEmpty ? members.advice : .known(members.types.keys.sorted(), near: name)
                report(.noSuchKey, members.unknown(name), hint: hint, at: node)
            }
            return .dyn
        default:
            report(
                .wrongType,
                Words(
                    "a value of type \(type.word) has no member `\(name)`",
                    "um valor do tipo \(type.word) não tem o membro `\(name)`"
                ),
                at: node
            )
            return .dyn
        }
    }

    private mutating func element(of type: ExpressionType, at key: ExpressionNode, _ node: ExpressionNode) -> ExpressionType {
        if case .literal(.string(let name)) = key.kind, type.isMap { return member(name, of: type, at: node) }
        let keyType = self.type(of: key)
        switch type {
        case .dyn, .object: return .dyn
        case .map(let value): return value
        case .list(let element):
            guard !keyType.isNumber, keyType != .dyn else { return element }
            report(
                .wrongType,
                Words(
                    "an index of a list is a whole number, not a value of type \(keyType.word)",
                    "o índice de uma lista é um número inteiro, não um valor do tipo \(keyType.word)"
                ),
                at: key
            )
            return element
        default:
            let message = Words("a value of type \(type.word) has no elements", "um valor do tipo \(type.word) não tem elementos")
            report(.wrongType, message, at: node)
            return .dyn
        }
    }

    private mutating func has(_ target: ExpressionNode, _ name: String, at node: ExpressionNode) -> ExpressionType {
        _ = member(name, of: memberTarget(target), at: node)
        return .bool
    }

    // MARK: Literals

    mutating func common(_ nodes: [ExpressionNode]) -> ExpressionType {
        guard let first = nodes.first else { return .dyn }
        var type = self.type(of: first)
        for node in nodes.dropFirst() {
            let other = self.type(of: node)
            type = type.joined(with: other)
        }
        return type
    }

    private mutating func map(_ entries: [(key: ExpressionNode, value: ExpressionNode)]) -> ExpressionType {
        var members: [String: ExpressionType] = [:]
        var isOpen = false
        for entry in entries {
            _ = type(of: entry.key)
            let value = type(of: entry.value)
            if case .literal(.string(let name)) = entry.key.kind { members[name] = value } else { isOpen = true }
        }
        return .object(ExpressionMembers(members, isOpen: isOpen))
    }
}

extension CELValue {
    /// The type of a literal.
    fileprivate var knownType: ExpressionType {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .uint: .uint
        case .double, .number: .double
        case .string: .string
        case .bytes: .bytes
        case .list: .list(.dyn)
        case .map: .map(.dyn)
        case .timestamp: .timestamp
        case .duration: .duration
        case .type: .type
        }
    }
}
