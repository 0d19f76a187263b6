public import BatutaAgents
public import BatutaCore
import BatutaHTTP
import BatutaTelemetry

/// What the server says of itself. `/healthz`, `/readyz` and `/openapi.json` are open.
struct SystemRoutes: EndpointGroup {
    let api: API
    let status: ServerStatus
    let served: ServedProject

    var endpoints: [Endpoint] {
        [Endpoint(.get, "/v1/info", "What runs here", info)]
    }

    private func info(_ call: Call) async throws -> HTTPResponse {
        let project = api.engine.currentProject
        return .json([
            "name": .string(project.name), "version": .string(BatutaVersion.current), "rehearsal": .bool(project.isRehearsal),
            "language": .string(project.language), "default_target": .string(project.defaultTarget),
            "targets": .array(project.targets.map(JSON.string)), "project": .string(project.hash),
            "clock": status.fixedClock.map { .string($0.rfc3339) } ?? .null, "now": .string(api.clock.now().rfc3339),
            "suggestions": .array((project.suggestions[call.reader] ?? []).map(JSON.string)),
            "problems": .array(status.problems(for: call.reader, tellsWhy: call.principal.role >= .admin).map(JSON.string)),
            "files_refused": .bool(await served.refusesFiles),
        ])
    }
}

/// What of the process the outside may know.
public final class ServerStatus: Sendable {
    private let draining = Flag()
    private let problems = Locked<[ProjectProblem]>([])
    private let difference = Locked<Words?>(nil)
    private let redis = Locked<Words?>(nil)
    private let troubles = Locked<@Sendable (Bool) -> [Words]>({ _ in [] })
    private let failing = Locked<@Sendable () -> [String]>({ [] })
    /// The moment that `BATUTA_CLOCK` named, if it did.
    let fixedClock: Timestamp?

    public init(fixedClock: Timestamp? = nil) { self.fixedClock = fixedClock }

    public var isDraining: Bool { draining.isSet }
    public func drain() { draining.set() }

    /// What is wrong with the project's files since the last good load.
    public var projectProblems: [ProjectProblem] { problems.value }
    public func report(problems: [ProjectProblem]) { self.problems.value = problems }

    /// Everything that an operator should look at.
    ///
    /// - Parameter tellsWhy: Whether the reader may know what others' services say of themselves.
    func problems(for reader: Language, tellsWhy: Bool) -> [String] {
        projectProblems.map { $0.text(reader) } + [otherVersion, redis.value].compactMap { $0?(reader) }
            + troubles.value(tellsWhy).map { $0(reader) }
    }

    /// What does not work now beside the server itself, by name: why is for those who may read `/v1/info`.
    var degraded: [String] { failing.value() }

    /// Where more is found of what an operator should look at, each time somebody asks.
    ///
    /// - Parameter failing: names of what does not work now, for everybody.
    public func look(at source: @escaping @Sendable (_ tellsWhy: Bool) -> [Words], failing: @escaping @Sendable () -> [String] = { [] }) {
        troubles.value = source
        self.failing.value = failing
    }

    /// Why Redis is not used now; nil when it is, or is not asked for.
    public func report(redis trouble: Words?) { redis.value = trouble }

    /// How other nodes' projects differ from this one's; nil when they do not.
    public var otherVersion: Words? { difference.value }

    /// - Returns: Whether this was not said before.
    @discardableResult
    public func report(difference: Words?) -> Bool {
        defer { self.difference.value = difference }
        return self.difference.value?.english != difference?.english
    }
}
