public import BatutaAgents
public import BatutaHTTP
public import BatutaModels
public import BatutaStorage
public import BatutaTools

/// What routes about secrets and models work on: the project that is served, the vault that it looks into, and the model that is connected.
public struct ProjectServices: Sendable {
    public let served: ServedProject
    public let vault: Vault
    public let connections: ModelConnectionStore
    public let client: HTTPClient
    /// The folder that the project is read from, where prompts can be edited; nil when it comes from the store or is a single file.
    public var folder: String?
    /// The accounts that users connect.
    public let accounts: AccountConnections
    /// The circuit breakers of the services that tools talk to.
    public var breakers: BreakerBoard<Origin>
    /// Those of its models.
    public var circuits: ModelCircuits
    /// nil where nothing runs tools, as in some tests.
    public var toolServers: ToolServerServices?
    /// How long a check of a model may take.
    public var patience: Duration
    /// Where models of this machine are looked for.
    public var localServers: [LocalModelServer]
    /// How long one of them may take to answer.
    public var localPatience: Duration

    public init(
        served: ServedProject,
        vault: Vault,
        connections: ModelConnectionStore,
        client: HTTPClient,
        accounts: AccountConnections,
        breakers: BreakerBoard<Origin> = BreakerBoard(),
        circuits: ModelCircuits = ModelCircuits(),
        toolServers: ToolServerServices? = nil,
        patience: Duration = ModelProbe.patience,
        localServers: [LocalModelServer] = LocalModelServers.usual,
        localPatience: Duration = LocalModelServers.patience
    ) {
        self.served = served
        self.vault = vault
        self.connections = connections
        self.client = client
        self.accounts = accounts
        self.breakers = breakers
        self.circuits = circuits
        self.toolServers = toolServers
        self.patience = patience
        self.localServers = localServers
        self.localPatience = localPatience
    }

    /// Lets what changed count from now on, and what the project lacks be known.
    func renew(_ status: ServerStatus) async throws {
        status.report(problems: try await served.renew())
    }
}
