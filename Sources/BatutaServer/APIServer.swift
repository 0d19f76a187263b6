public import BatutaAgents
public import BatutaCore
public import BatutaHTTP
public import BatutaMemory
import BatutaModels
public import BatutaQueue
public import BatutaRuns
public import BatutaStorage
public import BatutaTelemetry

/// What of the server a project or an option decides.
public struct APIServerOptions: Sendable {
    /// Creating runs: how many in which time, per key.
    public var runs: (count: Int, period: Duration)
    /// Signing in: how often in which time, per address and per account.
    public var signIns: (count: Int, period: Duration) = (5, .seconds(60))
    /// Whether other nodes answer requests on the same store.
    public var isShared = false
    /// The address that people see.
    public var publicURL: PublicURL?
    /// `metrics: open`.
    public var metricsAreOpen: Bool
    /// The moment that `BATUTA_CLOCK` named.
    public var fixedClock: Timestamp?
    /// Moves the clock on that `BATUTA_CLOCK` set; nil where it did not.
    public var moveClock: (@Sendable (Duration) async throws -> Void)?
    /// A folder with the page's files, in place of those that are built in.
    public var webRoot: String?

    public init(
        runs: (count: Int, period: Duration) = (120, .seconds(60)),
        metricsAreOpen: Bool = false,
        fixedClock: Timestamp? = nil,
        webRoot: String? = nil
    ) {
        self.runs = runs
        self.metricsAreOpen = metricsAreOpen
        self.fixedClock = fixedClock
        self.webRoot = webRoot
    }
}

/// The server's doors: routes over the engine and the log, for callers that are known.
public final class APIServer: Sendable {
    public let status: ServerStatus
    private let api: API
    private let logger: Logger
    private let database: any Database
    private let options: APIServerOptions
    private let metrics: ServerMetrics
    private let project: ProjectServices
    private let jobs: JobQueue
    private let facts: FactStore
    private let experiments: ExperimentStore
    private let schedules: ScheduleFiring
    private let server = Locked<HTTPServer?>(nil)

    public init(
        database: any Database,
        engine: Engine,
        log: EventLog,
        clock: any ProjectClock,
        logger: Logger,
        loop: NetworkLoop,
        registry: MetricsRegistry,
        metrics: BatutaMetrics,
        project: ProjectServices,
        jobs: JobQueue,
        facts: FactStore,
        experiments: ExperimentStore,
        schedules: ScheduleFiring,
        options: APIServerOptions = APIServerOptions()
    ) {
        let keys = KeyStore(database: database, clock: clock)
        let users = UserStore(database: database, clock: clock)
        let signIns = SignInStore(database: database, clock: clock)
        api = API(
            engine: engine,
            log: log,
            sessions: SessionStore(database: database),
            messages: MessageStore(database: database),
            runs: RunStore(database: database),
            approvals: ApprovalStore(database: database),
            keys: keys,
            users: users,
            signIns: signIns,
            passwords: PasswordHasher(),
            origins: OriginRule(publicURL: options.publicURL),
            authenticator: Authenticator(keys: keys, users: users, signIns: signIns, clock: clock),
            idempotency: IdempotencyStore(database: database, clock: clock, isShared: options.isShared),
            streams: OpenStreams(),
            clock: clock,
            runLimiter: RateLimiter(count: options.runs.count, per: options.runs.period),
            signInLimiter: RateLimiter(count: options.signIns.count, per: options.signIns.period)
        )
        self.logger = logger
        self.database = database
        self.project = project
        self.jobs = jobs
        self.facts = facts
        self.experiments = experiments
        self.schedules = schedules
        self.options = options
        status = ServerStatus(fixedClock: options.fixedClock)
        self.metrics = ServerMetrics(registry: registry, lag: metrics.eventLoopLag, engine: engine, loop: loop, streams: api.streams)
    }

    /// Listens. Gives the address to show; empty without a port.
    ///
    /// - Parameter host: nil opens the socket only.
    public func start(host: String?, port: UInt16, socket: String?) throws -> String {
        var configuration = HTTPServer.Configuration()
        configuration.host = host
        configuration.port = port
        configuration.unixSocket = socket
        configuration.problem = { Problem.of($0) }
        // Until the caller is known, and with it the own choice.
        configuration.language = { [engine = api.engine] in
            Language(tag: AcceptLanguage.language($0["Accept-Language"]) ?? engine.currentProject.language)
        }
        let logger = logger
        configuration.onError = { request, error in
            logger.error("A request failed", ["request.id": .string(request), "error": .string("\(error)")])
        }
        let door = try WebDoor(root: options.webRoot)
        configuration.missing = door.missing
        let server = try HTTPServer(configuration: configuration, router: router(door))
        let bound = try server.start()
        self.server.value = server
        let address = bound.host.map { "http://\($0.contains(":") ? "[\($0)]" : $0):\(bound.port)" } ?? ""
        // Nobody can open the address that means all of them.
        api.boundAddress.value = ["0.0.0.0", "::"].contains(bound.host) ? "http://127.0.0.1:\(bound.port)" : address
        return address
    }

    /// A link that signs in whoever holds the machine, once. nil when there is no need: the server is open to others, and somebody has a
    /// password.
    ///
    /// - Parameter isLoopback: Only this machine can reach the server.
    public func signInLink(isLoopback: Bool) async throws -> String? {
        guard let user = try await api.users.find(User.localID), user.isEnabled else { return nil }
        if !isLoopback, try await api.users.somebodyHasPassword() { return nil }
        let link = try await api.signIns.makeLink(for: user.id)
        return (options.publicURL?.origin ?? api.boundAddress.value) + link.path
    }

    /// Serves until it is cancelled.
    public func run() async { await api.streams.run(api.authenticator, api.log) }

    /// Readiness goes false and streams end; requests are still answered.
    public func beginDrain() {
        status.drain()
        api.streams.closeAll()
    }

    public func drain(within deadline: Duration) async {
        await server.value?.drain(deadline: deadline)
    }

    // MARK: Routes

    private var groups: [any EndpointGroup] {
        [
            SystemRoutes(api: api, status: status, served: project.served), SessionRoutes(api: api), RunRoutes(api: api),
            RunControlRoutes(api: api), EventRoutes(api: api), LiveRoutes(api: api), FileRoutes(api: api), OlderChatRoutes(api: api),
            ApprovalRoutes(api: api), KeyRoutes(api: api),
            MeRoutes(api: api), ProfileRoutes(api: api), UserRoutes(api: api), SecretRoutes(project: project, status: status),
            SettingsRoutes(api: api, project: project, status: status), JobRoutes(queue: jobs),
            ToolServerRoutes(project: project, status: status),
            MemoryRoutes(api: api, facts: facts), PromptRoutes(project: project, versions: PromptVersions(database: database)),
            ExperimentRoutes(
                api: api,
                project: project,
                experiments: experiments,
                versions: PromptVersions(database: database)
            ),
            BreakerRoutes(breakers: project.breakers, circuits: project.circuits), ConnectionRoutes(api: api, project: project),
            UsageRoutes(api: api, usage: UsageStore(database: database)), ScheduleRoutes(api: api, firing: schedules),
            ClockRoutes(api: api, advance: options.moveClock, logger: logger),
        ]
    }

    private func router(_ door: WebDoor) -> Router {
        var router = Router()
        addOpenRoutes(&router)
        door.addRoutes(&router)
        let (api, gate) = (api, Gate(api: api))
        for endpoint in groups.flatMap(\.endpoints) {
            router.on(endpoint.method, endpoint.path, bodyLimit: endpoint.streamedBody) { request in
                let admission = try await gate.admission(of: request)
                var response = try await Self.answer(request, admission.principal, endpoint, api)
                if let cookie = admission.renewedCookie, !response.headers.contains("Set-Cookie") {
                    response.headers.add("Set-Cookie", api.cookie.setting(cookie))
                }
                return response
            }
        }
        return router
    }

    private static func answer(_ request: HTTPRequest, _ principal: Principal, _ endpoint: Endpoint, _ api: API) async throws
        -> HTTPResponse
    {
        let call = Call(request, principal, projectLanguage: api.engine.currentProject.language)
        do {
            return try await answer(call, endpoint, api)
        } catch {
            guard var problem = Problem.of(error) else { throw error }
            problem.language = call.reader
            throw problem
        }
    }

    private static func answer(_ call: Call, _ endpoint: Endpoint, _ api: API) async throws -> HTTPResponse {
        var call = call
        try call.require(endpoint.role)
        if !endpoint.isQueryOpen { try call.requireKnownQuery(endpoint.query) }
        guard endpoint.method != .get, endpoint.streamedBody == nil else { return try await endpoint.handler(call) }
        call.body = try await call.request.body.collect(upTo: 1_048_576)
        return try await api.answer(call, endpoint)
    }

    private func addOpenRoutes(_ router: inout Router) {
        let alive = HTTPResponse.json(Array(#"{"status":"ok"}"#.utf8))
        router.inline(.get, "/healthz") { _ in alive }
        let status = status
        let database = database
        let engine = api.engine
        router.inline(.get, "/readyz") { _ in
            guard !status.isDraining else {
                let words = Words("The server is shutting down.", "O servidor está parando.")
                throw Problem(.serviceUnavailable, code: "draining", words, retryAfter: 1)
            }
            if let failure = database.writeFailure {
                var problem = Problem.of(failure)
                problem.status = .serviceUnavailable
                throw problem
            }
            if let trouble = engine.trouble { throw Problem(.serviceUnavailable, code: "runs_unavailable", trouble, retryAfter: 1) }
            let degraded = status.degraded
            if degraded.isEmpty { return .json(Array(#"{"status":"ready"}"#.utf8)) }
            return .json(["status": "ready", "degraded": .array(degraded.map(JSON.string))])
        }
        let signIns = SignInRoutes(api: api).endpoints
        for endpoint in signIns { router.on(endpoint.method, endpoint.path, endpoint.handler) }
        let document = OpenAPIDocument.make(routes: groups.flatMap(\.endpoints), open: signIns).bytes
        router.inline(.get, "/openapi.json") { _ in .json(document) }
        let (gate, metrics, isOpen) = (Gate(api: api), metrics, options.metricsAreOpen)
        router.on(.get, "/metrics") { request in
            if !isOpen { _ = try await gate.principal(of: request) }
            return HTTPResponse(
                headers: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"],
                body: .bytes(Array(metrics.text().utf8))
            )
        }
    }
}
