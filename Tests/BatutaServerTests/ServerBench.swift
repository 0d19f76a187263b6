import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaModels
import BatutaMemory
import BatutaQueue
import BatutaRuns
import BatutaServer
import BatutaStorage
import BatutaTelemetry
import BatutaTesting
import BatutaTools
import Glibc
import Synchronization

/// A server on loopback over an engine bench, with an owner's key and a client.
struct ServerBench {
    let engine: EngineBench
    /// The node that performs the runs, when this one only takes them in.
    private let worker: EngineBench?
    let server: APIServer
    let base: String
    /// The other node's server, where there are two of them and either may be asked.
    private let other: (server: APIServer, base: String)?
    private let turns = Turns()
    let client: HTTPClient
    let project: ProjectServices
    let modelBreakers = ModelBreakers()
    /// The model that the project names.
    static let gatewayModel = ModelPlace(provider: "openrouter", baseURL: "https://llm.example/v1", model: "openai/gpt-5-mini")
    let jobs: JobQueue
    let facts: FactStore
    let experiments: ExperimentStore
    let schedules: ScheduleFiring
    let keys: KeyStore
    let key: String

    /// What the whole suite of the API runs on: SQLite, and with `BATUTA_TEST_STORE=postgres` a node of a store that others may share,
    /// with the bells of PostgreSQL and of Redis.
    static let store: StoreEngine = getenv("BATUTA_TEST_STORE").flatMap { StoreEngine(rawValue: String(cString: $0)) } ?? .sqlite

    /// With `BATUTA_TEST_NODES=2` there are two of them: one takes requests in and streams, the other performs the runs as well. What is asked of
    /// conversations goes to one of them after the other, as a load balancer may do it.
    static let hasWorker = store == .postgres && getenv("BATUTA_TEST_NODES").map { String(cString: $0) } == "2"

    /// - Parameters:
    ///   - folder: That of a bench before it, to stand for the same node after a restart.
    ///   - projectFolder: Where prompts are written; what is served comes from it only when a test adopts it.
    ///   - settings: More of the project's batuta.yaml.
    ///   - hasOneDoor: What is asked is about one node's own state: only the first is asked.
    init(
        model: any ModelProvider = ScriptedModel([]),
        tools: [any Tool] = [],
        runs: Int = 100_000,
        metricsAreOpen: Bool = false,
        folder: TemporaryFolder = TemporaryFolder(),
        projectFolder: String? = nil,
        settings: String = "",
        hasOneDoor: Bool = false,
        configure: (inout APIServerOptions) -> Void = { $0.signIns = (1_000, .seconds(60)) },
        project configureProject: (inout RunnableProject) -> Void = { _ in }
    ) async throws {
        engine = try await EngineBench(
            on: Self.store,
            model: model,
            tools: tools,
            folder: folder,
            configuration: EngineConfiguration(performsRuns: !Self.hasWorker),
            sharing: Self.store == .postgres ? SessionLeases.Terms() : nil,
            bell: .both,
            configure: configureProject
        )
        try await engine.database.migrate([
            RunsMigrations.set, BlobStore.migrations, IdentityMigrations.set, SnapshotStore.migrations, Vault.migrations,
            ModelConnectionStore.migrations, QueueMigrations.set, MemoryMigrations.set, ExperimentMigrations.set,
            ConnectionStore.migrations,
        ])
        worker =
            Self.hasWorker
            ? try await EngineBench(
                on: Self.store,
                model: model,
                tools: tools,
                folder: folder,
                clock: engine.clock,
                sharing: SessionLeases.Terms(),
                bell: .both,
                configure: configureProject
            ) : nil
        client = try HTTPClient()
        var project = try await Self.project(of: engine, client, settings)
        project.folder = projectFolder
        project.circuits = ModelCircuits(modelBreakers) { [Self.gatewayModel] }
        self.project = project
        var options = APIServerOptions(runs: (runs, .seconds(60)), metricsAreOpen: metricsAreOpen)
        options.isShared = Self.store == .postgres
        configure(&options)
        jobs = JobQueue(database: engine.database, clock: engine.clock)
        facts = FactStore(database: engine.database, clock: engine.clock)
        experiments = ExperimentStore(database: engine.database, clock: engine.clock)
        schedules = Self.schedules(of: engine, jobs)
        server = Self.server(of: engine, client, project, options)
        base = try server.start(host: "127.0.0.1", port: 0, socket: engine.folder.path + "/sock")
        // How many runs somebody may begin is each node's own count.
        if let worker, !hasOneDoor, runs == 100_000 {
            let second = Self.server(of: worker, client, try await Self.project(of: worker, client, settings), options)
            other = (second, try second.start(host: "127.0.0.1", port: 0, socket: nil))
        } else {
            other = nil
        }
        keys = KeyStore(database: engine.database, clock: engine.clock)
        key = try await keys.create(name: "test", role: .owner).1.text
    }

    private static func schedules(of engine: EngineBench, _ jobs: JobQueue) -> ScheduleFiring {
        ScheduleFiring(
            engine: engine.engine,
            store: ScheduleStore(database: engine.database, jobs: jobs),
            audience: UserStore(database: engine.database, clock: engine.clock).audience
        )
    }

    private static func server(of engine: EngineBench, _ client: HTTPClient, _ project: ProjectServices, _ options: APIServerOptions)
        -> APIServer
    {
        let registry = MetricsRegistry()
        let jobs = JobQueue(database: engine.database, clock: engine.clock)
        return APIServer(
            database: engine.database,
            engine: engine.engine,
            log: engine.log,
            clock: engine.clock,
            logger: .silent,
            loop: client.loop,
            registry: registry,
            metrics: BatutaMetrics(in: registry),
            project: project,
            jobs: jobs,
            facts: FactStore(database: engine.database, clock: engine.clock),
            experiments: ExperimentStore(database: engine.database, clock: engine.clock),
            schedules: schedules(of: engine, jobs),
            options: options
        )
    }

    /// Which node is asked next.
    private final class Turns: Sendable {
        private let count = Atomic<Int>(0)

        func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).oldValue }
    }

    /// What any node can be asked.
    private func door(to path: String) -> String {
        guard let other, ["/v1/sessions", "/v1/runs", "/v1/approvals"].contains(where: { path.hasPrefix($0) }) else { return base }
        return turns.next().isMultiple(of: 2) ? base : other.base
    }

    /// The engine's own project stands for whatever is compiled.
    private static func project(of engine: EngineBench, _ client: HTTPClient, _ settings: String) async throws -> ProjectServices {
        let source = try MasterKeySource(folder: engine.folder.path, variable: nil)
        let vault = try await Vault(in: engine.database, source: source, clock: engine.clock)
        let files = [
            "batuta.yaml": "name: test\nmodels: { default: { provider: rehearsal, model: x } }\n" + settings, "agents/a.md": "Hi.",
        ]
        let load = Project.load(files: files.mapValues { Array($0.utf8) })
        guard let project = load.project else { throw EngineError(.notFound, Words(load.report(.english), load.report(.portuguese))) }
        let runnable = engine.engine.currentProject
        let served = try await ServedProject.start(
            project,
            under: ProjectCircumstances(environment: EnvironmentView([:]).with(vault), rehearses: false),
            snapshots: SnapshotStore(database: engine.database, clock: engine.clock)
        ) { _, _, _ in runnable }
        let connections = ModelConnectionStore(database: engine.database, clock: engine.clock)
        let accounts = AccountConnections(
            store: ConnectionStore(database: engine.database, vault: vault, clock: engine.clock),
            client: client
        )
        return ProjectServices(
            served: served,
            vault: vault,
            connections: connections,
            client: client,
            accounts: accounts,
            localServers: []
        )
    }

    struct Answer: Sendable {
        var status: Int
        var json: JSON
        var headers: HTTPHeaders

        var code: String { json["code"]?.string ?? "" }
        var id: String { json["id"]?.string ?? "" }
        /// What every problem looks like (RFC 9457).
        var isProblem: Bool {
            headers["Content-Type"] == "application/problem+json" && json["status"] == .int(Int64(status)) && !code.isEmpty
                && json["request_id"]?.string?.isEmpty == false && json["detail"]?.string?.isEmpty == false && json["type"] != nil
                && json["title"] != nil
        }
    }

    /// Another key.
    func key(_ role: Role, lifetime: Duration? = nil) async throws -> String {
        try await keys.create(name: "another", role: role, lifetime: lifetime).1.text
    }

    /// A new session's identifier.
    func session(key: String? = nil) async throws -> String { try await send("POST", "/v1/sessions", [:], key: key).id }

    /// A run that asks a human whether it may call the tool.
    func asked() async throws -> (run: String, approval: String) {
        let run = try await send("POST", "/v1/runs", ["content": "do it"])
        let approvals = try await send("GET", "/v1/approvals?status=pending")
        return (run.id, approvals.json["data"]?[0]?["id"]?.string ?? "")
    }

    func send(_ method: String, _ path: String, _ body: JSON? = nil, key: String? = nil, headers: [(String, String)] = []) async throws
        -> Answer
    {
        try await send(request(method, path, body?.bytes, key: key, headers: headers))
    }

    func send(_ request: ClientRequest) async throws -> Answer {
        let response = try await client.fetch(request)
        return Answer(status: response.status, json: (try? JSON.parse(response.body)) ?? .null, headers: response.headers)
    }

    func request(_ method: String, _ path: String, _ body: [UInt8]?, key: String? = nil, headers: [(String, String)] = []) -> ClientRequest
    {
        var request = ClientRequest(method: method, url: door(to: path) + path)
        request.body = body
        request.headers.add("Authorization", "Bearer \(key ?? self.key)")
        if body != nil { request.headers.add("Content-Type", "application/json") }
        for (name, value) in headers { request.headers.add(name, value) }
        return request
    }

    /// Every frame of an SSE response, until it closes or so many have come.
    func events(
        _ method: String,
        _ path: String,
        _ body: JSON? = nil,
        headers: [(String, String)] = [],
        key: String? = nil,
        limit: Int = .max
    ) async throws -> [Frame] {
        let reader = FrameReader(limit: limit)
        let head = try await client.stream(
            request(method, path, body?.bytes, key: key, headers: headers),
            onHead: { _ in .more },
            onBytes: { reader.take($0) }
        )
        guard head.status == 200 else { throw HTTPClientError(.badResponse, "status \(head.status)") }
        return reader.frames
    }

    /// Event streams that are open, by the metrics.
    func openStreams() async throws -> Int {
        var count = 0
        for base in [base, other?.base].compactMap(\.self) {
            var request = request("GET", "/metrics", nil)
            request.url = base + "/metrics"
            let text = String(decoding: try await client.fetch(request).body, as: UTF8.self)
            let line = text.split(separator: "\n").first { $0.hasPrefix("batuta_event_streams ") }
            count += line.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
        }
        return count
    }

    /// Ends as a crash would: nothing more is written after this.
    func crash() async {
        await engine.crash()
        await worker?.crash()
        client.shutdown()
        await other?.server.drain(within: .zero)
        await server.drain(within: .zero)
    }

    func close() async {
        server.beginDrain()
        other?.server.beginDrain()
        await engine.stop()
        await worker?.stop()
        await other?.server.drain(within: .seconds(1))
        await server.drain(within: .seconds(1))
        client.shutdown()
    }
}
