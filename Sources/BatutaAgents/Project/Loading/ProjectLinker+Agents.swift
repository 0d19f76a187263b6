import BatutaCore
import BatutaTools
import BatutaMemory
import BatutaTools

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
                    let message = Words("there is another agent `\(definition.name)`", "já existe outro agente `\(definition.name)`")
                    list.error(agent.value.name?.line ?? 1, message)
                } else if ProjectLayout.isName(definition.name) {
                    agents[definition.name] = definition
                }
            }
            if !list.problems.errors.isEmpty { mistaken.insert(agent.name) }
            problems += list.problems
        }
        if parsed.agents.isEmpty, parsed.brokenNames.isEmpty, parsed.file != nil {
            tell(
                1,
                Words("the project has no agent", "o projeto não tem nenhum agente"),
                hint: Words("write agents/assistant.md", "escreva agents/assistant.md")
            )
        }
        unusable.formUnion(Set(parsed.agents.map(\.name)).subtracting(agents.keys))
        checkVariables(declared)
        checkValues()
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
        let name = agent.name
        if agent.value.name == nil, !ProjectLayout.isName(name) {
            list.error(1, Words("`\(name)` is no name for an agent", "`\(name)` não serve de nome de agente"), hint: .renameFile)
        }
        if agent.body.isEmpty {
            let hint = Words("write them below the front matter", "escreva-as abaixo do cabeçalho")
            list.warning(agent.bodyLine, Words("the agent has no instructions", "o agente está sem instruções"), hint: hint)
        }
        let memory = agent.value.memory.userMemory(of: name)
        let named = toolList(agent.value, toolNames, &list)
        let skills = skills(of: agent, among: linkedSkills, &list)
        if !skills.isEmpty { skillsOfAgents[name] = skills.map(\.name) }
        let offered = (memory.isOffered ? MemoryTools.names : []) + (skills.isEmpty ? [] : [ReadSkillTool.name])
        let tools = named + offered.filter { !named.contains($0) }
        var instructions = instructions(of: agent, blocks, &list)
        if !skills.isEmpty { instructions = instructions.adding(ReadSkillTool.offer(skills)) }
        // A schema that does not compile is told where it is read.
        let output = agent.value.outputSchema.flatMap { try? JSONSchema($0.value) }.map(OutputSchema.init)
        guard let model = model(of: agent, models, &list) else { return nil }
        var definition = AgentDefinition(
            name: name,
            description: agent.value.description ?? "",
            model: model,
            tools: tools,
            instructions: output.map { instructions.adding("\n\n" + $0.instruction) } ?? instructions,
            variables: agent.value.variables.map { $0.value.declaration(named: $0.name) },
            limits: agent.value.limits.limits(over: file.limits.common),
            historyTurns: agent.value.memory.history,
            summary: agent.value.memory.summary.map { $0 ? .always : .never } ?? .whenFull,
            output: output,
            userMemory: memory
        )
        if let cache = agent.value.responseCache ?? file.responseCache { definition.responseCache = cache.value.policy }
        return definition
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
            if agent.value.isForeign, let model = defaultModel(models), !parsed.mayHave(name.value, under: "models") {
                let instead = Words("; the project's default is asked", "; vale o padrão do projeto")
                let hint = Words("give it a meaning under `models` in batuta.yaml", "dê um sentido a ele em `models`, no batuta.yaml")
                list.warning(name.line, NamedThing.model.unknown(name.value) + instead, hint: hint)
                return model
            }
            if name.value == Self.embedding { list.error(name.line, .embeddingAnswersNobody) }
            if !parsed.mayHave(name.value, under: "models") { list.unknown(.model, name.value, among: models.keys, line: name.line) }
            return nil
        default:
            if let model = defaultModel(models) { return model }
            // A batuta.yaml that does not read, or a model in it, is told elsewhere.
            if !parsed.mayHave("default", under: "models") {
                let hint = Words(
                    "write models: { default: { provider: …, model: … } } in batuta.yaml",
                    "escreva models: { default: { provider: …, model: … } } no batuta.yaml"
                )
                list.error(1, Words("the agent has no model", "o agente está sem modelo"), hint: hint)
            }
            return nil
        }
    }

    /// The model `default`, or the only one there is.
    private func defaultModel(_ models: [String: ModelSettings]) -> ModelSettings? {
        models["default"] ?? (models.count == 1 ? models.values.first : nil)
    }

    // MARK: Tools

    private func toolList(_ agent: AgentFile, _ own: [String], _ list: inout ProblemList) -> [String] {
        var names: [String] = []
        for tool in agent.tools.names {
            for name in resolve(tool, own, isForeign: agent.isForeign, &list) where !names.contains(name) { names.append(name) }
        }
        return names
    }

    private func resolve(_ tool: Located<String>, _ own: [String], isForeign: Bool, _ list: inout ProblemList) -> [String] {
        let all = own + Self.builtInTools
        if all.contains(tool.value) { return [tool.value] }
        var doubts = ProblemList(path: list.path)
        if let isKnown = isToolOfServer(tool, &doubts), isKnown || !isForeign {
            list.add(doubts)
            return isKnown ? [tool.value] : []
        }
        if tool.value.contains("*") {
            let matches = own.filter { Glob.matches(tool.value, $0) }
            if !matches.isEmpty || hasBrokenPython { return matches }
            if !isForeign {
                let message = Words("no tool fits `\(tool.value)`", "nenhuma ferramenta combina com `\(tool.value)`")
                list.error(tool.line, message, hint: Hint.nearest(to: tool.value, among: all))
                return []
            }
        }
        let isLater = tool.value.hasPrefix("browser_") || Self.laterTools.contains(tool.value)
        if isForeign {
            list.warning(
                tool.line,
                NamedThing.tool.unknown(tool.value) + Words("; the agent goes without it", "; o agente fica sem ela"),
                hint: Hint.nearest(to: tool.value, among: all)
            )
        } else if isLater {
            let what = Words("the tool `\(tool.value)`", "a ferramenta `\(tool.value)`")
            list.error(tool.line, .notYet(what), hint: Words("remove it", "remova-a"))
        } else if !brokenNames.contains(tool.value), !hasBrokenPython {
            tellUnknown(tool, among: all, &list)
        }
        return []
    }

    /// `docs__add` is what models call `mcp:docs/add`.
    private func tellUnknown(_ tool: Located<String>, among all: [String], _ list: inout ProblemList) {
        guard let mark = tool.value.firstRange(of: "__"), file.toolServers.contains(where: { $0.name == tool.value[..<mark.lowerBound] })
        else { return list.unknown(.tool, tool.value, among: all, line: tool.line) }
        let name = "mcp:\(tool.value[..<mark.lowerBound])/\(tool.value[mark.upperBound...])"
        list.error(tool.line, NamedThing.tool.unknown(tool.value), hint: Words("write \"\(name)\"", "escreva \"\(name)\""))
    }

    // MARK: Instructions

    private func instructions(of agent: ParsedProject.Parsed<AgentFile>, _ blocks: PromptBlocks, _ list: inout ProblemList)
        -> PromptTemplate
    {
        let declared = Set(agent.value.variables.map(\.name))
        var assembly = PromptAssembly(blocks: blocks, declared: declared)
        assembly.types = Dictionary(agent.value.variables.map { ($0.name, $0.value.expressionType) }) { first, _ in first }
        assembly.types["language"] = .string
        assembly.add(agent.body, path: agent.path, line: agent.bodyLine)
        for problem in assembly.problems where problem.path == agent.path {
            list.error(problem.line, problem.message, hint: problem.hint)
        }
        for problem in assembly.problems where problem.path != agent.path {
            let place = Words("in \(problem.path), line \(problem.line): ", "em \(problem.path), linha \(problem.line): ")
            list.error(agent.bodyLine, place + problem.message, hint: problem.hint)
        }
        for variable in agent.value.variables where !assembly.used.contains(variable.name) {
            let message = Words("the variable `\(variable.name)` is never used", "a variável `\(variable.name)` não é usada")
            let hint = Words("write $\(variable.name), or remove it", "escreva $\(variable.name) no texto, ou remova-a")
            list.warning(variable.line, message, hint: hint)
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
            let message = Words(
                "the profile's field `\(name)` is \(own), an agent declares \(type)",
                "o campo `\(name)` do perfil é \(own), mas um agente o declara como \(type)"
            )
            tell(file.profile?.lines[name] ?? 1, message)
        }
    }

    /// A variable that nothing in the project gives a value has to be given one by every session.
    private mutating func checkValues() {
        let given = Set(file.variables.map(\.name) + (file.profile?.schema["properties"]?.object ?? [:]).map(\.key))
        guard !parsed.hasUnread(under: "variables", read: file.variables.count), !(parsed.says("profile") && file.profile == nil) else {
            return
        }
        for agent in parsed.agents {
            for variable in agent.value.variables where variable.value.default == nil && !given.contains(variable.name) {
                let message = Words(
                    "nothing in the project gives the variable `\(variable.name)` a value: every session has to",
                    "nada no projeto dá um valor à variável `\(variable.name)`: cada sessão vai ter de dar"
                )
                let hint = Words(
                    "write `default:` here, or a value under `variables` in batuta.yaml",
                    "escreva `default:` aqui, ou um valor em `variables`, no batuta.yaml"
                )
                problems.append(ProjectProblem(path: agent.path, line: variable.line, message: message, hint: hint, severity: .warning))
            }
        }
    }

    /// Values in batuta.yaml have the type that an agent declares.
    private mutating func checkVariables(_ declared: [String: String]) {
        for variable in file.variables {
            guard let type = declared[variable.name] else {
                if parsed.hasBrokenAgent || parsed.agents.isEmpty { continue }
                let hint = Hint.nearest(to: variable.name, among: declared.keys)
                let message = Words(
                    "no agent declares the variable `\(variable.name)`",
                    "nenhum agente declara a variável `\(variable.name)`"
                )
                tell(variable.line, message, hint: hint, severity: .warning)
                continue
            }
            if !VariableEntry.fits(variable.value, type) {
                let message = Words(
                    "the variable `\(variable.name)` is \(variable.value.typeName), an agent declares \(type)",
                    "a variável `\(variable.name)` é \(variable.value.typeName), mas um agente a declara como \(type)"
                )
                tell(variable.line, message)
            }
        }
    }
}

extension AgentFile.Memory {
    func userMemory(of agent: String) -> AgentDefinition.UserMemory {
        AgentDefinition.UserMemory(namespace: namespace?.value ?? agent, isOffered: user ?? false, extracts: extract ?? false)
    }
}

extension VariableEntry {
    fileprivate var expressionType: ExpressionType { ExpressionType(schema: ["type": .string(type)]) }

    func declaration(named name: String) -> VariableDeclaration {
        VariableDeclaration(name: name, type: type, default: `default`, description: description)
    }
}
