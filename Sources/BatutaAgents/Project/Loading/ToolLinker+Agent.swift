import BatutaCore

extension ToolLinker {
    /// A tool whose calls an agent, or a team, answers.
    mutating func agentTool(_ agent: Located<String>) -> AgentToolDefinition? {
        for (key, line) in idleKeys {
            let message = Words(
                "`\(key)` has no effect on a tool that an agent answers",
                "`\(key)` não tem efeito numa ferramenta que um agente responde"
            )
            checks.problems.warning(line, message, hint: .removeKey)
        }
        let names = TeamNames(agents: project.agents.map(\.name), teams: project.teams.map(\.name), broken: project.brokenNames)
        guard let target = names.target(of: agent.value) else {
            if !names.isBroken(agent.value) { checks.problems.unknownTarget(agent, among: names) }
            return nil
        }
        guard var definition = definition(retry: policy) else { return nil }
        if file.parameters == nil { definition.parameters = AgentTool.parameters }
        // Its run is on record: what became of it is never in doubt.
        definition.settles = false
        return AgentToolDefinition(definition: definition, target: target, checks: conditions)
    }

    /// What concerns attempts and results of calls that leave: an agent's run has limits of its own, and its calls keep and forget results.
    private var idleKeys: [(key: String, line: Int)] {
        let keys: [(key: String, line: Int?)] = [
            ("cache", file.cache?.line), ("settle", file.settle?.line), ("retry", file.retry?.line),
            ("timeout", file.timeout?.line), ("breaker", file.breaker?.line),
            ("invalidates", file.invalidates.first?.line), ("result_schema", file.resultSchema?.line),
            ("idempotency_window", file.idempotencyWindow?.line),
        ]
        return keys.compactMap { key, line in line.map { (key, $0) } }
    }
}
