/// A team as a builder described it, checked.
public struct TeamDefinition: Sendable {
    public var name: String
    public var description: String
    /// `agent:NAME`; nil for a graph.
    public var leader: String?
    /// `agent:NAME` or `team:NAME` by the names that the team calls them, in the order of the file.
    public var members: [Member]
    public var plan: TeamPlan
    /// Tools that nodes of the graph call.
    public var tools: [String]
    public var limits: RunLimits

    public struct Member: Sendable, Hashable {
        public var name: String
        public var target: String

        public init(name: String, target: String) {
            self.name = name
            self.target = target
        }
    }

    public init(
        name: String,
        description: String,
        leader: String?,
        members: [Member],
        plan: TeamPlan,
        tools: [String] = [],
        limits: RunLimits = RunLimits()
    ) {
        self.name = name
        self.description = description
        self.leader = leader
        self.members = members
        self.plan = plan
        self.tools = tools
        self.limits = limits
    }
}
