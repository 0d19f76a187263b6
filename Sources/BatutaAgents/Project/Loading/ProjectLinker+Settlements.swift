import BatutaCore
import BatutaTools

/// A `settle` whose tool is looked up when all tools are known.
struct NamedSettlement {
    var path: String
    var tool: Located<String>
    var arguments: YAMLNode?
    /// What is known of the names in its arguments.
    var types: [String: ExpressionType]

    /// nil without one that names a tool.
    init?(_ entry: SettleEntry?, in checks: TemplateChecks) {
        guard let entry, let tool = entry.tool else { return nil }
        path = checks.problems.path
        self.tool = tool
        arguments = entry.arguments
        types = checks.types
    }
}

extension ProjectLinker {
    /// A settling tool is a read tool of the project, and not the tool itself.
    mutating func checkSettlements(_ tools: [ToolDefinition], _ servers: [MCPServerDefinition]) {
        for settlement in settlements {
            var checks = TemplateChecks(path: settlement.path)
            checks.types = settlement.types
            let named = settlement.tool
            if let tool = tools.first(where: { $0.name == named.value }) {
                refuse(named, tool.effect, &checks.problems)
                let arguments = ToolArguments(tool: tool, line: named.line)
                if tool.effect == .read {
                    arguments.check(settlement.arguments, allowing: TemplateChecks.settlementNames, with: &checks)
                }
            } else if let isKnown = isToolOfServer(named, &checks.problems) {
                if isKnown, let effect = servers.effect(of: named.value) { refuse(named, effect, &checks.problems) }
            } else if !brokenNames.contains(named.value), !hasBrokenPython {
                checks.problems.unknown(.tool, named.value, among: tools.map(\.name), line: named.line)
            }
            problems += checks.problems.problems
        }
    }

    private func refuse(_ named: Located<String>, _ effect: ToolEffect, _ list: inout ProblemList) {
        guard effect != .read else { return }
        let message = Words(
            "`\(named.value)` cannot settle anything: its effect is \(effect.rawValue), not read",
            "`\(named.value)` não serve para apurar: o efeito dela é \(effect.rawValue), não read"
        )
        list.error(named.line, message)
    }
}

extension [MCPServerDefinition] {
    /// What the project's rules make of a tool by its name; nil where that is for the server's hints to say.
    func effect(of name: String) -> ToolEffect? {
        let words = name.dropFirst("mcp:".count).split(separator: "/", maxSplits: 1)
        guard words.count == 2, let server = first(where: { $0.name == words[0] }) else { return nil }
        let said = server.rules.filter { Glob.matches($0.pattern, String(words[1])) }.compactMap(\.effect).last
        return said ?? (server.trustsHints ? nil : .write)
    }
}
