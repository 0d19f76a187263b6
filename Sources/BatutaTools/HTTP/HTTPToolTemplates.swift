import BatutaCore

/// The templates of an http tool's request, read once.
struct HTTPToolTemplates: Sendable {
    let url: TextTemplate
    let query: JSONTemplate
    let headers: JSONTemplate
    let form: JSONTemplate?
    let body: JSONTemplate?
    let result: JSONTemplate?
    /// What the request takes from `env`, `secret` and `connection`, in order, each once; what `has()` asks for may be absent.
    let needs: [Need]
    let namesRun: Bool

    struct Need: Sendable, Hashable {
        var root: String
        var name: String
    }

    init(_ source: HTTPToolDefinition) throws(ExpressionError) {
        let request = source.request
        url = try TextTemplate(request.url)
        query = try JSONTemplate(.object(request.query))
        headers = try JSONTemplate(.object(request.headers))
        form = try Self.template(request.form.map { .object($0) })
        body = try Self.template(request.body)
        result = try Self.template(request.result)
        let wholes = [query, headers] + [form, body, result].compactMap { $0 }
        let paths = (url.expressions + wholes.flatMap(\.expressions)).flatMap(\.paths)
        needs = Self.needs(of: paths)
        namesRun = paths.contains { $0.root == "run" }
    }

    private static func template(_ json: JSON?) throws(ExpressionError) -> JSONTemplate? {
        guard let json else { return nil }
        return try JSONTemplate(json)
    }

    private static func needs(of paths: [ExpressionPath]) -> [Need] {
        var needs: [Need] = []
        for path in paths where HTTPToolScope.lazyRoots.contains(path.root) {
            guard let member = path.member, !(path.isTested && path.names.count == 2) else { continue }
            let need = Need(root: path.root, name: member)
            if !needs.contains(need) { needs.append(need) }
        }
        return needs
    }
}
