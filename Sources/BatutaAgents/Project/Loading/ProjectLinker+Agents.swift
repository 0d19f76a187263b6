import BatutaCore

extension ProjectLinker {
    mutating func linkAgents(_ models: [String: ModelSettings], toolNames: [String]) -> [String: AgentDefinition] {
        var agents: [String: AgentDefinition] = [:]
        let blocks = PromptBlocks(parsed.prompts)
        problems += blocks.problems
        var declared: [String: String] = [:]
        for agent in parsed.agents {
            for variable in agent.value.variables { declared[variable.name] = variable.value.type }
            var list = ProblemList(path: agent.path)
            let definition = link(agent, models, toolNames, blocks, &list)
            if let definition {
                if agents[definition.name] != nil {
                    list.error(agent.value.name?.line ?? 1, "there is another agent `\(definition.name)`")
                }
                agents[definition.name] = definition
            }
            problems += list.problems
        }
        if parsed.agents.isEmpty, parsed.brokenNames.isEmpty, parsed.file != nil {
            tell(1, "the project has no agent", hint: "write agents/assistant.md")
        }
        checkVariables(declared)
        checkProfile(declared)
        return agents
    }

    private mutating func link(
        _ agent: ParsedProject.Parsed<AgentFile>,
        _ models: [String: ModelSettings],
        _ toolNames: [String],
        _ blocks: PromptBlocks,
        _ list: inout ProblemList
    ) -> AgentDefinition? {
        let name = agent.value.name?.value ?? agent.stem
        if agent.value.name == nil, !ProjectLayout.isName(name) {
            list.error(1, "`\(name)` is no name for an agent", hint: "rename the file, or write `name`")
        }
        if agent.body.isEmpty { list.warning(agent.bodyLine, "the agent has no instructions", hint: "write them below the front matter") }
        let tools = toolList(agent.value.tools, toolNames, &list)
        let instructions = instructions(of: agent, blocks, &list)
        guard let model = model(of: agent, models, &list) else { return nil }
        return AgentDefinition(
            name: name,
            description: agent.value.description ?? "",
            model: model,
            tools: tools,
            instructions: instructions,
            variables: agent.value.variables.map { $0.value.declaration(named: $0.name) },
            limits: agent.value.limits.limits(over: file.limits.limits(over: RunLimits())),
            historyTurns: agent.value.memory.history
        )
    }

    // MARK: Model

    private mutating func model(
        of agent: ParsedProject.Parsed<AgentFile>,
        _ models: [String: ModelSettings],
        _ list: inout ProblemList
    ) -> ModelSettings? {
        switch agent.value.model {
        case .written(let entry):
            check(entry.value, line: entry.line, path: agent.path)
            return entry.value.settings(named: entry.value.model)
        case .named(let name) where name.value != "inherit":
            if let model = models[name.value] { return model }
            if agent.value.tools.isForeign, let model = defaultModel(models) {
                list.warning(name.line, "unknown model `\(name.value)`; the project's default is asked")
                return model
            }
            list.unknown("model", name.value, among: models.keys, line: name.line)
            return nil
        default:
            if let model = defaultModel(models) { return model }
            // A batuta.yaml that does not read is told elsewhere.
            if parsed.file != nil {
                list.error(1, "the agent has no model", hint: "write models: { default: { provider: …, model: … } } in batuta.yaml")
            }
            return nil
        }
    }

    /// The model `default`, or the only one there is.
    private func defaultModel(_ models: [String: ModelSettings]) -> ModelSettings? {
        models["default"] ?? (models.count == 1 ? models.values.first : nil)
    }

    // MARK: Tools

    private func toolList(_ wanted: ToolNames, _ own: [String], _ list: inout ProblemList) -> [String] {
        var names: [String] = []
        for tool in wanted.names {
            for name in resolve(tool, own, isForeign: wanted.isForeign, &list) where !names.contains(name) { names.append(name) }
        }
        return names
    }

    private func resolve(_ tool: Located<String>, _ own: [String], isForeign: Bool, _ list: inout ProblemList) -> [String] {
        let all = own + Self.builtInTools
        if all.contains(tool.value) { return [tool.value] }
        if tool.value.contains("*"), !tool.value.hasPrefix("mcp:") {
            let matches = own.filter { Glob.matches(tool.value, $0) }
            if matches.isEmpty { list.error(tool.line, "no tool fits `\(tool.value)`", hint: Hint.nearest(to: tool.value, among: all)) }
            return matches
        }
        let isLater = tool.value.hasPrefix("mcp:") || tool.value.hasPrefix("browser_") || Self.laterTools.contains(tool.value)
        if isForeign {
            list.warning(
                tool.line,
                "unknown tool `\(tool.value)`; the agent goes without it",
                hint: Hint.nearest(to: tool.value, among: all)
            )
        } else if isLater {
            list.error(tool.line, "the tool `\(tool.value)` is not supported yet by this version", hint: "remove it")
        } else if !parsed.brokenNames.contains(tool.value), !parsed.tools.contains(where: { $0.value.name?.value ?? $0.stem == tool.value })
        {
            list.unknown("tool", tool.value, among: all, line: tool.line)
        }
        return []
    }

    // MARK: Instructions

    private func instructions(of agent: ParsedProject.Parsed<AgentFile>, _ blocks: PromptBlocks, _ list: inout ProblemList)
        -> PromptTemplate
    {
        let declared = Set(agent.value.variables.map(\.name))
        var assembly = PromptAssembly(blocks: blocks, declared: declared)
        assembly.add(agent.body, path: agent.path, line: agent.bodyLine)
        for problem in assembly.problems where problem.path == agent.path {
            list.error(problem.line, problem.message, hint: problem.hint)
        }
        for problem in assembly.problems where problem.path != agent.path {
            list.error(agent.bodyLine, "in \(problem.path), line \(problem.line): \(problem.message)", hint: problem.hint)
        }
        for variable in agent.value.variables where !assembly.used.contains(variable.name) {
            list.warning(variable.line, "the variable `\(variable.name)` is never used", hint: "write $\(variable.name), or remove it")
        }
        return PromptTemplate(parts: assembly.parts)
    }

    // MARK: Variables

    /// A profile's field gives its value to a variable of the same name, so it has that type.
    private mutating func checkProfile(_ declared: [String: String]) {
        for (name, field) in file.profile?.schema["properties"]?.object ?? [:] {
            guard let type = declared[name], let own = field["type"]?.string, own != type, (own, type) != ("integer", "number") else {
                continue
            }
            tell(file.profile?.lines[name] ?? 1, "the profile's field `\(name)` is \(own), an agent declares \(type)")
        }
    }

    /// Values in batuta.yaml have the type that an agent declares.
    private mutating func checkVariables(_ declared: [String: String]) {
        for variable in file.variables {
            guard let type = declared[variable.name] else {
                let hint = Hint.nearest(to: variable.name, among: declared.keys)
                tell(variable.line, "no agent declares the variable `\(variable.name)`", hint: hint, severity: .warning)
                continue
            }
            if !VariableEntry.fits(variable.value, type) {
                tell(variable.line, "the variable `\(variable.name)` is \(variable.value.typeName), an agent declares \(type)")
            }
        }
    }
}

extension VariableEntry {
    func declaration(named name: String) -> VariableDeclaration {
        VariableDeclaration(name: name, type: type, default: `default`, description: description)
    }
}

/// Names with `*` for any characters.
enum Glob {
    static func matches(_ glob: String, _ name: String) -> Bool {
        let pieces = glob.split(separator: "*", omittingEmptySubsequences: false)
        guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else { return glob == name }
        guard name.hasPrefix(first), name.hasSuffix(last), name.utf8.count >= first.utf8.count + last.utf8.count else { return false }
        var rest = name.dropFirst(first.count).dropLast(last.count)
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let range = rest.firstRange(of: piece) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}
