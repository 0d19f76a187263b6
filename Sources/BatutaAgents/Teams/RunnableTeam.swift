public import BatutaCore
import BatutaModels
public import BatutaTools

/// A team as its runs need it, beside the leader's own agent.
public struct RunnableTeam: Sendable {
    public var name: String
    public var plan: TeamPlan
    /// `agent:NAME` or `team:NAME`, by the name that the team calls them.
    public var members: [String: String]

    public init(name: String, plan: TeamPlan, members: [String: String]) {
        self.name = name
        self.plan = plan
        self.members = members
    }
}

extension RunnableAgent {
    /// The agent as the leader of a team.
    ///
    /// - Parameter described: The members with what leaders are told of them.
    public func leading(_ team: RunnableTeam, _ described: [DelegateTool.Member], limits: RunLimits) -> RunnableAgent {
        var definition = definition
        definition.limits = limits
        var picksOne = false
        if case .route = team.plan { picksOne = true }
        let tools = tools.adding([DelegateTool(described, picksOne: picksOne)])
        return RunnableAgent(definition: definition, provider: provider, tools: tools, fallbacks: fallbacks, team: team, accepts: accepts)
    }

    /// Whoever works through a graph: it has the tools of the nodes, and asks no model.
    public static func graph(_ team: RunnableTeam, description: String, tools: ToolRegistry, limits: RunLimits) -> RunnableAgent {
        let definition = AgentDefinition(
            name: team.name,
            description: description,
            model: ModelSettings(name: "none", provider: "none", model: "none"),
            instructions: PromptTemplate(parts: []),
            limits: limits
        )
        return RunnableAgent(definition: definition, provider: NoModel(), tools: tools, team: team)
    }

    /// What a session that talks to it names.
    public var target: String { team.map { "team:\($0.name)" } ?? "agent:\(definition.name)" }
}

/// Stands where a model would, in a run that has none.
private struct NoModel: ModelProvider {
    func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
        throw ModelError(.rejected, "A graph asks no model.")
    }
}
