/// A top-level name that an expression uses, with the members that are written out behind it: `env.META_BASE_URL`.
public struct ExpressionPath: Sendable, Hashable, CustomStringConvertible {
    /// The top-level name first; only what is fixed in the source (`results[0].data` is `results`).
    public var names: [String]
    /// Where the top-level name stands.
    public var location: SourceLocation
    /// Whether `has()` asks for the last member, so that it may be absent.
    public var isTested: Bool

    public var root: String { names.first ?? "" }
    /// The first member, `X` of `secret.X`; nil when the root is used as a whole or by a calculated index.
    public var member: String? { names.count > 1 ? names[1] : nil }
    public var description: String { names.joined(separator: ".") }
}

/// Gathers, while an expression is parsed, which names of the scope it uses.
struct ExpressionUses {
    struct Use {
        var names: [String]
        var offset: Int
        var isTested = false
    }

    private(set) var uses: [Use] = []

    /// A top-level name begins at this byte.
    mutating func open(_ name: String, at offset: Int) { uses.append(Use(names: [name], offset: offset)) }

    /// Notes the longest fixed path of a finished member expression.
    mutating func close(_ node: ExpressionNode) {
        guard let path = Self.path(node), let index = position(ofNameAt: path.offset), path.names.count > uses[index].names.count
        else { return }
        uses[index].names = path.names
    }

    /// The name was no name of the scope: a namespace, or the beginning of a type's name.
    mutating func forget(_ node: ExpressionNode) {
        guard let path = Self.path(node), let index = position(ofNameAt: path.offset) else { return }
        uses.remove(at: index)
    }

    mutating func markTested(_ node: ExpressionNode) {
        guard let path = Self.path(node), path.isWhole, let index = position(ofNameAt: path.offset) else { return }
        uses[index].isTested = true
    }

    private func position(ofNameAt offset: Int) -> Int? { uses.lastIndex { $0.offset == offset } }

    /// The names from the root on, as far as they are fixed; nil when the root is no name of the scope.
    private static func path(_ node: ExpressionNode) -> (names: [String], offset: Int, isWhole: Bool)? {
        switch node.kind {
        case .name(let name): return ([name], node.offset, true)
        case .member(let target, let name): return path(target).map { $0.isWhole ? ($0.names + [name], $0.offset, true) : $0 }
        case .index(let target, let key):
            guard let path = path(target) else { return nil }
            guard path.isWhole, case .literal(.string(let name)) = key.kind else { return (path.names, path.offset, false) }
            return (path.names + [name], path.offset, true)
        default: return nil
        }
    }
}

extension ExpressionNode {
    /// The members of a plain path from a name of the scope, such as `params.filter.name`; nil for anything else.
    var plainPath: [String]? {
        switch kind {
        case .name(let name): [name]
        case .member(let target, let name): target.plainPath.map { $0 + [name] }
        default: nil
        }
    }
}
