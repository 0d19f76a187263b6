public import BatutaCore

/// Drives the `RetryStateMachine` of one call: makes the attempts, pauses, settles, and words the result.
struct ToolExecution {
    let runtime: ToolRuntime
    let entry: ToolCatalog.Entry
    let call: ToolCall
    let catalog: ToolCatalog
    var machine: RetryStateMachine
    private let startedAt: Duration
    private var last: ToolAttempt?
    /// Attempts that an open circuit kept from leaving.
    private var heldBack = 0

    private var definition: ToolDefinition { entry.definition }
    private var attempts: Int { machine.attempts - heldBack }
    private var words: ToolFailureWords { ToolFailureWords(definition: definition, attempts: attempts) }

    init(runtime: ToolRuntime, entry: ToolCatalog.Entry, call: ToolCall, catalog: ToolCatalog) {
        self.runtime = runtime
        self.entry = entry
        self.call = call
        self.catalog = catalog
        machine = RetryStateMachine(entry.definition)
        startedAt = runtime.time.elapsed()
    }

    mutating func perform(from first: RetryStateMachine.Action) async -> ToolResult {
        var action = first
        while true {
            switch action {
            case .retry(let pause):
                guard await paused(pause) else { return await finished(words.cancelled(uncertain: false)) }
                if mayHaveHappened, runtime.isKeyForgotten(of: call, definition) {
                    action = .uncertain
                    continue
                }
                let attempt = await attempt()
                if let stopped = stopped(attempt) { return await finished(stopped) }
                last = attempt
                if attempt.result.code == ToolCode.circuitOpen.rawValue { heldBack += 1 }
                action = machine.attemptEnded(attempt.failure, retryAfter: attempt.retryAfter, random: runtime.random.next())
            case .settle:
                let (found, data) = await Settling(runtime: runtime, call: call, catalog: catalog).find(for: entry.tool)
                if Task.isCancelled { return await finished(words.cancelled(uncertain: true)) }
                if found == .done { return await finished(words.settled(data, by: entry.tool)) }
                action = machine.settled(found, random: runtime.random.next())
            case .finish, .finishSettled: return await finished(words.final(last))
            case .uncertain: return await finished(words.uncertain(last))
            }
        }
    }

    private func paused(_ pause: Duration) async -> Bool {
        if pause > .zero { try? await runtime.time.sleep(for: pause) }
        return !Task.isCancelled
    }

    /// The result when the caller stopped the attempt in flight; an attempt that ended all the same keeps its own.
    private func stopped(_ attempt: ToolAttempt) -> ToolResult? {
        guard Task.isCancelled, let failure = attempt.failure, failure != .rejected else { return nil }
        let harmless = failure == .notSent || failure == .rateLimited
        return words.cancelled(uncertain: !harmless && !definition.isRepeatable)
    }

    private func attempt() async -> ToolAttempt {
        var call = call
        call.attempt = machine.attempts + 1
        let limit = definition.retry.timeout ?? runtime.defaultTimeout
        let grace: Duration = entry.isSelfTimed ? .seconds(1) : .zero
        return await TimedAttempt(time: runtime.time, limit: limit, grace: grace).make(entry.tool, call)
    }

    /// Whether an earlier attempt of a write may have had its effect, so that only its key keeps the next one from having it again.
    private var mayHaveHappened: Bool {
        definition.effect != .read && (last?.failure == .timeout || last?.failure == .serverError)
    }

    /// A read that is not what its tool promises is none; a write has happened, whatever the service says of it.
    private func checked(_ result: ToolResult) -> ToolResult {
        guard result.success, definition.effect == .read, let schema = entry.resultSchema else { return result }
        let violations = schema.violations(of: result.data ?? .null)
        guard !violations.isEmpty else { return result }
        return words.misfit(violations.map { "\($0)" }, statusCode: result.statusCode)
    }

    /// A write that may have left makes kept results stale, whatever came of it.
    private func finished(_ result: ToolResult) async -> ToolResult {
        if definition.effect != .read, let tool = entry.caching { await runtime.cache?.invalidate(tool.staleTags(after: call)) }
        var result = checked(result)
        result.attempts = attempts
        result.duration = runtime.time.elapsed() - startedAt
        return result
    }
}

/// A tool that ends its attempts at `retry.timeout` by itself, because it then knows better what happened; the runtime's limit comes a second later.
public protocol SelfTimedTool: Tool {}

/// One attempt with an end: when the time is up the attempt is cancelled.
struct TimedAttempt {
    let time: any MonotonicTime
    let limit: Duration
    var grace: Duration = .zero

    func make(_ tool: any Tool, _ call: ToolCall) async -> ToolAttempt {
        let (attempt, isLate) = await time.limited(to: limit + grace) { await tool.attempt(call) }
        return isLate ? outOfTime(attempt, call) : attempt
    }

    /// An attempt that had an answer when it was cancelled keeps it; one that had sent nothing says so.
    private func outOfTime(_ attempt: ToolAttempt, _ call: ToolCall) -> ToolAttempt {
        if attempt.failure != .cancelled, attempt.failure != .notSent { return attempt }
        let failure: ToolAttempt.Failure = attempt.failure == .notSent ? .notSent : .timeout
        return ToolAttempt(
            .failure("\(WireName.of(call.tool)) did not answer within \(limit.inWords)", code: ToolCode.timeout.rawValue),
            failure: failure
        )
    }
}

extension Duration {
    /// As a person would write it: `30 s`, `1.5 s`, `250 ms`.
    var inWords: String {
        let milliseconds = inMilliseconds
        if milliseconds < 1_000 { return "\(milliseconds) ms" }
        if milliseconds % 1_000 == 0 { return "\(milliseconds / 1_000) s" }
        return "\(Double(milliseconds / 100) / 10) s"
    }
}
