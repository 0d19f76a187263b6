import BatutaAgents
import BatutaCore
import BatutaTools

extension ProjectCompiler {
    /// Whoever works for each team.
    func teams(of project: Project, _ agents: [String: RunnableAgent], _ catalog: ToolCatalog) -> [String: RunnableAgent] {
        var teams: [String: RunnableAgent] = [:]
        for (name, definition) in project.teams {
            let members = Dictionary(definition.members.map { ($0.name, $0.target) }) { first, _ in first }
            let team = RunnableTeam(name: name, plan: definition.plan, members: members)
            if case .graph = definition.plan {
                let tools = catalog.registry(offering: definition.tools)
                teams[name] = .graph(team, description: definition.description, tools: tools, limits: definition.limits)
            } else if let leader = definition.leader.flatMap({ agents[String($0.dropFirst("agent:".count))] }) {
                teams[name] = leader.leading(team, described(definition, in: project), limits: definition.limits)
            }
        }
        return teams
    }

    /// The members with what leaders are told of them.
    private func described(_ team: TeamDefinition, in project: Project) -> [DelegateTool.Member] {
        team.members.map { member in
            let name = String(member.target.drop { $0 != ":" }.dropFirst())
            let words = member.target.hasPrefix("team:") ? project.teams[name]?.description : project.agents[name]?.description
            return DelegateTool.Member(name: member.name, target: member.target, description: words ?? "")
        }
    }
}
