public import BatutaAgents
public import BatutaCore
public import BatutaHTTP
public import BatutaRuns
public import BatutaStorage
public import BatutaTelemetry

/// What of the server a project or an option decides.
public struct APIServerOptions: Sendable {
    /// Creating runs: how many in which time, per key.
    public var runs: (count: Int, period: Duration)
    /// `metrics: open`.
    public var metricsAreOpen: Bool
    /// The moment that `BATUTA_CLOCK` named.
    public var fixedClock: Timestamp?

    public init(runs: (count: Int, period: Duration) = (120, .seconds(60)), metricsAreOpen: Bool = false, fixedClock: Timestamp? = nil) {
        self.runs = runs
        self.metricsAreOpen = metricsAreOpen
        self.fixedClock = fixedClock
    }
}

/// The server's doors: routes over the engine and the log, for callers that are known.
public final class APIServer: Sendable {
    public let status: ServerStatus
    private let api: API
    private let logger: Logger
    private let options: APIServerOptions
    private let metrics: ServerMetrics
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
        options: APIServerOptions = APIServerOptions()
    ) {
        let keys = KeyStore(database: database, clock: clock)
        api = API(
            engine: engine,
            log: log,
            sessions: SessionStore(database: database),
            messages: MessageStore(database: database),
            runs: RunStore(database: database),
            approvals: ApprovalStore(database: database),
            keys: keys,
            authenticator: Authenticator(keys: keys, clock: clock),
            idempotency: IdempotencyStore(database: database, clock: clock),
            streams: OpenStreams(),
            clock: clock,
            runLimiter: RateLimiter(count: options.runs.count, per: options.runs.period)
        )
        self.logger = logger
        self.options = options
        status = ServerStatus(fixedClock: options.fixedClock)
        self.metrics = ServerMetrics(registry: registry, lag: metrics.eventLoopLag, engine: engine, loop: loop, streams: api.streams)
    }

    /// Listens. Gives the address to show; empty without a port.
    ///
    /// - Parameter host: nil opens the socket only.
    public func start(host: String?, port: UInt16, socket: String) throws -> String {
        var configuration = HTTPServer.Configuration()
        configuration.host = host
        configuration.port = port
        configuration.unixSocket = socket
        // What fails before the caller, and with it the language, is known.
        configuration.problem = { Problem.of($0, language: Language.english.rawValue) }
        let logger = logger
        configuration.onError = { request, error in
            logger.error("A request failed", ["request.id": .string(request), "error": .string("\(error)")])
        }
        let server = try HTTPServer(configuration: configuration, router: try router())
        let bound = try server.start()
        self.server.value = server
        return bound.host.map { "http://\($0.contains(":") ? "[\($0)]" : $0):\(bound.port)" } ?? ""
    }

    /// Serves until it is cancelled.
    public func run() async {
        await api.streams.run(api.authenticator)
    }

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
            SystemRoutes(api: api, status: status), SessionRoutes(api: api), RunRoutes(api: api), EventRoutes(api: api),
            ApprovalRoutes(api: api), KeyRoutes(api: api),
        ]
    }

    private func router() throws -> Router {
        var router = Router()
        addOpenRoutes(&router)
        let (api, gate) = (api, Gate(api: api))
        for endpoint in groups.flatMap(\.endpoints) {
            router.on(endpoint.method, endpoint.path) { request in
                let principal = try await gate.principal(of: request)
                return try await Self.answer(request, principal, endpoint, api)
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
            throw Problem.of(error, language: call.language) ?? error
        }
    }

    private static func answer(_ call: Call, _ endpoint: Endpoint, _ api: API) async throws -> HTTPResponse {
        var call = call
        try call.require(endpoint.role)
        try call.requireKnownQuery(endpoint.query)
        guard endpoint.method != .get else { return try await endpoint.handler(call) }
        call.body = try await call.request.body.collect(upTo: 1_048_576)
        return try await api.answer(call, endpoint)
    }

    private func addOpenRoutes(_ router: inout Router) {
        let alive = HTTPResponse.json(Array(#"{"status":"ok"}"#.utf8))
        router.inline(.get, "/healthz") { _ in alive }
        let status = status
        router.inline(.get, "/readyz") { _ in
            guard !status.isDraining else {
                throw Problem(.serviceUnavailable, code: "draining", "The server is shutting down.", retryAfter: 1)
            }
            return .json(Array(#"{"status":"ready"}"#.utf8))
        }
        let document = OpenAPIDocument.make(routes: groups.flatMap(\.endpoints)).bytes
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
