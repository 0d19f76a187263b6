/// The routes as a tree of path parts. A literal part goes before a `{name}`, that before a `{name...}`.
struct RouteTree: Sendable {
    enum Match {
        case found(Route, PathParameters)
        case wrongMethod(allowed: [HTTPMethod])
        case nothing
    }

    private final class Node: Sendable {
        let literals: [String: Node]
        let parameter: Node?
        let rest: Node?
        let routes: [Route]
        let parameterNames: [[String]]

        init(_ draft: Draft) {
            literals = draft.literals.mapValues(Node.init)
            parameter = draft.parameter.map { Node($0) }
            rest = draft.rest.map { Node($0) }
            routes = draft.routes.map(\.route)
            parameterNames = draft.routes.map(\.names)
        }
    }

    /// A node while it is built.
    private final class Draft {
        var literals: [String: Draft] = [:]
        var parameter: Draft?
        var rest: Draft?
        var routes: [(route: Route, names: [String])] = []
    }

    private let root: Node

    init(_ routes: [Route]) throws(HTTPServerError) {
        let draft = Draft()
        for route in routes { try Self.insert(route, into: draft) }
        root = Node(draft)
    }

    private static func insert(_ route: Route, into root: Draft) throws(HTTPServerError) {
        guard route.pattern.hasPrefix("/") else { throw .route(route, "a pattern begins with /") }
        var node = root
        var names: [String] = []
        let parts = route.pattern == "/" ? [] : route.pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            guard part.hasPrefix("{"), part.hasSuffix("}") else {
                node = child(of: node, named: String(part))
                continue
            }
            let name = part.dropFirst().dropLast()
            let takesRest = name.hasSuffix("...")
            guard !takesRest || index == parts.count - 1 else { throw .route(route, "{name...} can only be the last part") }
            names.append(String(takesRest ? name.dropLast(3) : name))
            node = parameter(of: node, takesRest: takesRest)
        }
        guard !node.routes.contains(where: { $0.route.method == route.method }) else { throw .route(route, "it is there twice") }
        node.routes.append((route, names))
    }

    private static func child(of node: Draft, named name: String) -> Draft {
        if let known = node.literals[name] { return known }
        let made = Draft()
        node.literals[name] = made
        return made
    }

    private static func parameter(of node: Draft, takesRest: Bool) -> Draft {
        let made = (takesRest ? node.rest : node.parameter) ?? Draft()
        if takesRest { node.rest = made } else { node.parameter = made }
        return made
    }

    /// The most specific route that handles the method; `HEAD` falls back to `GET`.
    func match(_ method: HTTPMethod, _ path: [String]) -> Match {
        var allowed: [HTTPMethod] = []
        var values: [String] = []
        if let found = search(root, method, path[...], &values, &allowed) { return found }
        return allowed.isEmpty ? .nothing : .wrongMethod(allowed: allowed)
    }

    private func search(
        _ node: Node,
        _ method: HTTPMethod,
        _ path: ArraySlice<String>,
        _ values: inout [String],
        _ allowed: inout [HTTPMethod]
    ) -> Match? {
        guard let part = path.first else {
            return choose(node, method, values, &allowed) ?? takeRest(of: node, method, path, values, &allowed)
        }
        if let next = node.literals[part], let found = search(next, method, path.dropFirst(), &values, &allowed) { return found }
        if let next = node.parameter, !part.isEmpty {
            values.append(part)
            if let found = search(next, method, path.dropFirst(), &values, &allowed) { return found }
            values.removeLast()
        }
        return takeRest(of: node, method, path, values, &allowed)
    }

    private func takeRest(
        of node: Node,
        _ method: HTTPMethod,
        _ path: ArraySlice<String>,
        _ values: [String],
        _ allowed: inout [HTTPMethod]
    ) -> Match? {
        guard let rest = node.rest else { return nil }
        return choose(rest, method, values + [path.joined(separator: "/")], &allowed)
    }

    private func choose(_ node: Node, _ method: HTTPMethod, _ values: [String], _ allowed: inout [HTTPMethod]) -> Match? {
        let exact = node.routes.firstIndex { $0.method == method }
        let fallback = method == .head ? node.routes.firstIndex { $0.method == .get } : nil
        guard let index = exact ?? fallback else {
            for route in node.routes where !allowed.contains(route.method) { allowed.append(route.method) }
            return nil
        }
        var parameters = PathParameters()
        for (name, value) in zip(node.parameterNames[index], values) { parameters.add(name, value) }
        return .found(node.routes[index], parameters)
    }
}

extension HTTPServerError {
    fileprivate static func route(_ route: Route, _ why: String) -> HTTPServerError {
        HTTPServerError(.invalidRoute, "\(route.method) \(route.pattern): \(why).")
    }
}
