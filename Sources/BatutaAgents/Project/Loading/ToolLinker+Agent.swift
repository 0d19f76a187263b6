import BatutaCore

extension ToolLinker {
    /// A tool whose calls an agent, or a team, answers.
    mutating func agentTool(_ agent: Located<String>) -> AgentToolDefinition? {
        for (key, line) in [("cache", file.cache?.line), ("settle", file.settle?.line)] {
            guard let line else { continue }
            let message = Words(
                "`\(key)` has no effect on a tool that an agent answers",
                "`\(key)` não tem efeito numa ferramenta que um agente responde"
            )
            checks.problems.warning(line, message, hint: .removeKey)
        }
        let names = TeamNames(agents: project.agents.map(\.name), teams: project.teams.map(\.name), broken: project.brokenNames)
        guard let target = names.target(of: agent.value) else {
            if !names.isBroken(agent.value) {
                checks.problems.unknown(.member, agent.value, among: names.agents + names.teams, line: agent.line)
            }
            return nil
        }
        guard var definition = definition(retry: policy) else { return nil }
        if file.parameters == nil { definition.parameters = AgentTool.parameters }
        // Its run is on record: what became of it is never in doubt.
        definition.settles = false
        return AgentToolDefinition(definition: definition, target: target, checks: conditions)
    }
}
