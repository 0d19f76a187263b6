extension RunState {
    /// What to do now. Pure: the same events and the same arguments give the same actions.
    ///
    /// - Parameters:
    ///   - tools: What is known of each tool, by name; tools that are missing count as not idempotent `write` tools.
    ///   - inFlight: The calls that this driver is performing right now; an intent of any other call without a result is left from a crash.
    ///   - resting: The calls whose runs wait for a person, so that nothing can be done for them now.
    ///   - now: For what depends on the time that passed since the last event; nil takes that event's time.
    public func next(
        tools: [String: ToolDefinition],
        inFlight: Set<CallID> = [],
        resting: Set<CallID> = [],
        at now: Timestamp? = nil
    ) -> [RunAction] {
        if status.isEnded { return [] }
        if stopRequested { return inFlight.isEmpty ? [.finish(.cancelled)] : [] }
        if pauseRequested { return inFlight.isEmpty ? [.pause] : [] }
        if let asking { return askAgain(asking) }
        let atWork = Work(tools: tools, inFlight: inFlight, resting: resting, now: max(now ?? lastAt, lastAt))
        if let plan = graphPlan { return next(in: plan, atWork) }
        guard let round = rounds.last else { return begin(tools) }
        if round.calls.isEmpty { return endOrAskAgain(round, tools) }
        if taken.toolCalls > limits.toolCalls {
            return [reached(.limitToolCalls)]
        }
        if round.isSettled { return goOn(after: round, tools) }
        let actions = round.calls.compactMap { action(for: $0, atWork) }
        return actions.isEmpty && inFlight.isEmpty ? [.awaitHuman] : actions
    }

    /// What decisions about calls depend on beside the fold.
    struct Work {
        var tools: [String: ToolDefinition]
        var inFlight: Set<CallID>
        var resting: Set<CallID>
        var now: Timestamp
    }

    private func begin(_ tools: [String: ToolDefinition]) -> [RunAction] {
        guard case .collaborate(let members) = plan, folded.rounds == 0 else { return askModel(tools) }
        return [.askMembers(members)]
    }

    /// All calls of the round have results. Where the leader only picks, the first answer of a member is the team's.
    private func goOn(after round: Round, _ tools: [String: ToolDefinition]) -> [RunAction] {
        guard case .route = plan, let answer = round.calls.first(where: { $0.call.childRunID != nil && $0.result?.success == true })
        else { return askModel(tools) }
        return [.relay(output: answer.result?.data?.insertedText ?? "")]
    }

    /// The conversation of this run as the model sees it after the recalled history, apart from rounds that were folded away.
    public var turns: [ModelTurn] { told.turns }

    /// The same, with the bytes that it takes in a prompt.
    public var told: (turns: [ModelTurn], size: Int) {
        let last = rounds.last?.turns ?? []
        var turns: [ModelTurn] = [], size = settledSize
        turns.reserveCapacity(settledTurns.count + last.count + 2)
        if let prompt {
            turns.append(.user(prompt.content))
            size += turns[0].size
        }
        turns += settledTurns
        turns += last
        return (turns, last.reduce(size) { $0 + $1.size })
    }
}

// MARK: - Asking the model

extension RunState {
    private func askModel(_ tools: [String: ToolDefinition]) -> [RunAction] {
        if loops(tools) {
            return [fail(.loopDetected, "The same call gave the same result \(limits.identicalRounds) times in a row.")]
        }
        return bounded(.callModel(step: nextStep, attempt: 1, notBefore: nil))
    }

    /// After a crash or a failed attempt the same step is asked again; partial text of the earlier attempt is given up.
    private func askAgain(_ asking: Asking) -> [RunAction] {
        guard let failure = asking.failure else {
            return bounded(.callModel(step: asking.step, attempt: asking.attempt + 1, notBefore: nil))
        }
        if failure.fallback != nil {
            return bounded(.callModel(step: asking.step, attempt: asking.attempt + 1, notBefore: nil))
        }
        guard let pause = failure.retryInMilliseconds, let failedAt = asking.failedAt else {
            return [.finish(.failed(code: failure.code ?? "internal", message: "The model gave no answer."))]
        }
        let notBefore = failedAt.advanced(by: .milliseconds(pause))
        let wait = max(.zero, lastAt.duration(to: notBefore))
        if workTime < limits.workTime, workTime + wait >= limits.workTime {
            let (pause, limit) = (wait.components.seconds, limits.workTime.components.seconds)
            return [fail(.limitWorkTime, "The model may be asked again in \(pause) s; until then the limit of \(limit) s is over.")]
        }
        return bounded(.callModel(step: asking.step, attempt: asking.attempt + 1, notBefore: notBefore))
    }

    /// How often an answer that does not fit its schema is asked for again.
    public static let mostCorrections = 2

    /// Whether a model whose answer did not fit is asked for another.
    public var asksForCorrection: Bool {
        guard let last = rounds.last, last.isMisfit else { return false }
        let isBounded = taken.modelCalls >= limits.modelCalls || workTime >= limits.workTime
        return rounds.count(where: \.isMisfit) <= Self.mostCorrections && !isBounded
    }

    private func endOrAskAgain(_ round: Round, _ tools: [String: ToolDefinition]) -> [RunAction] {
        guard case .misfit(_, let problems) = round.check else {
            return [.finish(.completed(output: round.output, round.finishReason))]
        }
        let misfits = rounds.count(where: \.isMisfit)
        guard misfits > Self.mostCorrections else { return askModel(tools) }
        return [fail(.invalidOutput, "The answer did not fit the agent's output_schema, \(misfits) times: \(problems).")]
    }

    private func bounded(_ action: RunAction) -> [RunAction] {
        if taken.modelCalls >= limits.modelCalls {
            return [reached(.limitModelCalls)]
        }
        if workTime >= limits.workTime {
            return [
                fail(
                    .limitWorkTime,
                    "The run worked for \(workTime.components.seconds) s; the limit is \(limits.workTime.components.seconds) s."
                )
            ]
        }
        return [action]
    }

    /// Limits count what members took: whoever reads that one was reached is told whose calls those were.
    private func reached(_ limit: RunErrorCode) -> RunAction {
        let (model, tool, all) = (limits.modelCalls, limits.toolCalls, taken)
        switch limit {
        case .limitToolCalls where all.toolCalls > toolCalls:
            return fail(limit, "The run and its members asked for \(all.toolCalls) tool calls; the limit is \(tool).")
        case .limitToolCalls:
            return fail(limit, "The run asked for \(all.toolCalls) tool calls; the limit is \(tool).")
        case _ where all.modelCalls > modelCalls:
            return fail(limit, "The run and its members made \(all.modelCalls) model calls; the limit is \(model).")
        default:
            return fail(limit, "The run made \(all.modelCalls) model calls; the limit is \(model).")
        }
    }

    private func loops(_ tools: [String: ToolDefinition]) -> Bool {
        guard limits.identicalRounds > 0, rounds.count >= limits.identicalRounds, lastAreAlike(limits.identicalRounds) else { return false }
        let recent = rounds.suffix(limits.identicalRounds).map { $0.signature { tools[$0]?.repeatsAllowed ?? false } }
        guard let first = recent.first, let signature = first, !signature.isEmpty else { return false }
        return recent.allSatisfy { $0 == signature }
    }

    /// Whether so many rounds could be the same: nearly always the last two ask for something else already.
    private func lastAreAlike(_ count: Int) -> Bool {
        guard count > 1, let last = rounds.last, let one = last.calls.first else { return true }
        let before = rounds[rounds.count - 2]
        return before.calls.contains { $0.call.tool == one.call.tool && $0.arguments == one.arguments }
    }

    func fail(_ code: RunErrorCode, _ message: String) -> RunAction {
        .finish(.failed(code: code.rawValue, message: message))
    }
}

// MARK: - Calls

extension RunState {
    func action(for state: CallState, _ work: Work) -> RunAction? {
        switch state.phase {
        case .proposed: leave(state, work.tools)
        case .approved: .callTool(state)
        case .answered(let result): .recordResult(state, result)
        case .intended where work.inFlight.contains(state.id) || work.resting.contains(state.id): nil
        // The run that does the work goes on from its own log.
        case .intended where state.isDelegated: .callTool(state)
        case .intended: recover(state, work.tools[state.call.tool], at: work.now)
        case .asked, .done: nil
        }
    }

    private func leave(_ state: CallState, _ tools: [String: ToolDefinition]) -> RunAction {
        if state.call.tool == ToolCallEvent.question { return .askHuman(state, .question) }
        if let policy = state.policy, policy.decision == .denied { return .recordResult(state, policy.refusal) }
        if isRehearsal, state.call.effect != .read { return .callTool(state) }
        if state.call.effect == .critical, state.policy == nil { return .askHuman(state, .criticalTool) }
        let repeats = state.call.effect == .read || tools[state.call.tool]?.idempotent == true
        if !repeats, !doubts.about(state.call.tool).isEmpty { return .askHuman(state, .earlierUncertain) }
        return .callTool(state)
    }

    /// An intent without a result: nobody knows whether the call had its effect (DESIGN §9.4).
    private func recover(_ state: CallState, _ tool: ToolDefinition?, at now: Timestamp) -> RunAction {
        if tool?.effect == .read || (tool?.idempotent == true && isWithinIdempotencyWindow(state, tool, at: now)) {
            return .callTool(state)
        }
        if tool?.settles == true { return .settleTool(state) }
        if state.call.effect == .critical || tool?.idempotent == true { return .askHuman(state, .uncertainEffect) }
        return .recordResult(state, Self.uncertain)
    }

    /// A key is trusted as long as the tool says (`idempotency_window`), else for a day.
    private func isWithinIdempotencyWindow(_ state: CallState, _ tool: ToolDefinition?, at now: Timestamp) -> Bool {
        guard let first = state.firstIntentAt else { return true }
        return first.duration(to: now) < tool?.idempotencyWindow ?? .seconds(86_400)
    }

    /// What the model is told of a `write` call whose fate nobody knows.
    public static let uncertain = ToolResult.failure(
        "The call was interrupted; it is not known whether it had its effect. Check before repeating it.",
        code: "uncertain_effect",
        uncertain: true
    )
}
