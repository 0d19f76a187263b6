public import BatutaCore

/// What a project file says about the calls of a tool beside what a call does: `check`, `settle`, `cache` and `invalidates`, read once.
public struct ToolClauses: Sendable {
    /// The clauses as they were written.
    public struct Source: Sendable {
        public var checks: [HTTPToolDefinition.Check]
        public var settlement: HTTPToolDefinition.Settlement?
        public var cache: HTTPToolDefinition.Cache?
        public var invalidates: [String]
        /// Whether what is asked depends on the run that asks.
        public var namesRun: Bool

        public init(
            checks: [HTTPToolDefinition.Check] = [],
            settlement: HTTPToolDefinition.Settlement? = nil,
            cache: HTTPToolDefinition.Cache? = nil,
            invalidates: [String] = [],
            namesRun: Bool = false
        ) {
            self.checks = checks
            self.settlement = settlement
            self.cache = cache
            self.invalidates = invalidates
            self.namesRun = namesRun
        }
    }

    private let source: Source
    private let checks: [(condition: Expression, message: String)]
    private let settleArguments: JSONTemplate?
    private let settleDone: Expression?
    private let cacheTags: [TextTemplate]
    private let staleTags: [TextTemplate]
    private let clock: any ProjectClock
    /// Differs when the tool does something else than before.
    private let revision: Int

    /// - Throws: for an expression that does not read; the project's loader has found it before.
    public init(_ source: Source, clock: any ProjectClock, revision: Int = 0) throws(ExpressionError) {
        self.source = source
        self.clock = clock
        self.revision = revision
        var checks: [(Expression, String)] = []
        for check in source.checks { checks.append((try Expression(check.condition), check.message)) }
        self.checks = checks
        settleArguments = try source.settlement.map { settlement throws(ExpressionError) in try JSONTemplate(.object(settlement.arguments))
        }
        settleDone = try source.settlement.map { settlement throws(ExpressionError) in try Expression(settlement.done) }
        cacheTags = try Self.texts(source.cache?.tags ?? [])
        staleTags = try Self.texts(source.invalidates)
    }

    private static func texts(_ sources: [String]) throws(ExpressionError) -> [TextTemplate] {
        var templates: [TextTemplate] = []
        for source in sources { templates.append(try TextTemplate(source)) }
        return templates
    }

    /// A condition on an optional parameter that was not given does not apply; one that cannot be evaluated for another reason does not hold.
    public func problems(with arguments: JSON, context: ToolContext) -> [String] {
        guard !checks.isEmpty else { return [] }
        let scope = ExpressionScope.call(arguments, in: context, now: clock.now())
        return checks.compactMap { Self.holds($0.condition, arguments, scope) ? nil : $0.message }
    }

    private static func holds(_ condition: Expression, _ arguments: JSON, _ scope: ExpressionScope) -> Bool {
        do {
            return try condition.condition(in: scope)
        } catch {
            let asked = condition.paths.filter { $0.root == "params" && !$0.isTested }.compactMap(\.member)
            return error.code == .noSuchKey && asked.contains { arguments[$0] == nil }
        }
    }

    var settlement: ToolSettlement? {
        guard let settlement = source.settlement, let arguments = settleArguments, let done = settleDone else { return nil }
        let clock = clock
        return ToolSettlement(
            tool: settlement.tool,
            within: settlement.within,
            arguments: { try arguments.render(in: .call($0, now: clock.now()), dropAbsent: true) },
            isDone: { data, call in
                var scope = ExpressionScope.call(call, now: clock.now())
                scope["result"] = data
                return try done.condition(in: scope)
            }
        )
    }

    /// nil also when a tag cannot be made: a result that no write could find is not kept.
    func cachePlan(for call: ToolCall, effect: ToolEffect) -> ToolCachePlan? {
        guard let cache = source.cache, effect == .read else { return nil }
        let scope = ExpressionScope.call(call, now: clock.now())
        guard let tags = try? cacheTags.map({ try $0.render(in: scope) }) else { return nil }
        let partition = cache.scope == .user ? ToolCachePlan.partition(ofUserIn: call.context) : "project"
        return ToolCachePlan(ttl: cache.ttl, partition: partition, tags: tags, revision: revision(for: call.context, cache))
    }

    /// What is asked may depend on who asks, as they are now: whoever corrects a profile is not answered for the old one.
    private func revision(for context: ToolContext, _ cache: HTTPToolDefinition.Cache) -> Int {
        guard cache.scope == .user else { return revision }
        var hasher = Hasher()
        hasher.combine(revision)
        hasher.combine(context.user)
        hasher.combine(context.profile)
        if source.namesRun { hasher.combine(context.runID) }
        return hasher.finalize()
    }

    /// What is missing of a tag stands for anything: rather too much is forgotten than too little.
    func staleTags(after call: ToolCall) -> [String] {
        let scope = ExpressionScope.call(call, now: clock.now())
        return staleTags.map { tag in tag.parts.map { Self.text(of: $0, in: scope) }.joined() }
    }

    private static func text(of part: TextTemplate.Part, in scope: ExpressionScope) -> String {
        switch part {
        case .text(let text): return text
        case .expression(let expression):
            guard let value = try? expression.evaluate(in: scope), !value.isNull else { return "*" }
            return value.string ?? value.text
        }
    }
}

extension ExpressionScope {
    /// The names that every expression of a tool may use, `call` among them.
    ///
    /// `call.started_at` is the whole second in which the call left first: services tell times without fractions, and what a call made in its own
    /// second must not look older than the call.
    static func call(_ call: ToolCall, now: Timestamp, lazyRoots: Set<String> = [], resolve: Resolver? = nil) -> ExpressionScope {
        var scope = ExpressionScope.call(call.arguments, in: call.context, now: now, lazyRoots: lazyRoots, resolve: resolve)
        scope.values["call"] = .object([
            "id": .json(.string(call.id.rawValue)), "started_at": .timestamp(call.startedAt.wholeSecond),
            "idempotency_key": .json(.string(call.idempotencyKey)),
        ])
        return scope
    }
}

extension Timestamp {
    /// The beginning of the second that it lies in.
    var wholeSecond: Timestamp {
        let fraction = milliseconds % 1_000
        return Timestamp(milliseconds: milliseconds - (fraction < 0 ? fraction + 1_000 : fraction))
    }
}
