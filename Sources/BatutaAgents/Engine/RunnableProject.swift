public import BatutaCore
public import BatutaModels
public import BatutaTools

/// One snapshot of a project, ready to run: agents with their models and tools looked up (DESIGN §9.18).
public struct RunnableProject: Sendable {
    public var hash: String
    public var name: String
    public var defaultTarget: String
    /// Language of texts that the project itself chooses: `pt-BR` or `en`.
    public var language: String
    public var isRehearsal: Bool
    public var agents: [String: RunnableAgent]
    /// Values of prompt variables from batuta.yaml.
    public var variables: JSONObject
    /// Secrets that must never leave in an answer or an event.
    public let secrets: [String]
    public var prices: ModelPrices
    let secretPatterns: SecretPatterns

    public init(
        hash: String,
        name: String,
        defaultTarget: String,
        language: String = "en",
        isRehearsal: Bool,
        agents: [String: RunnableAgent],
        variables: JSONObject = [:],
        secrets: [String] = [],
        prices: ModelPrices = ModelPrices()
    ) {
        self.hash = hash
        self.name = name
        self.defaultTarget = defaultTarget
        self.language = language
        self.isRehearsal = isRehearsal
        self.agents = agents
        self.variables = variables
        self.secrets = secrets
        self.prices = prices
        secretPatterns = SecretPatterns(secrets)
    }

    /// The agent that `agent:NAME`, a bare name or nothing means; nil when there is none.
    public func agent(for target: String?) -> RunnableAgent? {
        let name = target ?? defaultTarget
        return agents[name.hasPrefix("agent:") ? String(name.dropFirst(6)) : name]
    }

    /// The valid targets, for error messages.
    public var targets: [String] { agents.keys.sorted().map { "agent:\($0)" } }
}

/// An agent with everything that its runs need.
public struct RunnableAgent: Sendable {
    public var definition: AgentDefinition
    public var provider: any ModelProvider
    public var tools: ToolRegistry

    public init(definition: AgentDefinition, provider: any ModelProvider, tools: ToolRegistry) {
        self.definition = definition
        self.provider = provider
        self.tools = tools
    }
}
