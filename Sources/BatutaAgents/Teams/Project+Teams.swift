import BatutaCore
public import BatutaTools

extension Project {
    /// Whoever works for each team, of the agents as they were made ready to run.
    public func runnableTeams(_ agents: [String: RunnableAgent], _ catalog: ToolCatalog) -> [String: RunnableAgent] {
        var runnable: [String: RunnableAgent] = [:]
        for (name, definition) in teams {
            let members = Dictionary(definition.members.map { ($0.name, $0.target) }) { first, _ in first }
            let team = RunnableTeam(name: name, plan: definition.plan, members: members)
            if case .graph = definition.plan {
                let tools = catalog.registry(offering: definition.tools)
                runnable[name] = .graph(team, description: definition.description, tools: tools, limits: definition.limits)
            } else if let leader = definition.leader.flatMap({ agents[String($0.dropFirst("agent:".count))] }) {
                runnable[name] = leader.leading(team, described(definition), limits: definition.limits)
            }
        }
        return runnable
    }

    /// The members with what leaders are told of them.
    private func described(_ team: TeamDefinition) -> [DelegateTool.Member] {
        team.members.map { member in
            let name = String(member.target.drop { $0 != ":" }.dropFirst())
            let words = member.target.hasPrefix("team:") ? teams[name]?.description : agents[name]?.description
            return DelegateTool.Member(name: member.name, target: member.target, description: words ?? "")
        }
    }
}
