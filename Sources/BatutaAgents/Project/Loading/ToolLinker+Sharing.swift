import BatutaCore
import BatutaTools

extension ToolLinker {
    /// A result that everybody shares must not be made of what is one caller's.
    mutating func checkSharing(_ connections: [TableEntry<ConnectionEntry>]) {
        guard let cache = file.cache, cache.value.scope == .project else { return }
        let own = Set(connections.filter { $0.value.scope == .user }.map(\.name))
        for name in Self.personal(in: ingredients, connections: own) + personalConnections(own) {
            checks.problems.notShareable(name, cache.line)
        }
    }

    private static func personal(in paths: ArraySlice<ExpressionPath>, connections: Set<String>) -> [String] {
        var names: [String] = []
        for path in paths {
            let isPersonal =
                ["user", "profile", "run"].contains(path.root) || path.root == "connection" && connections.contains(path.member ?? "")
            let name = path.member.map { "\(path.root).\($0)" } ?? path.root
            if isPersonal, !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// What a function of Python is handed.
    private func personalConnections(_ own: Set<String>) -> [String] {
        (file.python?.value.connections ?? []).map(\.value).filter(own.contains).map { "connection.\($0)" }
    }
}

extension ProblemList {
    /// A result that is shared by the whole project is made of something that is each caller's own.
    mutating func notShareable(_ name: String, _ line: Int) {
        error(
            line,
            Words(
                "`scope: project` gives everybody the same result, but `\(name)` is each caller's own",
                "`scope: project` dá a todos o mesmo resultado, mas `\(name)` é de cada um"
            ),
            hint: Words("say scope: user", "use scope: user")
        )
    }
}
