import BatutaCore

/// Values that promise some of their members only: what an agent answers by its `output_schema`, and what a person fills in. An expression that
/// takes a member for granted fails on the day on which it is not there.
struct OptionalMembers {
    /// By the names that lead there: `results`, the node.
    private var schemas: [[String]: JSON] = [:]

    mutating func add(_ schema: JSON, at names: [String]) { schemas[names] = schema }

    mutating func remove(at names: [String]) { schemas[names] = nil }

    /// A member that may be absent, and that nobody asks for with `has()`.
    struct Gap {
        var path: ExpressionPath
        /// With the member as its last name.
        var names: [String]

        private var written: String { names.joined(separator: ".") }

        var message: Words {
            Words(
                "`\(written)` may be absent: its schema does not require `\(names.last ?? "")`",
                "`\(written)` pode faltar: o esquema não exige `\(names.last ?? "")`"
            )
        }

        var hint: Words {
            Words(
                "write has(\(written)) ? \(written) : …, or add it to `required`",
                "escreva has(\(written)) ? \(written) : …, ou acrescente-o a `required`"
            )
        }
    }

    /// - Parameter paths: those of one expression; a member that it asks for with `has()` anywhere is guarded.
    func unguarded(in paths: [ExpressionPath]) -> [Gap] {
        guard !schemas.isEmpty else { return [] }
        let guarded = Set(paths.filter(\.isTested).map(\.names))
        var told: Set<[String]> = []
        return paths.compactMap { path in
            guard let names = absent(path), !guarded.contains(names), told.insert(names).inserted else { return nil }
            return Gap(path: path, names: names)
        }
    }

    /// The path as far as its first member that may be absent; nil when all of it is promised, or nothing is known of it.
    private func absent(_ path: ExpressionPath) -> [String]? {
        // What `has()` asks for is its last member; those before it are taken for granted.
        let last = path.isTested ? path.names.count - 1 : path.names.count
        guard let start = (1...max(1, last)).last(where: { schemas[Array(path.names.prefix($0))] != nil }),
            var schema = schemas[Array(path.names.prefix(start))]
        else { return nil }
        for index in start..<max(start, last) {
            let name = path.names[index]
            guard schema["type"] == "object", let member = schema["properties"]?[name] else { return nil }
            let required = schema["required"]?.array?.compactMap(\.string) ?? []
            if !required.contains(name) { return Array(path.names.prefix(index + 1)) }
            schema = member
        }
        return nil
    }
}
