import BatutaCore

extension ProjectLinker {
    /// What leaders can call beside their own tools.
    private var leaderTools: [String] { parsed.teams.isEmpty ? [] : [TeamPlan.delegateTool] }

    mutating func linkRehearsals(_ agents: [String: AgentDefinition], toolNames: [String]) -> [RehearsalScript] {
        var scripts: [RehearsalScript] = []
        for parsed in parsed.rehearsals {
            var linker = RehearsalLinker(path: parsed.path, tools: Set(toolNames + Self.builtInTools + leaderTools), project: self)
            var tools: Set<String>?
            if let agent = parsed.value.agent {
                tools = mistaken.contains(agent.value) ? nil : agents[agent.value].map { Set($0.tools + leaderTools) }
                if agents[agent.value] == nil, !brokenNames.contains(agent.value) {
                    linker.checks.problems.unknown(.agent, agent.value, among: agents.keys, line: agent.line)
                }
            }
            linker.own = tools
            linker.output = parsed.value.agent.flatMap { agents[$0.value]?.output }
            for script in parsed.value.scripts {
                let linked = linker.link(script, agent: parsed.value.agent?.value, language: parsed.value.language)
                if let linked { scripts.append(linked) }
            }
            linker.checkOrder(parsed.value.scripts)
            linker.checkSuggestions(parsed.value.scripts)
            problems += linker.checks.problems.problems
        }
        return scripts
    }
}

/// Makes the scripts of one file.
struct RehearsalLinker {
    /// Every tool of the project.
    let tools: Set<String>
    let project: ProjectLinker
    /// The tools of the file's agent, when it names one.
    var own: Set<String>?
    /// What the file's agent has to answer.
    var output: OutputSchema?
    var checks: TemplateChecks
    private let path: String

    init(path: String, tools: Set<String>, project: ProjectLinker) {
        self.path = path
        self.tools = tools
        self.project = project
        checks = TemplateChecks(path: path)
    }

    /// nil after an error.
    mutating func link(_ script: ScriptEntry, agent: String?, language: String?) -> RehearsalScript? {
        var pattern: Pattern?
        if let when = script.when {
            do throws(PatternError) {
                pattern = try Pattern(when.value)
            } catch {
                checks.problems.error(when.line, error.message)
                return nil
            }
        }
        let steps = script.say.map { [StepEntry.say($0)] } ?? script.steps
        let names: Set<String> = pattern == nil ? Self.names : Self.names.union(["match"])
        let linked = steps.map { step(step: $0, names, pattern) }
        checkEnd(steps)
        guard !linked.isEmpty else { return nil }
        var made = RehearsalScript(agent: agent, language: language, when: pattern, steps: linked, suggestions: script.suggest.map(\.value))
        made.places = steps.map { "\(path):\($0.line)" }
        return made
    }

    private static let names: Set<String> = ["results", "input"]

    private mutating func step(step: StepEntry, _ names: Set<String>, _ pattern: Pattern?) -> RehearsalScript.Step {
        switch step {
        case .say(let node):
            check(node, names, pattern)
            checkOutput(node)
            return .say(node.string ?? "")
        case .calls(let calls):
            return .calls(
                calls.map { call in
                    if let tool = call.tool { checkTool(tool) }
                    if let arguments = call.arguments { check(arguments, names, pattern) }
                    if let tool = call.tool { checkArguments(call.arguments, of: tool, names) }
                    return RehearsalScript.Call(tool: call.tool?.value ?? "", arguments: call.arguments?.json.object ?? [:])
                }
            )
        }
    }

    /// `match.name` is a named group of the pattern.
    private mutating func check(_ node: YAMLNode, _ names: Set<String>, _ pattern: Pattern?) {
        let groups = (pattern?.groupNames.compactMap(\.self) ?? []).map { ($0, ExpressionType.string) }
        let advice = Words("write (?<name>…) in `when`", "escreva (?<nome>…) no `when`")
        let match = ExpressionMembers(Dictionary(groups) { first, _ in first }, noun: Words("group", "o grupo"), advice: advice)
        checks.types = ["match": .object(match), "input": .string, "results": .list(Self.envelope)]
        checks.value(node, allowing: names, for: .tool)
    }

    private static let envelope = ExpressionType.object(
        ExpressionMembers(["success": .bool, "error": .string, "status_code": .double], isOpen: true)
    )

    /// In a rehearsal, too, an answer that does not fit is asked for again, and the script says the same.
    private mutating func checkOutput(_ node: YAMLNode) {
        guard let output, let text = node.string, !text.contains("${"), case .misfit(_, let problems) = output.check(text) else { return }
        checks.problems.warning(
            node.line,
            Words(
                "the agent's output_schema does not take this answer: \(problems)",
                "o output_schema do agente não aceita esta resposta"
            ),
            hint: Words("say JSON that fits it", "diga um JSON que sirva")
        )
    }

    /// A call of a tool that is not there fails in the rehearsal and nowhere else, so it keeps nothing from running.
    private mutating func checkTool(_ tool: Located<String>) {
        if project.brokenNames.contains(tool.value) { return }
        var doubts = ProblemList(path: path)
        if project.isToolOfServer(tool, &doubts) != nil { return warn(of: doubts) }
        guard tools.contains(tool.value) else {
            checks.problems.unknown(.tool, tool.value, among: own ?? tools, line: tool.line, severity: .warning)
            return
        }
        if let own, !own.contains(tool.value) {
            checks.problems.warning(
                tool.line,
                Words("the agent does not have the tool `\(tool.value)`", "o agente não tem a ferramenta `\(tool.value)`"),
                hint: Words("only the rehearsal calls it, and fails there", "só o ensaio a chama, e nele a chamada falha")
            )
        }
    }

    /// The tool refuses what does not fit, in the rehearsal and nowhere else.
    private mutating func checkArguments(_ arguments: YAMLNode?, of tool: Located<String>, _ names: Set<String>) {
        guard let definition = project.toolDefinitions.first(where: { $0.name == tool.value }) else { return }
        var doubts = TemplateChecks(path: path)
        doubts.types = checks.types
        ToolArguments(tool: definition, line: tool.line).check(arguments, allowing: names, with: &doubts)
        warn(of: doubts.problems)
    }

    private mutating func warn(of doubts: ProblemList) {
        for doubt in doubts.problems { checks.problems.warning(doubt.line, doubt.message, hint: doubt.hint) }
    }

    /// What is said ends the answer.
    private mutating func checkEnd(_ steps: [StepEntry]) {
        for (index, step) in steps.enumerated() {
            switch step {
            case .say(let node):
                if index + 1 < steps.count {
                    let message = Words(
                        "`say` ends the answer; the steps after it are never played",
                        "`say` encerra a resposta; os passos depois dele não acontecem"
                    )
                    checks.problems.error(node.line, message)
                }
            case .calls(let calls):
                if index + 1 == steps.count, let line = calls.first?.tool?.line {
                    let message = Words("the script ends with a call", "o roteiro termina em uma chamada")
                    checks.problems.warning(line, message, hint: Words("end it with `say`", "termine com `say`"))
                }
            }
        }
    }

    /// Whoever follows a suggestion gets an answer that is more than the suggestion again.
    mutating func checkSuggestions(_ scripts: [ScriptEntry]) {
        let patterns = scripts.compactMap { $0.when.flatMap { try? Pattern($0.value) } }
        for suggestion in scripts.flatMap(\.suggest) where !patterns.contains(where: { $0.firstMatch(in: suggestion.value) != nil }) {
            checks.problems.error(
                suggestion.line,
                Words(
                    "no script of this file answers “\(suggestion.value)”",
                    "nenhum roteiro deste arquivo responde a “\(suggestion.value)”"
                ),
                hint: Words("suggest what a `when` fits", "sugira o que combine com um `when`")
            )
        }
    }

    /// A script without `when` fits everything, so nothing after it is reached.
    mutating func checkOrder(_ scripts: [ScriptEntry]) {
        guard let last = scripts.firstIndex(where: { $0.when == nil }), last + 1 < scripts.count else { return }
        let line = scripts[last + 1].when?.line ?? scripts[last + 1].say?.line ?? 1
        let message = Words(
            "this script is never reached: the one before it has no `when` and fits everything",
            "nunca se chega a este roteiro: o anterior não tem `when` e serve para tudo"
        )
        checks.problems.error(line, message)
    }
}
