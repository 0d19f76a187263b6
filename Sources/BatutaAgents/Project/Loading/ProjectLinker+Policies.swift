import BatutaCore

extension ProjectLinker {
    mutating func linkPolicies(_ tools: [HTTPToolDefinition]) -> [PolicyDefinition] {
        var policies: [PolicyDefinition] = []
        for parsed in parsed.policies {
            var linker = PolicyLinker(parsed, tools: tools, broken: brokenNames)
            if let policy = linker.link() { policies.append(policy) }
            problems += linker.checks.problems.problems
        }
        return policies
    }
}

/// Makes one policy of its file.
private struct PolicyLinker {
    private let parsed: ParsedProject.Parsed<PolicyFile>
    private let tools: [HTTPToolDefinition]
    private let broken: Set<String>
    var checks: TemplateChecks

    init(_ parsed: ParsedProject.Parsed<PolicyFile>, tools: [HTTPToolDefinition], broken: Set<String>) {
        self.parsed = parsed
        self.tools = tools
        self.broken = broken
        checks = TemplateChecks(path: parsed.path)
    }

    private static let callNames: Set<String> = ["params", "user", "profile", "run", "now"]
    private static let ruleNames = callNames.union(["facts"])

    private var file: PolicyFile { parsed.value }

    mutating func link() -> PolicyDefinition? {
        guard let tool = file.tool else { return nil }
        checkTool(tool)
        for fact in file.facts { check(fact) }
        for rule in file.rules { check(rule) }
        checkFactNames()
        return PolicyDefinition(
            name: parsed.stem,
            tool: tool.value,
            facts: file.facts.map { fact in
                PolicyDefinition.Fact(
                    name: fact.name,
                    tool: fact.value.tool?.value ?? "",
                    arguments: fact.value.arguments?.json.object ?? [:],
                    cached: fact.value.cached
                )
            },
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
        let pattern = ToolPattern(tool.value)
        let names = tools.map(\.definition.name) + ProjectLinker.builtInTools
        guard !names.contains(where: pattern.matches), !broken.contains(where: pattern.matches) else { return }
        if tool.value.contains("*") || tool.value.contains("?") {
            let message = Words("no tool matches `\(tool.value)`", "nenhuma ferramenta combina com `\(tool.value)`")
            checks.problems.error(tool.line, message)
        } else {
            checks.problems.unknown(.tool, tool.value, among: names, line: tool.line)
        }
    }

    private mutating func check(_ fact: TableEntry<FactEntry>) {
        checks.value(fact.value.arguments, allowing: Self.callNames, for: .tool)
        guard let named = fact.value.tool, !broken.contains(named.value), !ProjectLinker.builtInTools.contains(named.value) else { return }
        guard let tool = tools.first(where: { $0.definition.name == named.value })?.definition else {
            let names = tools.map(\.definition.name) + ProjectLinker.builtInTools
            return checks.problems.unknown(.tool, named.value, among: names, line: named.line)
        }
        guard tool.effect != .read else { return }
        let message = Words(
            "`\(named.value)` cannot tell a fact: its effect is \(tool.effect.rawValue), not read",
            "`\(named.value)` não serve para informar um fato: o efeito dela é \(tool.effect.rawValue), não read"
        )
        checks.problems.error(named.line, message)
    }

    private mutating func check(_ rule: RuleEntry) {
        if let condition = rule.condition { checks.condition(condition, allowing: Self.ruleNames, for: .tool) }
        for words in [rule.warn, rule.deny].compactMap(\.self) { checks.text(words, allowing: Self.ruleNames, for: .tool) }
    }

    /// `facts.x` is a fact of this policy.
    private mutating func checkFactNames() {
        let known = file.facts.map(\.name)
        for path in checks.paths where path.root == "facts" {
            guard let name = path.member, !known.contains(name) else { continue }
            let line = file.rules.first { ($0.condition?.value ?? "").contains(name) }?.condition?.line ?? parsed.line
            checks.problems.unknown(.fact, name, among: known, line: line)
        }
    }
}
