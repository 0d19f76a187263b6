import BatutaAgents
import BatutaCore
import BatutaTesting
import BatutaTools

/// Who plays the script: one agent, a leader with two members who work at once, or a graph of eleven agents.
enum Play: String {
    case alone, team, graph

    var model: ScriptedModel {
        switch self {
        case .alone: Script.model
        case .team: ScriptedModel { Self.reply(of: $0.agent, round: Script.rounds(of: $0)) }
        case .graph: ScriptedModel { .say("\($0.agent) is done.") }
        }
    }

    /// Puts the team in the place of the one agent.
    func arrange(_ project: inout RunnableProject, _ tools: [any Tool]) {
        guard self != .alone, let one = project.agents["assistant"] else { return }
        let names = self == .team ? ["leader", "first", "second"] : Self.nodes
        for name in names {
            var agent = one
            agent.definition.name = name
            project.agents[name] = agent
        }
        let members = Dictionary(uniqueKeysWithValues: names.map { ($0, "agent:\($0)") })
        if self == .team, let leader = project.agents["leader"] {
            let described = ["first", "second"].map { DelegateTool.Member(name: $0, target: "agent:\($0)", description: "works") }
            let bare = RunnableAgent(definition: leader.definition, provider: leader.provider, tools: ToolCatalog([]).everything)
            let team = RunnableTeam(name: "crew", plan: .coordinate, members: members)
            project.teams["crew"] = bare.leading(team, described, limits: leader.definition.limits)
        } else {
            let team = RunnableTeam(name: "crew", plan: .graph(Self.ways), members: members)
            project.teams["crew"] = .graph(team, description: "", tools: ToolCatalog([]).everything, limits: one.definition.limits)
        }
        project.defaultTarget = "team:crew"
    }

    private static func reply(of agent: String, round: Int) -> ScriptedModel.Reply {
        switch (agent, round) {
        case ("leader", 0):
            .call(
                ["first", "second"].map { ("delegate", ["member": .string($0), "task": "Do your part."]) },
                text: "I let others work. "
            )
        case ("leader", _): .speak("Everything is done, é, 🎼.")
        case ("first", 0): .call([("look", ["at": "table"]), ("set", ["places": 4])], text: "First I look around. ")
        case ("first", 1): .call([("note", ["text": "table is set"])])
        case ("second", 0): .call([("look", ["at": "bill"]), ("pay", ["amount": 5])])
        case ("second", 1): .call([("set", ["places": 0]), ("note", ["text": "paid"])])
        default: .say("\(agent) is done.")
        }
    }

    /// One first, three ways of three side by side, one last.
    private static let nodes = ["start"] + ["a", "b", "c"].flatMap { way in (1...3).map { "\(way)\($0)" } } + ["last"]

    private static let ways: GraphPlan = {
        var edges = [GraphPlan.Edge(from: "start", to: ["a1", "b1", "c1"]), GraphPlan.Edge(from: "last", to: [GraphPlan.end])]
        for way in ["a", "b", "c"] {
            edges.append(GraphPlan.Edge(from: "\(way)1", to: ["\(way)2"]))
            edges.append(GraphPlan.Edge(from: "\(way)2", to: ["\(way)3"]))
            edges.append(GraphPlan.Edge(from: "\(way)3", to: ["last"]))
        }
        let works = nodes.map { GraphPlan.Node($0, .member(target: "agent:\($0)", input: nil)) }
        return GraphPlan(nodes: works, edges: edges, start: "start")
    }()
}
