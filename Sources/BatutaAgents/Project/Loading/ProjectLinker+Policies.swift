import BatutaCore

extension ProjectLinker {
    mutating func linkPolicies(_ tools: [ToolDefinition]) -> [PolicyDefinition] {
        var policies: [PolicyDefinition] = []
        for parsed in parsed.policies {
            var linker = PolicyLinker(parsed, tools: tools + Self.builtInDefinitions, of: self)
            if let policy = linker.link() { policies.append(policy) }
            checkChannels(parsed.value.approval?.channels ?? [], in: &linker.checks.problems)
            problems += linker.checks.problems.problems
        }
        return policies
    }
}

/// Makes one policy of its file.
private struct PolicyLinker {
    private let parsed: ParsedProject.Parsed<PolicyFile>
    private let tools: [ToolDefinition]
    private let broken: Set<String>
    var checks: TemplateChecks
    private let linker: ProjectLinker

    init(_ parsed: ParsedProject.Parsed<PolicyFile>, tools: [ToolDefinition], of linker: ProjectLinker) {
        self.linker = linker
        self.parsed = parsed
        self.tools = tools
        broken = linker.brokenNames
        checks = TemplateChecks(path: parsed.path)
        checks.types = ExpressionScopes.common(linker.parsed)
        checks.types["facts"] = ExpressionScopes.facts(parsed.value.facts, of: tools)
        checks.types["params"] = params
    }

    /// What is known of the arguments when the policy is for one tool.
    private var params: ExpressionType {
        let concerned = file.tool.map { tool in tools.filter { ToolPattern(tool.value).matches($0.name) } } ?? []
        return concerned.count == 1 ? ExpressionScopes.params(concerned[0].parameters) : .dyn
    }

    private static let callNames: Set<String> = ["params", "user", "profile", "run", "now"]
    private static let ruleNames = callNames.union(["facts"])

    private var file: PolicyFile { parsed.value }

    mutating func link() -> PolicyDefinition? {
        guard let tool = file.tool else { return nil }
        checkTool(tool)
        let facts = FactChecks(tools: tools, project: linker, names: Self.callNames)
        for fact in file.facts { facts.check(fact, with: &checks) }
        for rule in file.rules { check(rule) }
        return PolicyDefinition(
            name: parsed.stem,
            tool: tool.value,
            facts: file.facts.map(\.definition),
            rules: file.rules.compactMap(Self.rule),
            onWarning: file.onWarning ?? .ask,
            onFactError: file.onFactError ?? .ask,
            suggestedAction: file.suggestedAction,
            approval: file.approval?.terms ?? ApprovalTerms()
        )
    }

    private static func rule(_ entry: RuleEntry) -> PolicyDefinition.Rule? {
        guard let condition = entry.condition?.value, let words = entry.deny ?? entry.warn else { return nil }
        return PolicyDefinition.Rule(condition: condition, consequence: entry.deny == nil ? .warn : .deny, words: words.value)
    }

    /// A policy for nothing protects nothing: a misspelt name must not pass in silence.
    private mutating func checkTool(_ tool: Located<String>) {
        if linker.isToolOfServer(tool, &checks.problems) != nil || linker.hasBrokenPython { return }
        let pattern = ToolPattern(tool.value)
        let names = tools.map(\.name)
        guard !names.contains(where: pattern.matches), !broken.contains(where: pattern.matches) else { return }
        if tool.value.contains("*") || tool.value.contains("?") {
            let message = Words("no tool matches `\(tool.value)`", "nenhuma ferramenta combina com `\(tool.value)`")
            checks.problems.error(tool.line, message)
        } else {
            checks.problems.unknown(.tool, tool.value, among: names, line: tool.line)
        }
    }

    private mutating func check(_ rule: RuleEntry) {
        if let condition = rule.condition { checks.condition(condition, allowing: Self.ruleNames, for: .tool) }
        for words in [rule.warn, rule.deny].compactMap(\.self) { checks.text(words, allowing: Self.ruleNames, for: .tool) }
    }
}
