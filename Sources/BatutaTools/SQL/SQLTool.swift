public import BatutaCore
public import BatutaHTTP
public import BatutaStorage

/// What every sql tool of a process shares.
public struct SQLToolServices: Sendable {
    public var breakers: BreakerBoard<Origin>
    public var secrets: any ToolSecretSource
    public var clock: any ProjectClock

    public init(secrets: any ToolSecretSource, clock: any ProjectClock, breakers: BreakerBoard<Origin> = BreakerBoard()) {
        self.secrets = secrets
        self.clock = clock
        self.breakers = breakers
    }
}

/// A tool that a project describes as one statement of SQL (`tools/NAME.yaml` with `sql:`). Arguments travel beside the statement, never in it.
public struct SQLTool: SelfTimedTool, SettlingTool, ArgumentChecking, CachingTool {
    public let source: SQLToolDefinition
    /// nil: its address is missing, or is none.
    private let database: QueryDatabase?
    private let services: SQLToolServices
    private let values: JSONTemplate
    private let origin: Origin?
    let clauses: ToolClauses

    public var definition: ToolDefinition { source.definition }

    /// - Throws: `ExpressionError` for an expression that does not read; the project's loader has found it before.
    public init(_ source: SQLToolDefinition, database: QueryDatabase?, services: SQLToolServices) throws(ExpressionError) {
        self.source = source
        self.database = database
        self.services = services
        values = try JSONTemplate(.object(source.values))
        origin = database?.configuration.place.server.map { Origin(scheme: "postgres", host: $0.host, port: $0.port) }
        let own = ToolClauses.Source(
            checks: source.checks,
            settlement: source.settlement,
            cache: source.cache,
            invalidates: source.invalidates,
            namesRun: values.expressions.contains { $0.names.contains("run") }
        )
        var hasher = Hasher()
        hasher.combine(source.statement)
        hasher.combine(source.database)
        hasher.combine(source.values)
        hasher.combine(source.rows)
        hasher.combine(source.limit)
        hasher.combine(database?.configuration.place)
        clauses = try ToolClauses(own, clock: services.clock, revision: hasher.finalize())
    }

    public func attempt(_ call: ToolCall) async -> ToolAttempt {
        guard let database else {
            return .refused("\(name) was not called: the database `\(source.database)` has no address that can be used.", .misconfigured)
        }
        let query: Query
        do {
            query = try self.query(for: call)
        } catch {
            return .refused("\(name) was not called: \(error).", .badValue)
        }
        // Last, because whom it lets through has to report: the one probe of a half-open circuit above all.
        if let open = refusedByBreaker() { return open }
        let outcome: Result<QueryAnswer, QueryFailure>
        do throws(QueryFailure) { outcome = .success(try await database.perform(query)) } catch { outcome = .failure(error) }
        report(outcome)
        return services.secrets.mask(words.attempt(outcome))
    }

    private var name: String { WireName.of(definition.name) }
    private var words: SQLToolAnswer { SQLToolAnswer(source: source) }

    /// A name stands for the value that the tool gives it, or for the parameter where it gives none; what comes out absent is NULL.
    private func query(for call: ToolCall) throws(ExpressionError) -> Query {
        let scope = ExpressionScope.call(call, now: services.clock.now(), lazyRoots: ["env"]) { [secrets = services.secrets] _, name in
            secrets.environment(name).map { .string($0) }
        }
        let given = try values.render(in: scope, dropAbsent: true)
        return Query(
            source.statement,
            values: source.statement.names.map { (source.values[$0] == nil ? call.arguments[$0] : given[$0]) ?? .null },
            isReadOnly: definition.effect == .read,
            timeout: definition.retry.timeout ?? .seconds(5),
            limits: Query.Limits(rows: source.rows == .one ? 1 : source.limit)
        )
    }

    private func refusedByBreaker() -> ToolAttempt? {
        guard let origin, let policy = source.breaker, case .refuse(let pause) = services.breakers.admit(origin, policy: policy) else {
            return nil
        }
        return .refused(
            "The database `\(source.database)` failed too often lately, so \(name) was not called. Try again in \(pause.inWords) at the earliest.",
            .circuitOpen
        )
    }

    /// Time-outs and connections that fail or break count; a database that refuses a statement lives.
    private func report(_ outcome: Result<QueryAnswer, QueryFailure>) {
        guard let origin, let policy = source.breaker else { return }
        switch outcome {
        case .success: services.breakers.succeeded(origin)
        case .failure(let failure):
            switch failure.reason {
            case .unreachable, .timeout, .lost, .server: services.breakers.failed(origin, policy: policy)
            case .cancelled, .busy, .closed: services.breakers.abandoned(origin)
            case .conflict, .value, .statement: services.breakers.succeeded(origin)
            }
        }
    }
}

extension SQLTool {
    public func problems(with arguments: JSON, context: ToolContext) -> [String] { clauses.problems(with: arguments, context: context) }

    public var settlement: ToolSettlement? { clauses.settlement }

    public func cachePlan(for call: ToolCall) -> ToolCachePlan? { clauses.cachePlan(for: call, effect: definition.effect) }

    public func staleTags(after call: ToolCall) -> [String] { clauses.staleTags(after: call) }
}
