/// A part of a parsed expression.
final class ExpressionNode: Sendable {
    indirect enum Kind: Sendable {
        case literal(CELValue)
        /// A name of the scope.
        case name(String)
        /// A macro's variable, by its place among those that enclose it.
        case local(Int)
        case member(ExpressionNode, String)
        case index(ExpressionNode, ExpressionNode)
        case has(ExpressionNode, String)
        case list([ExpressionNode])
        case map([(key: ExpressionNode, value: ExpressionNode)])
        case not(ExpressionNode)
        case negate(ExpressionNode)
        case and([ExpressionNode])
        case or([ExpressionNode])
        case binary(ExpressionOperator, ExpressionNode, ExpressionNode)
        case conditional(ExpressionNode, then: ExpressionNode, else: ExpressionNode)
        case call(ExpressionFunction, [ExpressionNode])
        /// `matches()` with a pattern that is known already.
        case matches(ExpressionNode, Pattern)
        case macro(ExpressionMacro)
    }

    let kind: Kind
    /// Where it stands in the source, in bytes.
    let offset: Int
    /// Levels below, itself included; bounds the recursion of the evaluator.
    let height: Int

    init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
        height = 1 + kind.children.reduce(0) { max($0, $1.height) }
    }
}

extension ExpressionNode {
    /// What a member or an index is taken of; nil for anything else.
    var target: ExpressionNode? {
        switch kind {
        case .member(let target, _), .index(let target, _): target
        default: nil
        }
    }
}

extension ExpressionNode.Kind {
    var children: [ExpressionNode] {
        switch self {
        case .literal, .name, .local: []
        case .member(let one, _), .has(let one, _), .not(let one), .negate(let one), .matches(let one, _): [one]
        case .index(let one, let other), .binary(_, let one, let other): [one, other]
        case .list(let all), .and(let all), .or(let all), .call(_, let all): all
        case .map(let entries): entries.flatMap { [$0.key, $0.value] }
        case .conditional(let condition, let one, let other): [condition, one, other]
        case .macro(let macro): [macro.range, macro.body] + (macro.transform.map { [$0] } ?? [])
        }
    }
}

enum ExpressionOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case `in` = "in"
}

/// `list.all(x, …)` and its relatives (CEL language definition, "Macros").
struct ExpressionMacro: Sendable {
    enum Kind: String, Sendable {
        case all
        case exists
        case existsOne = "exists_one"
        case map
        case filter
    }

    var kind: Kind
    var range: ExpressionNode
    /// The condition; for a `map` with two arguments, what each element becomes.
    var body: ExpressionNode
    /// For a `map` with three arguments, what each chosen element becomes.
    var transform: ExpressionNode?

    static func kind(named name: String) -> Kind? { name == "existsOne" ? .existsOne : Kind(rawValue: name) }
}
