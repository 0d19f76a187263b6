import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaMemory
import BatutaQueue
import BatutaModels
import BatutaRuns
import BatutaServer
import BatutaStorage
import BatutaTelemetry
import BatutaTesting
import BatutaTools

/// A server over a real project, whose models are asked through the project's own provider code. Its providers point to a simulator.
struct SettingsBench {
    let folder: TemporaryFolder
    let database: SQLiteDatabase
    let vault: Vault
    let served: ServedProject
    let engine: Engine
    let server: APIServer
    let client: HTTPClient
    let base: String
    let key: String
    private let keys: KeyStore
    private let running: Task<Void, Never>

    /// `openai` and `groq` are the simulator; `default` names openai, and nobody has a key.
    static func files(_ simulator: String, rehearsal: String = "rehearsal: when_no_key") -> [String: String] {
        [
            "batuta.yaml": """
            name: shop
            \(rehearsal)
            models:
              default: { provider: openai, model: text-3 }
              other: { provider: groq, model: text-4 }
            providers:
              openai: { base_url: "\(simulator)", api_key: "${secret.OPENAI_API_KEY}" }
              groq: { base_url: "\(simulator)", api_key: "${secret.GROQ_API_KEY}" }
            """,
            "agents/clerk.md": "---\nmodel: default\n---\nYou sell.",
            "agents/second.md": "---\nmodel: other\n---\nYou sell too.",
            "rehearsals/clerk.yaml": "scripts:\n  - steps:\n      - say: From the script.\n",
        ]
    }

    init(
        _ files: [String: String],
        folder: TemporaryFolder = TemporaryFolder(),
        patience: Duration = .seconds(60),
        localServers: [LocalModelServer] = []
    ) async throws {
        self.folder = folder
        let clock = ManualClock()
        database = try SQLiteDatabase(path: folder.path + "/batuta.db")
        try await database.migrate([
            RunsMigrations.set, BlobStore.migrations, IdentityMigrations.set, SnapshotStore.migrations, Vault.migrations,
            ModelConnectionStore.migrations,
        ])
        let http = try HTTPClient()
        client = http
        vault = try await Vault(in: database, source: try MasterKeySource(folder: folder.path, variable: nil), clock: clock)
        let connections = ModelConnectionStore(database: database, clock: clock)
        let load = Project.load(files: files.mapValues { Array($0.utf8) })
        guard let project = load.project else { throw EngineError(.notFound, Words(load.report(.english), load.report(.portuguese))) }
        served = try await ServedProject.start(
            project,
            under: ProjectCircumstances(
                environment: EnvironmentView([:]).with(vault),
                connection: try await connections.find(),
                rehearses: false
            ),
            snapshots: SnapshotStore(database: database, clock: clock)
        ) { try Self.compile($0, $1, $2, http) }
        let blobs = try await BlobStore.open(in: database, folder: folder.path, clock: clock)
        let log = EventLog(database: database, clock: clock, blobs: blobs)
        engine = Engine(
            database: database,
            log: log,
            blobs: blobs,
            projects: served.versions,
            tools: ToolRuntime(clock: clock),
            clock: clock
        )
        let registry = MetricsRegistry()
        let jobs = JobQueue(database: database, clock: clock)
        server = APIServer(
            database: database,
            engine: engine,
            log: log,
            clock: clock,
            logger: .silent,
            loop: client.loop,
            registry: registry,
            metrics: BatutaMetrics(in: registry),
            project: ProjectServices(
                served: served,
                vault: vault,
                connections: connections,
                client: client,
                accounts: AccountConnections(
                    store: ConnectionStore(database: database, vault: vault, clock: clock),
                    client: client
                ),
                patience: patience,
                localServers: localServers,
                localPatience: .seconds(5)
            ),
            jobs: jobs,
            facts: FactStore(database: database, clock: clock),
            experiments: ExperimentStore(database: database, clock: clock),
            schedules: ScheduleFiring(
                engine: engine,
                store: ScheduleStore(database: database, jobs: jobs),
                audience: UserStore(database: database, clock: clock).audience
            )
        )
        base = try server.start(host: "127.0.0.1", port: 0, socket: folder.path + "/sock")
        keys = KeyStore(database: database, clock: clock)
        key = try await keys.create(name: "test", role: .owner).1.text
        let engine = engine
        running = Task { await engine.run() }
    }

    private static func compile(_ project: Project, _ circumstances: ProjectCircumstances, _ isRehearsal: Bool, _ client: HTTPClient) throws
        -> RunnableProject
    {
        let models = ModelRegistry(
            project.providers.values.map { $0.configuration(in: circumstances.environment) },
            client: client,
            rehearsal: RehearsalProvider(scripts: project.rehearsals, language: project.language),
            rehearses: isRehearsal
        )
        let agents = try project.agents.mapValues { definition in
            RunnableAgent(
                definition: definition,
                provider: try models.provider(for: definition.model),
                tools: ToolCatalog([]).registry(offering: [])
            )
        }
        return RunnableProject(
            hash: project.snapshot.hash,
            name: project.name,
            defaultTarget: "agent:clerk",
            isRehearsal: isRehearsal,
            agents: agents,
            secrets: project.secretValues(in: circumstances.environment)
        )
    }

    func send(_ method: String, _ path: String, _ body: JSON? = nil, language: String = "en", key: String? = nil) async throws
        -> ServerBench.Answer
    {
        var request = ClientRequest(method: method, url: base + path)
        request.body = body?.bytes
        request.headers.add("Authorization", "Bearer \(key ?? self.key)")
        request.headers.add("Accept-Language", language)
        let response = try await client.fetch(request)
        return ServerBench.Answer(status: response.status, json: (try? JSON.parse(response.body)) ?? .null, headers: response.headers)
    }

    func connect(_ body: JSON, language: String = "en") async throws -> ServerBench.Answer {
        try await send("POST", "/v1/settings/connection", body, language: language)
    }

    func settings() async throws -> JSON { try await send("GET", "/v1/settings").json }

    /// The run of one message, ended.
    func run(_ target: String = "agent:clerk") async throws -> JSON {
        try await send("POST", "/v1/runs", ["content": "hi", "target": .string(target)]).json
    }

    func otherKey(_ role: Role) async throws -> String { try await keys.create(name: "other", role: role).1.text }

    func close() async {
        server.beginDrain()
        await engine.drain(within: .milliseconds(100))
        running.cancel()
        await server.drain(within: .seconds(1))
        await database.close()
        client.shutdown()
    }
}
