public import BatutaCore

/// The one door through which every tool call goes: validation, time-outs, retries, settling, cancellation, the envelope.
///
/// Stateless but for its sources of time and chance; registries belong to the project snapshot of a run.
public struct ToolRuntime: Sendable {
    let time: any MonotonicTime
    let clock: any ProjectClock
    let random: any RandomSource
    /// For tools that name no time-out of their own.
    let defaultTimeout: Duration
    /// A key older than this is not used again after a crash (DESIGN §9.4).
    let idempotencyWindow: Duration
    /// nil: nothing is kept.
    let cache: ToolResultCache?

    public init(
        clock: any ProjectClock,
        time: any MonotonicTime = SystemMonotonicTime(),
        random: any RandomSource = SystemRandom(),
        cache: ToolResultCache? = nil,
        defaultTimeout: Duration = .seconds(30),
        idempotencyWindow: Duration = .seconds(86_400)
    ) {
        self.clock = clock
        self.time = time
        self.random = random
        self.cache = cache
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
        guard let entry = registry.entry(called) else { return .refused(registry.unknownTool(called)) }
        let validation = entry.arguments.validate(arguments)
        guard case .accepted(let value, _) = validation, let tool = entry.tool as? any ArgumentChecking else { return validation }
        let problems = tool.problems(with: value, context: context)
        return problems.isEmpty ? validation : .refused(entry.arguments.refusal(problems))
    }

    /// Performs a call: as many attempts as the policy allows and the effect permits. Never throws, never traps; returns soon after cancellation.
    ///
    /// `fresh`: a kept result is not good enough (facts of policies).
    public func execute(_ call: ToolCall, in registry: ToolRegistry, fresh: Bool = false) async -> ToolResult {
        guard let entry = registry.entry(call.tool) else { return registry.unknownTool(call.tool) }
        if let refusal = refusal(of: call, entry: entry) { return refusal }
        guard !fresh, entry.definition.effect == .read, let cache, let plan = (entry.tool as? any CachingTool)?.cachePlan(for: call) else {
            return await perform(call, entry, registry)
        }
        return await cache.result(of: call, plan: plan) { await perform(call, entry, registry) }
    }

    private func perform(_ call: ToolCall, _ entry: ToolCatalog.Entry, _ registry: ToolRegistry) async -> ToolResult {
        var run = ToolExecution(runtime: self, entry: entry, call: call, catalog: registry.catalog)
        return await run.perform(from: .retry(after: .zero))
    }

    /// Goes on with a call whose intent was recorded but no result (crash): repeats it under the same key where that is safe, else finds out by settling.
    public func recover(_ call: ToolCall, in registry: ToolRegistry) async -> ToolResult {
        guard let entry = registry.entry(call.tool) else { return registry.unknownTool(call.tool) }
        var run = ToolExecution(runtime: self, entry: entry, call: call, catalog: registry.catalog)
        let age = call.startedAt.duration(to: clock.now())
        if entry.definition.effect != .read, age > idempotencyWindow { return await run.perform(from: .uncertain) }
        return await run.perform(from: run.machine.crashed())
    }

    private func refusal(of call: ToolCall, entry: ToolCatalog.Entry) -> ToolResult? {
        if call.context.isRehearsal, entry.definition.effect != .read {
            return .failure(
                "\(WireName.of(call.tool)) changes something outside and was not called: this is a rehearsal.",
                code: ToolCode.rehearsalRefused.rawValue
            )
        }
        guard case .refused(let result) = entry.arguments.validate(.valid(call.arguments)) else { return nil }
        return result
    }
}
