public import BatutaAgents
public import BatutaCore
public import BatutaMemory
import BatutaModels
public import BatutaQueue
public import BatutaRuns
public import BatutaStorage
public import BatutaTelemetry
import BatutaTools

/// An engine on a store of its own, with one scripted agent: what engine tests stand on.
public final class EngineBench: Sendable {
    public let folder: TemporaryFolder
    public let database: any Database
    public let clock: ManualClock
    public let log: EventLog
    public let engine: Engine
    /// What is known of users.
    public let facts: FactStore
    /// Work that follows from runs; nobody does it by itself.
    public let jobs: JobQueue
    private let running: Task<Void, Never>

    /// - Parameters:
    ///   - kind: The database that its store lies in.
    ///   - memory: What the agent keeps of its users; with it come `remember` and `recall`.
    ///   - terms: Makes it one node of several on the same store.
    ///   - bell: What those hear each other by.
    ///   - redis: Another Redis than the one that all tests share, or another way to it; `postgres` likewise.
    ///   - clockIsPaced: The clock is a machine's that may be set: the project's follows it as a server's does.
    ///   - store: Stands between the engine and its database, to disturb it.
    public init(
        on kind: StoreEngine = .sqlite,
        model: any ModelProvider,
        tools: [any Tool] = [],
        folder: TemporaryFolder = TemporaryFolder(),
        limits: RunLimits = RunLimits(),
        isRehearsal: Bool = false,
        secrets: [String] = [],
        instructions: PromptTemplate = PromptTemplate(text: "You help."),
        memory: AgentDefinition.UserMemory? = nil,
        clock: ManualClock = ManualClock(),
        clockIsPaced: Bool = false,
        configuration: EngineConfiguration = EngineConfiguration(),
        store: (any Database) -> any Database = { $0 },
        people: @escaping Person.Source = { _ in nil },
        logger: Logger = .silent,
        metrics: BatutaMetrics? = nil,
        sharing terms: SessionLeases.Terms? = nil,
        bell: StoreBell = .postgres,
        redis: RedisAddress? = nil,
        postgres: PostgresConfiguration? = nil,
        configure: (inout RunnableProject) -> Void = { _ in }
    ) async throws {
        self.folder = folder
        self.clock = clock
        database = try await kind.open(in: folder, postgres: postgres)
        try await database.migrate(Self.migrations)
        let projectClock: any ProjectClock = clockIsPaced ? try await StoredClock.start(in: database, system: clock) : clock
        let blobs = try await BlobStore.open(in: database, folder: folder.path, clock: projectClock)
        let store = store(database)
        let doorbell = terms == nil || kind == .sqlite ? nil : try await bell.make(for: folder, redis: redis, postgres: postgres)
        let node = NodeID.make(at: SystemClock().now(), random: SystemRandom())
        let sharing = Self.sharing(of: store, terms, node, doorbell)
        log = EventLog(database: store, clock: projectClock, blobs: blobs, sharing: sharing)
        let facts = FactStore(database: store, clock: projectClock)
        self.facts = facts
        let jobs = JobQueue(database: store, clock: projectClock)
        self.jobs = jobs
        let remembering = memory.map { MemoryTools.make(facts, namespaces: MemoryNamespaces(["assistant": $0.namespace])) } ?? []
        let all = tools + remembering
        var project = Self.project(model: model, tools: all, limits: limits, isRehearsal: isRehearsal, secrets: secrets)
        project.agents["assistant"]?.definition.instructions = instructions
        if let memory { project.agents["assistant"]?.definition.userMemory = memory }
        configure(&project)
        var configuration = configuration
        configuration.patience = Deadline.patience
        engine = Engine(
            database: store,
            log: log,
            blobs: blobs,
            facts: facts,
            jobs: jobs,
            projects: FixedProject(project),
            tools: ToolRuntime(clock: projectClock),
            clock: projectClock,
            metrics: metrics,
            logger: logger,
            people: people,
            treasury: Treasury(database: store, node: node.rawValue),
            answers: ResponseCache(database: store, clock: projectClock, isShared: sharing != nil),
            configuration: configuration
        )
        let (engine, log) = (engine, log)
        running = Task {
            async let followed: Void = log.follow()
            await engine.run()
            await followed
        }
    }

    /// The tables of its store.
    public static let migrations = [
        RunsMigrations.set, BlobStore.migrations, MemoryMigrations.set, ExperimentMigrations.set, QueueMigrations.set,
        MoneyMigrations.set, ResponseCacheMigrations.set, ScheduleMigrations.set, StoredClock.migrations,
    ]

    private static func sharing(of store: any Database, _ terms: SessionLeases.Terms?, _ node: NodeID, _ doorbell: (any Doorbell)?)
        -> LogSharing?
    {
        guard let terms else { return nil }
        return LogSharing(leases: SessionLeases(database: store, node: node, terms: terms), doorbell: doorbell)
    }

    private static func project(model: any ModelProvider, tools: [any Tool], limits: RunLimits, isRehearsal: Bool, secrets: [String])
        -> RunnableProject
    {
        let settings = ModelSettings(name: "default", provider: "test", model: "test-model")
        let definition = AgentDefinition(
            name: "assistant",
            model: settings,
            tools: tools.map(\.definition.name),
            instructions: PromptTemplate(text: "You help."),
            limits: limits
        )
        let registry = ToolCatalog(tools).registry(offering: definition.tools)
        let agent = RunnableAgent(definition: definition, provider: model, tools: registry)
        return RunnableProject(
            hash: "test",
            name: "test",
            defaultTarget: "agent:assistant",
            isRehearsal: isRehearsal,
            agents: ["assistant": agent],
            secrets: secrets
        )
    }

    /// Sends a message in a new session and subscribes to it from the start.
    public func send(_ text: String, from owner: String = "usr_test") async throws -> (Acceptance, EventCollector) {
        let session = try engine.makeSession(owner: owner, target: nil)
        let acceptance = try await engine.accept(IncomingMessage(content: text), in: session, isNew: true)
        let collector = EventCollector()
        _ = try await log.subscribe(to: session.id, after: 0, sink: collector)
        return (acceptance, collector)
    }

    /// Sends a message in a session that exists.
    public func send(_ text: String, in session: SessionID) async throws -> Acceptance {
        guard let session = try await SessionStore(database: database).find(session, owner: nil) else {
            throw EngineError(.notFound, Words("no session", "não há sessão"))
        }
        return try await engine.accept(IncomingMessage(content: text), in: session)
    }

    public func run(_ id: RunID) async throws -> Run? { try await RunStore(database: database).find(id, owner: nil) }

    public func pendingApprovals() async throws -> [Approval] {
        try await ApprovalStore(database: database).list(owner: nil, state: .requested, limit: 100)
    }

    /// Ends as a crash would: nothing more is written after this.
    public func crash() async {
        await database.close()
        running.cancel()
    }

    /// Cancels the engine's task and waits until it has let go of everything.
    public func cancel() async {
        running.cancel()
        await running.value
    }

    public func stop() async {
        await engine.drain(within: .milliseconds(100))
        running.cancel()
        await database.close()
    }
}

/// One project version for every hash.
struct FixedProject: ProjectSource {
    let fixed: RunnableProject

    init(_ project: RunnableProject) { fixed = project }

    func project(hash: String, isRehearsal: Bool) async throws -> RunnableProject? { fixed }
    func current() -> RunnableProject { fixed }
}
