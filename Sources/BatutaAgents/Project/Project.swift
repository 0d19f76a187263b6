public import BatutaCore
public import BatutaModels
public import BatutaTools

/// A project as its files describe it, checked as a whole (PROJECT.md). Values only: nothing is connected, no secret is in it.
public struct Project: Sendable {
    public var name: String
    /// `agent:NAME`; what a session talks to when it names nothing. nil: it has to name something.
    public var defaultTarget: String?
    /// `pt-BR` or `en`: texts that the project itself chooses.
    public var language: String
    /// IANA name; the zone of days and months.
    public var timeZone: String?
    /// By their names under `models`.
    public var models: [String: ModelSettings]
    /// The model `embedding`: turns texts into vectors, and answers nobody.
    public var embedding: ModelSettings?
    /// The built-in ones and the project's own, by name.
    public var providers: [String: ProviderDefinition]
    public var limits: RunLimits
    /// The built-in profiles and the project's own.
    public var retryProfiles: [String: RetryPolicy]
    /// `host:port`.
    public var egressAllow: [String]
    public var rateLimits: RateLimits
    /// JSON Schema of what users may set about themselves.
    public var profile: JSON?
    /// Values for the agents' variables.
    public var variables: JSONObject
    public var agents: [String: AgentDefinition]
    public var teams: [String: TeamDefinition]
    /// The project's own tools that make requests, in the order of their files.
    public var tools: [HTTPToolDefinition]
    /// Those of its own that run SQL.
    public var sqlTools: [SQLToolDefinition] = []
    /// Where their statements stand, by the names of the tools.
    public var statementPlaces: [String: StatementPlace] = [:]
    /// Those of its own that are Python functions.
    public var pythonTools: [PythonToolDefinition] = []
    /// Its files of Python, by their names within `tools/`.
    public var pythonFiles: [String: [UInt8]] = [:]
    /// In the order of the file.
    public var toolServers: [MCPServerDefinition] = []
    /// Where the files name tools of those servers.
    public var namedServerTools: [NamedServerTool] = []
    /// Those of its own that agents answer.
    public var agentTools: [AgentToolDefinition] = []
    /// By their names under `databases`.
    public var databases: [String: DatabaseDefinition] = [:]
    /// Accounts that are connected, in the order of the file.
    public var connections: [ConnectionDefinition] = []
    public var skills: [Skill] = []
    /// Names of the skills of each agent that has some.
    public var skillsOfAgents: [String: [String]] = [:]
    public var policies: [PolicyDefinition]
    /// In the order in which they are tried.
    public var rehearsals: [RehearsalScript]
    /// Checked. Monitors do not fire yet.
    public var schedules: [ScheduleDefinition]
    /// Checked; nothing is sent over them yet.
    public var channels: [ChannelDefinition]
    /// `rehearsal: when_no_key`.
    public var rehearsesWithoutKey: Bool
    /// `metrics: open`.
    public var metricsAreOpen: Bool
    /// By the provider's name for a model, or the name under `models`.
    public var prices: [String: PriceHistory]
    /// Prices that hold from a day on and not before.
    public var datedPrices: [DatedPrice] = []
    public var budgets: Budgets
    /// Server options (`port`, `public_url` …) that the project sets.
    public var settings: [String: String]
    /// What the files want of the environment, in file order.
    public var references: [EnvironmentReference]
    /// The files that this was made of.
    public var snapshot: ProjectSnapshot

    /// The zone of days and months; UTC unless the project says otherwise.
    public var zone: TimeZoneRules { timeZone.flatMap { TimeZoneRules.named($0) } ?? .utc }

    /// `agent:NAME` and `team:NAME` of everybody that a session can talk to.
    public var targets: [String] { teams.keys.sorted().map { "team:\($0)" } + agents.keys.sorted().map { "agent:\($0)" } }

    /// The agent that `agent:NAME`, a bare name or nothing means; nil when there is none.
    public func agent(for target: String?) -> AgentDefinition? {
        guard let target = target ?? defaultTarget else { return nil }
        return agents[target.hasPrefix("agent:") ? String(target.dropFirst(6)) : target]
    }
}

/// What came of loading a project.
public struct ProjectLoad: Sendable {
    /// nil when there is an error.
    public var project: Project?
    /// What can be put together in spite of errors, to look further with; nothing runs it. nil when batuta.yaml cannot be read.
    public var draft: Project?
    /// Everything that is wrong, in file order; warnings too.
    public var problems: [ProjectProblem]

    public init(project: Project?, draft: Project? = nil, problems: [ProjectProblem]) {
        self.project = project
        self.draft = draft ?? project
        self.problems = problems
    }

    /// The same with what the environment lacks, and what is wrong in its own file.
    public func problems(with check: EnvironmentCheck?, _ others: [ProjectProblem] = []) -> [ProjectProblem] {
        (problems + others + (check?.problems ?? [])).inFileOrder
    }

    /// The problems as they are printed, one a line.
    public func report(_ language: Language) -> String { problems.report(language) }
}
