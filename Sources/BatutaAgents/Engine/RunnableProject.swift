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
    /// Whoever works for each team: its leader, or whoever goes through its graph.
    public var teams: [String: RunnableAgent]
    /// The models that can be asked, by their names in batuta.yaml: what a fork may choose.
    public var models: [String: RunnableModel]
    /// Values of prompt variables from batuta.yaml.
    public var variables: JSONObject
    /// What users may set about themselves; nil when the project asks nothing.
    public var profile: ProfileSchema?
    /// Secrets that must never leave in an answer or an event.
    public let secrets: [String]
    public var prices: ModelPrices
    public var budgets: Budgets
    /// What a person could say first, by the language that they read; only in rehearsal, where the script knows some sentences.
    public var suggestions: [Language: [String]]
    public var policies: PolicyGate
    /// What the project starts by the clock.
    public var schedules: [ScheduleDefinition] = []
    /// Who turns texts into vectors; nil where the project names nobody.
    public var embedding: RunnableEmbedding?
    /// Where its models are asked, by whatever name.
    public var places: Set<ModelPlace> = []
    /// The protocol and address of each provider.
    public var addresses: [String: String] = [:]
    let secretPatterns: SecretPatterns

    public init(
        hash: String,
        name: String,
        defaultTarget: String,
        language: String = "en",
        isRehearsal: Bool,
        agents: [String: RunnableAgent],
        teams: [String: RunnableAgent] = [:],
        models: [String: RunnableModel] = [:],
        variables: JSONObject = [:],
        profile: ProfileSchema? = nil,
        secrets: [String] = [],
        prices: ModelPrices = ModelPrices(),
        suggestions: [Language: [String]] = [:],
        policies: PolicyGate = .open,
        budgets: Budgets = Budgets()
    ) {
        self.budgets = budgets
        self.policies = policies
        self.suggestions = suggestions
        self.hash = hash
        self.name = name
        self.defaultTarget = defaultTarget
        self.language = language
        self.isRehearsal = isRehearsal
        self.agents = agents
        self.teams = teams
        self.models = models
        self.variables = variables
        self.profile = profile
        self.secrets = secrets
        self.prices = prices
        secretPatterns = SecretPatterns(secrets)
    }

    /// Who answers for `agent:NAME`, `team:NAME`, a bare name or nothing; nil when there is none.
    public func agent(for target: String?) -> RunnableAgent? {
        let name = target ?? defaultTarget
        if name.hasPrefix("team:") { return teams[String(name.dropFirst(5))] }
        if name.hasPrefix("agent:") { return agents[String(name.dropFirst(6))] }
        return agents[name] ?? teams[name]
    }

    /// The variables that somebody declares who works for a target: its own, and its members'.
    public func variables(for target: String?) -> [VariableDeclaration] {
        var seen: Set<String> = [], waiting = [target ?? defaultTarget]
        var found: [VariableDeclaration] = []
        while let next = waiting.popLast() {
            guard let agent = agent(for: next), seen.insert(agent.target).inserted else { continue }
            for variable in agent.definition.variables where !found.contains(where: { $0.name == variable.name }) { found.append(variable) }
            waiting += agent.team?.members.values.sorted() ?? []
        }
        return found
    }

    /// Prompt variables that an agent takes from its user's profile: over batuta.yaml's values, except where the profile has a default only.
    func variables(of agent: RunnableAgent, from stored: JSONObject) -> JSONObject {
        guard let profile else { return [:] }
        let filled = profile.filled(stored)
        let names = agent.definition.variables.map(\.name).filter { stored[$0] != nil || variables[$0] == nil }
        return JSONObject(names.compactMap { name in filled[name].map { (name, $0) } })
    }

    /// The valid targets, for error messages.
    public var targets: [String] { teams.keys.sorted().map { "team:\($0)" } + agents.keys.sorted().map { "agent:\($0)" } }
}

/// An agent with everything that its runs need.
public struct RunnableAgent: Sendable {
    public var definition: AgentDefinition
    public let provider: any ModelProvider
    public let tools: ToolRegistry
    /// Who is asked, in order, when the agent's own model fails for good.
    public var fallbacks: [RunnableModel]
    /// The team for which it works, as its leader or through its graph; nil for an agent by itself.
    public let team: RunnableTeam?
    /// The kinds of files that the agent's own model sees.
    public var accepts: Set<ModelFile.Kind>
    /// Bytes that the tools take in a prompt.
    let toolSize: Int
    /// What each of the tools does, for answers that are given again.
    let toolEffects: String
    /// What was last made of the three for the log.
    let parameters = RequestParameters()

    public init(
        definition: AgentDefinition,
        provider: any ModelProvider,
        tools: ToolRegistry,
        fallbacks: [RunnableModel] = [],
        team: RunnableTeam? = nil,
        accepts: Set<ModelFile.Kind> = []
    ) {
        self.fallbacks = fallbacks
        self.team = team
        self.accepts = accepts
        self.definition = definition
        self.provider = provider
        self.tools = tools
        toolEffects = tools.definitions.map { "\($0.name) \($0.effect.rawValue) \(tools.delegates($0.name))" }.joined(separator: "\n")
        toolSize = QuestionSize.bytes(of: tools.offers)
    }
}

/// The model `embedding` with whoever answers for it.
public struct RunnableEmbedding: Sendable {
    public var settings: ModelSettings
    public var model: any EmbeddingModel

    public init(settings: ModelSettings, model: any EmbeddingModel) {
        self.settings = settings
        self.settings.maxOutputTokens = 0
        self.model = model
    }
}

/// A model with whoever answers for it.
public struct RunnableModel: Sendable {
    public var settings: ModelSettings
    public var provider: any ModelProvider
    /// The kinds of files that it sees.
    public var accepts: Set<ModelFile.Kind>

    public init(settings: ModelSettings, provider: any ModelProvider, accepts: Set<ModelFile.Kind> = []) {
        self.accepts = accepts
        self.settings = settings
        self.provider = provider
    }
}
