import BatutaCore

/// Graphs: every name, every way through, every expression.
extension TeamLinker {
    private static let graphNames: Set<String> = ["input", "results", "state", "run", "user", "profile", "now"]
    private static let edgeNames = graphNames.union(["output"])

    mutating func linkGraph() -> TeamDefinition? {
        refuse(file.leader.map { ($0.line, "leader") }, file.members.first.map { ($0.line, "members") })
        guard !file.nodes.isEmpty else {
            guard parsed.isBlank("nodes") else { return nil }
            checks.problems.error(
                parsed.line,
                Words("the graph has no nodes", "o grafo não tem nós"),
                hint: Words("write nodes: { name: { agent: … } }", "escreva nodes: { nome: { agent: … } }")
            )
            return nil
        }
        checkExpressions()
        let nodes = file.nodes.compactMap { node($0) }
        let edges = file.edges.compactMap { edge($0) }
        guard let start = start() else { return nil }
        checkNodeNames()
        guard nodes.count == nodeNames.count, edges.count == file.edges.count else { return nil }
        let plan = GraphPlan(nodes: nodes, edges: edges, start: start)
        if leadsNowhereUnknown { checkWays(from: start) }
        checkLoops()
        checkOrder()
        var members: [TeamDefinition.Member] = []
        var tools: [String] = []
        for node in nodes {
            switch node.work {
            case .member(let target, _): members.append(TeamDefinition.Member(name: node.name, target: target))
            case .tool(let tool, _): tools.append(tool)
            case .human: break
            }
        }
        return definition(leader: nil, members: members, plan: .graph(plan), tools: tools)
    }

    private mutating func checkExpressions() {
        let results = ExpressionScopes.results(file.nodes, outputs: outputs)
        checks.types["results"] = .members(results).naming(Words("node", "o nó"))
        checks.types["input"] = .string
        let promises = promises()
        for (node, schema) in promises { checks.gaps.add(schema, at: ["results", node]) }
        defer { checks.gaps.remove(at: ["output"]) }
        for edge in file.edges.map(\.value) {
            guard let condition = edge.condition else { continue }
            checks.types["output"] = edge.from.flatMap { results[$0.value] } ?? .dyn
            checks.gaps.remove(at: ["output"])
            if let schema = edge.from.flatMap({ promises[$0.value] }) { checks.gaps.add(schema, at: ["output"]) }
            let before = checks.paths.count
            checks.condition(condition, allowing: Self.edgeNames, for: .tool)
            if let from = edge.from { note(checks.paths[before...], at: from.value, isAfter: true, condition.line) }
        }
    }

    private mutating func note(_ paths: ArraySlice<ExpressionPath>, at node: String, isAfter: Bool, _ line: Int) {
        for path in paths where path.root == "results" && !path.isTested {
            if let result = path.member { uses.append(ResultUse(node: result, at: node, isAfter: isAfter, line: line)) }
        }
    }

    /// A result is there when its node has run: it has to lie on a way to whoever reads it.
    private mutating func checkOrder() {
        let guarded = Set(checks.paths.filter { $0.root == "results" && $0.isTested && $0.names.count == 2 }.compactMap(\.member))
        for use in uses where nodeNames.contains(use.node) && !guarded.contains(use.node) {
            if use.isAfter, use.node == use.at { continue }
            guard !leads(from: use.node, to: use.at) else { continue }
            checks.problems.error(
                use.line,
                Words(
                    "`results.\(use.node)` has no value at `\(use.at)`: no way leads from `\(use.node)` to it",
                    "`results.\(use.node)` não tem valor em `\(use.at)`: nenhum caminho leva de `\(use.node)` até ele"
                ),
                hint: Words(
                    "add an edge, or write has(results.\(use.node)) ? … : …",
                    "acrescente uma aresta, ou escreva has(results.\(use.node)) ? … : …"
                )
            )
        }
    }

    private func leads(from node: String, to target: String) -> Bool {
        var seen: Set<String> = [], waiting = [node]
        while let next = waiting.popLast() {
            for edge in file.edges where edge.value.from?.value == next {
                for reached in edge.value.to.map(\.value) {
                    if reached == target { return true }
                    if seen.insert(reached).inserted { waiting.append(reached) }
                }
            }
        }
        return false
    }

    /// What the answers of agents and people have in them, by the names of nodes.
    private func promises() -> [String: JSON] {
        var schemas: [String: JSON] = [:]
        for node in file.nodes {
            if let agent = node.value.agent?.value {
                schemas[node.name] = promised[agent.hasPrefix("agent:") ? String(agent.dropFirst(6)) : agent]
            } else if let question = node.value.human?.value {
                schemas[node.name] = question.promise
            }
        }
        return schemas
    }

    /// Also of nodes that could not be read.
    private var nodeNames: [String] { parsed.node?["nodes"]?.members?.map(\.key) ?? file.nodes.map(\.name) }

    private mutating func start() -> String? {
        guard let start = file.start else {
            checks.problems.error(
                parsed.line,
                Words("`start` is missing: which node comes first?", "falta `start`: qual nó vem primeiro?"),
                hint: Words("write start: \(nodeNames[0])", "escreva start: \(nodeNames[0])")
            )
            return nil
        }
        guard !nodeNames.contains(start.value) else { return start.value }
        checks.problems.unknown(.node, start.value, among: nodeNames, line: start.line)
        return nil
    }

    private mutating func checkNodeNames() {
        for node in file.nodes where node.name == GraphPlan.end {
            let message = Words(
                "`end` is where a graph ends; a node needs another name",
                "`end` é onde o grafo termina; dê outro nome ao nó"
            )
            checks.problems.error(node.line, message)
        }
    }

    // MARK: Nodes

    private mutating func node(_ entry: TableEntry<NodeEntry>) -> GraphPlan.Node? {
        let node = entry.value
        let before = checks.paths.count
        if let input = node.input { checks.text(input, allowing: Self.graphNames, for: .tool) }
        checks.value(node.arguments, allowing: Self.graphNames, for: .tool)
        if let question = node.human?.value.question { checks.text(question, allowing: Self.graphNames, for: .tool) }
        note(
            checks.paths[before...],
            at: entry.name,
            isAfter: false,
            node.input?.line ?? node.arguments?.line ?? node.human?.value.question?.line ?? entry.line
        )
        if let named = node.agent ?? node.team { return member(named, node).map { GraphPlan.Node(entry.name, $0) } }
        if let tool = node.tool { return work(tool, node.arguments, line: entry.line).map { GraphPlan.Node(entry.name, $0) } }
        return node.human.flatMap { question($0.value) }.map { GraphPlan.Node(entry.name, .human($0)) }
    }

    private mutating func member(_ named: Located<String>, _ node: NodeEntry) -> GraphPlan.Node.Work? {
        let name = node.team == nil || named.value.contains(":") ? named : Located(value: "team:" + named.value, line: named.line)
        guard let member = member(name) else { return nil }
        return .member(target: member.target, input: node.input.flatMap { try? TextTemplate($0.value) })
    }

    private mutating func work(_ tool: Located<String>, _ arguments: YAMLNode?, line: Int) -> GraphPlan.Node.Work? {
        let template = try? JSONTemplate(arguments?.json ?? [:])
        if let isKnown = project.isToolOfServer(tool, &checks.problems) {
            return isKnown && isOneTool(tool) ? template.map { .tool(tool.value, arguments: $0) } : nil
        }
        guard let definition = tools.first(where: { $0.name == tool.value }) else {
            if !names.isBroken(tool.value), !project.hasBrokenPython {
                checks.problems.unknown(.tool, tool.value, among: tools.map(\.name), line: tool.line)
            }
            return nil
        }
        ToolArguments(tool: definition, line: line).check(arguments, allowing: Self.graphNames, with: &checks)
        return template.map { .tool(tool.value, arguments: $0) }
    }

    private mutating func isOneTool(_ tool: Located<String>) -> Bool {
        guard tool.value.contains("*") else { return true }
        let message = Words(
            "a node calls one tool, `\(tool.value)` may be many",
            "um nó chama uma só ferramenta, e `\(tool.value)` pode ser várias"
        )
        checks.problems.error(tool.line, message, hint: Words("write mcp:SERVER/TOOL", "escreva mcp:SERVIDOR/FERRAMENTA"))
        return false
    }

    private mutating func question(_ entry: HumanEntry) -> GraphPlan.Question? {
        guard let text = entry.question else { return nil }
        for field in entry.fields where ["approved", "note", "expired"].contains(field.name) {
            let message = Words(
                "`\(field.name)` is part of every answer; choose another name",
                "`\(field.name)` já faz parte de toda resposta; escolha outro nome"
            )
            checks.problems.error(field.line, message)
        }
        for field in entry.fields { checkDefault(of: field.value.value, named: field.name, field.line) }
        guard let template = try? TextTemplate(text.value) else { return nil }
        let fields = JSONObject(unique: entry.fields.map { (key: $0.name, value: $0.value.value) })
        return GraphPlan.Question(text: template, fields: fields, lifetime: entry.expires)
    }

    /// Whoever leaves the field alone answers with it.
    private mutating func checkDefault(of schema: JSON, named name: String, _ line: Int) {
        guard let value = schema["default"], let checked = try? JSONSchema(schema) else { return }
        guard let problem = checked.fieldProblems(of: value).first else { return }
        let message = Words(
            "the default of `\(name)` is none of its own answers: \(problem.words.english)",
            "o padrão de `\(name)` não é uma resposta válida: \(problem.words.portuguese)"
        )
        checks.problems.error(line, message)
    }

    // MARK: Edges

    private mutating func edge(_ located: Located<EdgeEntry>) -> GraphPlan.Edge? {
        let entry = located.value
        guard let from = entry.from, !entry.to.isEmpty else { return nil }
        if !nodeNames.contains(from.value) { checks.problems.unknown(.node, from.value, among: nodeNames, line: from.line) }
        let targets = nodeNames + [GraphPlan.end]
        for target in entry.to where !targets.contains(target.value) {
            checks.problems.unknown(.node, target.value, among: targets, line: target.line)
        }
        return GraphPlan.Edge(
            from: from.value,
            to: entry.to.map(\.value),
            condition: entry.condition.flatMap { try? Expression($0.value) },
            isElse: entry.isElse,
            most: entry.most
        )
    }

    // MARK: Ways

    /// An edge to a node that is not there is told already; what is not reached for want of it is no further mistake.
    private var leadsNowhereUnknown: Bool {
        file.edges.flatMap(\.value.to).allSatisfy { $0.value == GraphPlan.end || nodeNames.contains($0.value) }
    }

    /// Nodes that nothing leads to, and nodes that nothing leads on from.
    private mutating func checkWays(from start: String) {
        var reached: Set<String> = [start]
        var waiting = [start]
        while let next = waiting.popLast() {
            for edge in file.edges where edge.value.from?.value == next {
                for target in edge.value.to where reached.insert(target.value).inserted { waiting.append(target.value) }
            }
        }
        for node in file.nodes where !reached.contains(node.name) {
            checks.problems.error(
                node.line,
                Words("nothing leads to the node `\(node.name)`", "nada leva ao nó `\(node.name)`"),
                hint: Words("add an edge to it, or remove it", "acrescente uma aresta até ele, ou remova-o")
            )
        }
        for node in file.nodes where reached.contains(node.name) && node.name != GraphPlan.end { checkLeaving(node) }
    }

    private mutating func checkLeaving(_ node: TableEntry<NodeEntry>) {
        let leaving = file.edges.map(\.value).filter { $0.from?.value == node.name }
        let toEnd = Words("write { from: \(node.name), to: end }", "escreva { from: \(node.name), to: end }")
        if leaving.isEmpty {
            let message = Words(
                "no edge leaves `\(node.name)`: the graph ends there",
                "nenhuma aresta sai de `\(node.name)`: o grafo termina ali"
            )
            checks.problems.warning(node.line, message, hint: toEnd)
        } else if node.value.human == nil, !leaving.contains(where: { $0.condition == nil }) {
            let message = Words(
                "when none of its conditions holds, the graph ends at `\(node.name)`",
                "se nenhuma das condições valer, o grafo termina em `\(node.name)`"
            )
            let hint = Words("add an edge with else: true", "acrescente uma aresta com else: true")
            checks.problems.warning(node.line, message, hint: hint)
        }
    }

    /// Loops are bounded: on every way round there is an edge with `max`.
    private mutating func checkLoops() {
        var following: [String: [(target: String, line: Int)]] = [:]
        for edge in file.edges where edge.value.most == nil {
            guard let from = edge.value.from?.value else { continue }
            following[from, default: []] += edge.value.to.map { ($0.value, edge.line) }
        }
        var done: Set<String> = []
        for node in nodeNames {
            if let line = loop(from: node, following, [], &done) {
                checks.problems.error(
                    line,
                    Words("this edge closes a loop without an end", "esta aresta fecha um laço sem fim"),
                    hint: Words("write max: with how often it may be taken", "escreva max: com quantas vezes ela pode valer")
                )
                return
            }
        }
    }

    /// The line of an edge that leads back to where the way came through.
    private func loop(
        from node: String,
        _ following: [String: [(target: String, line: Int)]],
        _ way: [String],
        _ done: inout Set<String>
    ) -> Int? {
        guard !done.contains(node) else { return nil }
        for (target, line) in following[node] ?? [] {
            if target == node || way.contains(target) { return line }
            if let found = loop(from: target, following, way + [node], &done) { return found }
        }
        done.insert(node)
        return nil
    }
}
