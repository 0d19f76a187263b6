import BatutaCore
import BatutaTools

/// What is known of the names that the expressions of a project may use, before anything runs.
enum ExpressionScopes {
    /// The names of every call: `params` is added where the tool is known.
    static func common(_ parsed: ParsedProject) -> [String: ExpressionType] {
        [
            "user": user, "profile": profile(parsed), "run": run, "call": call, "now": .timestamp, "env": texts, "secret": texts,
        ]
    }

    /// A file that does not read says nothing of the fields that it declares.
    static func profile(_ parsed: ParsedProject) -> ExpressionType {
        guard let file = parsed.file, file.profile != nil || !parsed.says("profile") else { return .dyn }
        let advice = Words("declare it under `profile` in batuta.yaml", "declare-o em `profile`, no batuta.yaml")
        let schema = file.profile?.schema ?? [:]
        let fields = (schema["properties"]?.object ?? [:]).map { ($0.key, ExpressionType(schema: $0.value)) }
        let known = Dictionary(fields) { first, _ in first }
        let noun = Words("profile field", "no perfil o campo")
        return .object(ExpressionMembers(known, noun: noun, advice: advice))
    }

    /// Arguments of a tool.
    static func params(_ schema: JSON) -> ExpressionType {
        ExpressionType(schema: schema).naming(
            Words("parameter", "o parâmetro"),
            advice: Words("declare it under `parameters`", "declare-o em `parameters`")
        )
    }

    /// The names of a tool's own file.
    static func tool(_ tool: ParsedProject.Parsed<ToolFile>, of project: ParsedProject) -> [String: ExpressionType] {
        var types = common(project)
        types["params"] = params(parameters(of: tool.value, in: project))
        return types
    }

    /// What a tool takes when its file says nothing of `parameters`: an agent its input, a Python function what its type hints say, any
    /// other nothing.
    static func parameters(of tool: ToolFile, in project: ParsedProject) -> JSON {
        if let own = tool.parameters?.value { return own }
        if tool.agent != nil { return AgentTool.parameters }
        guard let python = tool.python?.value else { return ["type": "object", "properties": [:], "additionalProperties": false] }
        let described = python.file.flatMap { project.pythonManifest?.files[PythonEntry.name(of: $0.value)] }
        return python.function.flatMap { described?.schemas[$0.value] } ?? ["type": "object", "additionalProperties": true]
    }

    /// Facts by their names, as bare data of the tools that tell them: known where a tool promises its result (DESIGN §9.17).
    static func facts(_ facts: [TableEntry<FactEntry>], of tools: [ToolDefinition] = []) -> ExpressionType {
        let types = facts.map { fact in (fact.name, result(of: tools.first { $0.name == fact.value.tool?.value })) }
        let advice = Words("declare it under `facts`", "declare-o em `facts`")
        return .object(ExpressionMembers(Dictionary(types) { first, _ in first }, noun: Words("fact", "o fato"), advice: advice))
    }

    /// What a tool gives.
    static func result(of tool: ToolDefinition?) -> ExpressionType { tool?.resultSchema.map { ExpressionType(schema: $0) } ?? .dyn }

    /// What an agent's run gives: an object that fits its schema; without one a text, or an object all the same.
    static func output(of agent: AgentDefinition) -> ExpressionType {
        guard let schema = agent.output?.schema.source, schema["type"] == "object" else { return .dyn }
        return ExpressionType(schema: schema)
    }

    /// What the nodes of a graph give, by their names: `results`.
    static func results(_ nodes: [TableEntry<NodeEntry>], outputs: [String: ExpressionType]) -> [String: ExpressionType] {
        Dictionary(nodes.map { ($0.name, result(of: $0.value, outputs)) }) { first, _ in first }
    }

    private static func result(of node: NodeEntry, _ outputs: [String: ExpressionType]) -> ExpressionType {
        if let agent = node.agent?.value { return outputs[agent.hasPrefix("agent:") ? String(agent.dropFirst(6)) : agent] ?? .dyn }
        guard let question = node.human?.value else { return .dyn }
        let fields = question.fields.map { ($0.name, ExpressionType(schema: $0.value.value)) }
        let always: [(String, ExpressionType)] = [("approved", .bool), ("note", .string), ("expired", .bool)]
        return .members(Dictionary(fields + always) { first, _ in first })
    }

    private static let user = ExpressionType.members([
        "id": .string, "email": .string, "name": .string, "role": .string, "language": .string,
    ])

    private static let run = ExpressionType.members(["id": .string, "session_id": .string, "agent": .string, "schedule": .string])

    private static let call = ExpressionType.members(["id": .string, "started_at": .timestamp, "idempotency_key": .string])

    /// Values of the environment are texts; which there are is known only where the project runs. A root without a name is told elsewhere.
    private static let texts = ExpressionType.map(.string)
}
