public import BatutaCore
public import BatutaHTTP

/// What every http tool of a process shares.
public struct HTTPToolServices: Sendable {
    public var client: HTTPClient
    /// Rules for hosts that a value chose; hosts written in the project are trusted.
    public var allow: [String]
    public var breakers: BreakerBoard<Origin>
    public var secrets: any ToolSecretSource
    public var clock: any ProjectClock
    /// Answers of reads beyond this fail; answers of writes are cut there, since the write has happened.
    public var maximumAnswerBytes: Int

    public init(
        client: HTTPClient,
        allow: [String],
        secrets: any ToolSecretSource,
        clock: any ProjectClock,
        breakers: BreakerBoard<Origin> = BreakerBoard(),
        maximumAnswerBytes: Int = 8 << 20
    ) {
        self.client = client
        self.allow = allow
        self.secrets = secrets
        self.clock = clock
        self.breakers = breakers
        self.maximumAnswerBytes = maximumAnswerBytes
    }
}

/// A tool that a project describes as one HTTP request (`tools/NAME.yaml` with `http:`).
public struct HTTPTool: SelfTimedTool, SettlingTool, ArgumentChecking, CachingTool {
    public let source: HTTPToolDefinition
    let services: HTTPToolServices
    let templates: HTTPToolTemplates
    let clauses: ToolClauses
    private let exchange: WebExchange

    public var definition: ToolDefinition { source.definition }

    /// Reads the templates and expressions.
    ///
    /// - Throws: `ExpressionError` for one that does not read; the project's loader has found it before.
    public init(_ source: HTTPToolDefinition, services: HTTPToolServices) throws(ExpressionError) {
        self.source = source
        templates = try HTTPToolTemplates(source)
        let own = ToolClauses.Source(
            checks: source.checks,
            settlement: source.settlement,
            cache: source.cache,
            invalidates: source.invalidates,
            namesRun: templates.namesRun
        )
        clauses = try ToolClauses(own, clock: services.clock, revision: source.request.hashValue)
        self.services = services
        exchange = WebExchange(client: services.client, allow: services.allow)
    }

    public func attempt(_ call: ToolCall) async -> ToolAttempt {
        let scope = await HTTPToolScope(templates, call: call, services: services)
        let request: WebRequest
        do {
            request = try scope.request(of: source, maximumBytes: services.maximumAnswerBytes)
        } catch {
            var refused = ToolAttempt.refused("\(name) was not called: \(error.words).", error.code)
            refused.result.data = error.data
            return services.secrets.mask(refused)
        }
        let origin = request.address.origin
        if let open = refusedByBreaker(origin) { return open }
        let outcome = await exchange.fetch(request)
        report(outcome, of: origin)
        return services.secrets.mask(read(outcome, host: origin.host, scope: scope))
    }

    private var name: String { WireName.of(definition.name) }

    private func refusedByBreaker(_ origin: Origin) -> ToolAttempt? {
        guard let policy = source.breaker, case .refuse(let pause) = services.breakers.admit(origin, policy: policy) else { return nil }
        return .refused(
            "\(origin.host) failed too often lately, so \(name) was not called. Try again in \(pause.inWords) at the earliest.",
            .circuitOpen
        )
    }

    /// Time-outs, failed connections and 5xx count; whatever else the service answers shows that it lives.
    private func report(_ outcome: WebExchange.Outcome, of origin: Origin) {
        guard let policy = source.breaker else { return }
        switch outcome {
        case .answered(let answer) where answer.status < 500: services.breakers.succeeded(origin)
        case .answered, .failed(.timeout, _, _), .failed(.notSent, _, _), .failed(.serverError, _, _):
            services.breakers.failed(origin, policy: policy)
        case .failed: services.breakers.abandoned(origin)
        }
    }

    private func read(_ outcome: WebExchange.Outcome, host: String, scope: HTTPToolScope) -> ToolAttempt {
        guard case .answered(let answer) = outcome else { return outcome.failedAttempt(host: host) }
        if let failure = answer.failure(of: host, now: services.clock.now()) { return failure }
        let isRead = definition.effect == .read
        if answer.isCut, isRead {
            return .refused(
                "\(host) answered more than \(services.maximumAnswerBytes >> 10) KiB. Ask for less.",
                .answerTooLarge,
                statusCode: answer.status
            )
        }
        guard let data = answer.data ?? (isRead ? .none : .some(.string(answer.text))) else {
            return .refused(
                "\(host) answered \(answer.status) with something that says it is JSON and is not.",
                .badAnswer,
                statusCode: answer.status
            )
        }
        do {
            var result = ToolResult.success(try scope.result(of: data))
            result.statusCode = answer.status
            return ToolAttempt(result)
        } catch {
            return isRead
                ? .refused("\(host) answered, but \(error.words).", .badAnswer, statusCode: answer.status) : ToolAttempt(.success(data))
        }
    }
}
