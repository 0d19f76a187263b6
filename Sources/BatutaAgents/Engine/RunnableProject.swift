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
    /// The models that can be asked, by their names in batuta.yaml: what a fork may choose.
    public var models: [String: RunnableModel]
    /// Values of prompt variables from batuta.yaml.
    public var variables: JSONObject
    /// What users may set about themselves; nil when the project asks nothing.
    public var profile: ProfileSchema?
    /// Secrets that must never leave in an answer or an event.
    public let secrets: [String]
    public var prices: ModelPrices
    /// What a person could say first, by the language that they read; only in rehearsal, where the script knows some sentences.
    public var suggestions: [Language: [String]]
    public var policies: PolicyGate
    let secretPatterns: SecretPatterns

    public init(
        hash: String,
        name: String,
        defaultTarget: String,
        language: String = "en",
        isRehearsal: Bool,
        agents: [String: RunnableAgent],
        models: [String: RunnableModel] = [:],
        variables: JSONObject = [:],
        profile: ProfileSchema? = nil,
        secrets: [String] = [],
        prices: ModelPrices = ModelPrices(),
        suggestions: [Language: [String]] = [:],
        policies: PolicyGate = .open
    ) {
        self.policies = policies
        self.suggestions = suggestions
        self.hash = hash
        self.name = name
        self.defaultTarget = defaultTarget
        self.language = language
        self.isRehearsal = isRehearsal
        self.agents = agents
        self.models = models
        self.variables = variables
        self.profile = profile
        self.secrets = secrets
        self.prices = prices
        secretPatterns = SecretPatterns(secrets)
    }

    /// The agent that `agent:NAME`, a bare name or nothing means; nil when there is none.
    public func agent(for target: String?) -> RunnableAgent? {
        let name = target ?? defaultTarget
        return agents[name.hasPrefix("agent:") ? String(name.dropFirst(6)) : name]
    }

    /// Prompt variables that an agent takes from its user's profile: over batuta.yaml's values, except where the profile has a default only.
    func variables(of agent: RunnableAgent, from stored: JSONObject) -> JSONObject {
        guard let profile else { return [:] }
        let filled = profile.filled(stored)
        let names = agent.definition.variables.map(\.name).filter { stored[$0] != nil || variables[$0] == nil }
        return JSONObject(names.compactMap { name in filled[name].map { (name, $0) } })
    }

    /// The valid targets, for error messages.
    public var targets: [String] { agents.keys.sorted().map { "agent:\($0)" } }
}

/// An agent with everything that its runs need.
public struct RunnableAgent: Sendable {
    public var definition: AgentDefinition
    public let provider: any ModelProvider
    public let tools: ToolRegistry
    /// Who is asked, in order, when the agent's own model fails for good.
    public var fallbacks: [RunnableModel]
    /// Bytes that the tools take in a prompt.
    let toolSize: Int
    /// What was last made of the three for the log.
    let parameters = RequestParameters()

    public init(definition: AgentDefinition, provider: any ModelProvider, tools: ToolRegistry, fallbacks: [RunnableModel] = []) {
        self.fallbacks = fallbacks
        self.definition = definition
        self.provider = provider
        self.tools = tools
        toolSize = tools.offers.reduce(0) { $0 + 64 + $1.name.utf8.count + $1.description.utf8.count + $1.parameters.count }
    }
}

/// A model with whoever answers for it.
public struct RunnableModel: Sendable {
    public var settings: ModelSettings
    public var provider: any ModelProvider

    public init(settings: ModelSettings, provider: any ModelProvider) {
        self.settings = settings
        self.provider = provider
    }
}
