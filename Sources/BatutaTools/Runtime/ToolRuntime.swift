public import BatutaCore
public import BatutaTelemetry

/// The one door through which every tool call goes: validation, time-outs, retries, settling, cancellation, the envelope.
///
/// Stateless but for its sources of time and chance; registries belong to the project snapshot of a run.
public struct ToolRuntime: Sendable {
    /// Limits and pauses of calls are measured by it.
    public let time: any MonotonicTime
    let clock: any ProjectClock
    let random: any RandomSource
    /// For tools that name no time-out of their own.
    let defaultTimeout: Duration
    /// A key older than this is not used again, unless the tool says otherwise (DESIGN §9.4).
    let idempotencyWindow: Duration
    /// nil: nothing is kept.
    let cache: ToolResultCache?
    let metrics: BatutaMetrics?

    public init(
        clock: any ProjectClock,
        time: any MonotonicTime = SystemMonotonicTime(),
        random: any RandomSource = SystemRandom(),
        cache: ToolResultCache? = nil,
        metrics: BatutaMetrics? = nil,
        defaultTimeout: Duration = .seconds(30),
        idempotencyWindow: Duration = .seconds(86_400)
    ) {
        self.clock = clock
        self.time = time
        self.random = random
        self.cache = cache
        self.metrics = metrics
        self.defaultTimeout = defaultTimeout
        self.idempotencyWindow = idempotencyWindow
    }

    /// Checks what a model wrote, before anything is recorded as about to happen. Does no I/O.
    public func validate(
        tool called: String,
        arguments: ModelToolCall.Arguments,
        context: ToolContext,
        in registry: ToolRegistry
    ) -> ArgumentValidation {
        guard let entry = registry.entry(called) else { return .refused(refused(registry.unknownTool(called), of: nil)) }
        let validation = entry.arguments.validate(arguments)
        switch validation {
        case .refused(let result): return .refused(refused(result, of: entry))
        case .accepted(let value, _):
            let problems = entry.checking?.problems(with: value, context: context) ?? []
            return problems.isEmpty ? validation : .refused(refused(entry.arguments.refusal(problems), of: entry))
        }
    }

    /// Performs a call: as many attempts as the policy allows and the effect permits. Never throws, never traps; returns soon after cancellation.
    ///
    /// `fresh`: a kept result is not good enough (facts of policies).
    public func execute(_ call: ToolCall, in registry: ToolRegistry, fresh: Bool = false) async -> ToolResult {
        guard let entry = registry.entry(call.tool) else { return refused(registry.unknownTool(call.tool), of: nil) }
        if let refusal = refusal(of: call, entry: entry) { return refused(refusal, of: entry) }
        guard !fresh, entry.definition.effect == .read, let cache, let plan = entry.caching?.cachePlan(for: call) else {
            return counted(await perform(call, entry, registry), of: entry)
        }
        let result = await cache.result(of: call, plan: plan) { await perform(call, entry, registry) }
        metrics?.cacheRequests.increment("tool", result.cached ? "hit" : "miss")
        return counted(result, of: entry)
    }

    private func perform(_ call: ToolCall, _ entry: ToolCatalog.Entry, _ registry: ToolRegistry) async -> ToolResult {
        var run = ToolExecution(runtime: self, entry: entry, call: call, catalog: registry.catalog)
        return await run.perform(from: .retry(after: .zero))
    }

    /// Goes on with a call whose intent was recorded but no result (crash): repeats it under the same key where that is safe, else finds out by settling.
    public func recover(_ call: ToolCall, in registry: ToolRegistry) async -> ToolResult {
        guard let entry = registry.entry(call.tool) else { return refused(registry.unknownTool(call.tool), of: nil) }
        var run = ToolExecution(runtime: self, entry: entry, call: call, catalog: registry.catalog)
        let isTooOld = entry.definition.effect != .read && isKeyForgotten(of: call, entry.definition)
        return counted(await run.perform(from: isTooOld ? .uncertain : run.machine.crashed()), of: entry)
    }

    /// Whether the service may have forgotten the call's key, so that the same call would be another one to it.
    func isKeyForgotten(of call: ToolCall, _ definition: ToolDefinition) -> Bool {
        call.startedAt.duration(to: clock.now()) > definition.idempotencyWindow ?? idempotencyWindow
    }

    /// What was never tried.
    private func refused(_ result: ToolResult, of entry: ToolCatalog.Entry?) -> ToolResult {
        var result = result
        result.attempts = 0
        return counted(result, of: entry)
    }

    /// Names that a model made up share one label.
    @discardableResult
    private func counted(_ result: ToolResult, of entry: ToolCatalog.Entry?) -> ToolResult {
        metrics?.toolCalls.increment(entry?.definition.name ?? "unknown", result.success ? "true" : "false")
        return result
    }

    private func refusal(of call: ToolCall, entry: ToolCatalog.Entry) -> ToolResult? {
        if call.context.isRehearsal, entry.definition.effect != .read, !entry.isInner {
            return .failure(
                "\(WireName.of(call.tool)) changes something outside and was not called: this is a rehearsal.",
                code: ToolCode.rehearsalRefused.rawValue
            )
        }
        guard case .refused(let result) = entry.arguments.validate(.valid(call.arguments)) else { return nil }
        return result
    }
}
