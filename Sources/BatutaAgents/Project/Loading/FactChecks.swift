import BatutaCore

/// Checks what a fact asks a tool: that the tool only reads, and that it takes the arguments.
struct FactChecks {
    let tools: [ToolDefinition]
    let project: ProjectLinker
    let names: Set<String>

    func check(_ fact: TableEntry<FactEntry>, with checks: inout TemplateChecks) {
        checks.value(fact.value.arguments, allowing: names, for: .tool)
        guard let named = fact.value.tool, !project.brokenNames.contains(named.value) else { return }
        if let isKnown = project.isToolOfServer(named, &checks.problems) {
            if isKnown, let effect = project.linkedServers.effect(of: named.value) { refuse(named, effect, &checks) }
            return
        }
        guard let tool = tools.first(where: { $0.name == named.value }) else {
            return checks.problems.unknown(.tool, named.value, among: tools.map(\.name), line: named.line)
        }
        guard tool.effect == .read else { return refuse(named, tool.effect, &checks) }
        ToolArguments(tool: tool, line: named.line).check(fact.value.arguments, allowing: names, with: &checks)
    }

    private func refuse(_ named: Located<String>, _ effect: ToolEffect, _ checks: inout TemplateChecks) {
        guard effect != .read else { return }
        let message = Words(
            "`\(named.value)` cannot tell a fact: its effect is \(effect.rawValue), not read",
            "`\(named.value)` não serve para informar um fato: o efeito dela é \(effect.rawValue), não read"
        )
        checks.problems.error(named.line, message)
    }
}

/// Checks arguments that a file gives to a tool, as far as they are known before anything runs.
struct ToolArguments {
    let tool: ToolDefinition
    /// Where the tool is named.
    let line: Int

    func check(_ arguments: YAMLNode?, allowing names: Set<String>, with checks: inout TemplateChecks) {
        let schema = tool.parameters
        let properties = schema["properties"]?.object ?? [:]
        let isOpen = ["patternProperties", "$ref", "allOf", "anyOf", "oneOf"].contains { schema[$0] != nil }
        let given = arguments?.members ?? []
        for required in schema["required"]?.array?.compactMap(\.string) ?? [] where !given.contains(where: { $0.key == required }) {
            let message = Words(
                "`\(tool.name)` needs the argument `\(required)`",
                "`\(tool.name)` precisa do argumento `\(required)`"
            )
            checks.problems.error(arguments?.line ?? line, message)
        }
        for argument in given {
            if let parameter = properties[argument.key] {
                check(argument, parameter, names, &checks)
            } else if !isOpen, schema["additionalProperties"].map({ $0 == false }) ?? true {
                checks.problems.unknown(.parameter, argument.key, among: properties.keys, line: argument.keyLine)
            }
        }
    }

    private func check(_ argument: YAMLNode.Member, _ schema: JSON, _ names: Set<String>, _ checks: inout TemplateChecks) {
        let isFixed = !Self.hasExpressions(argument.value)
        if isFixed, let violation = (try? JSONSchema(schema))?.violations(of: argument.value.json).first {
            let words = (try? JSONSchema(schema))?.fieldProblems(of: argument.value.json).first?.words
            let message = Words(
                "the argument `\(argument.key)` of `\(tool.name)` does not fit: \(violation.message)",
                "o argumento `\(argument.key)` de `\(tool.name)` não serve" + (words.map { ": \($0.portuguese)" } ?? "")
            )
            checks.problems.error(argument.value.line, message)
        }
        guard !isFixed, let text = argument.value.string else { return }
        let (given, wanted) = (checks.type(of: text, allowing: names), ExpressionType(schema: schema))
        guard !given.mayEqual(wanted) else { return }
        let message = Words(
            "the argument `\(argument.key)` of `\(tool.name)` is a \(wanted.word), this is a \(given.word)",
            "o argumento `\(argument.key)` de `\(tool.name)` é do tipo \(wanted.word), e este valor é \(given.word)"
        )
        checks.problems.error(argument.value.line, message)
    }

    /// Whether some text within holds a `${ … }`, so that its value is not known yet.
    private static func hasExpressions(_ node: YAMLNode) -> Bool {
        if let text = node.string { return text.contains("${") }
        return (node.elements ?? []).contains(where: hasExpressions) || (node.members ?? []).contains { hasExpressions($0.value) }
    }
}
