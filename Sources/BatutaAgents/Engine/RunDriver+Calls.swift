import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTools

extension RunDriver {
    /// Performs a set of calls: what needs no act first, then intents in one commit, then all acts at once.
    mutating func performCalls(_ actions: [RunAction]) async throws {
        var leaving: [Departure] = []
        for action in await consult(actions) {
            if goOn(action, &leaving) { continue }
            switch action {
            case .recordResult(let call, let result): emitResult(of: call, await keeper.kept(Self.withNote(result, call), of: call))
            case .askHuman(let call, let reason): ask(about: call, reason)
            case .callTool(let call): leaving.append(Departure(call, settles: false))
            case .settleTool(let call): leaving.append(Departure(call, settles: true))
            case .callModel, .awaitHuman, .pause, .finish, .askMembers, .takeEdges, .startNode, .relay: break
            }
        }
        guard !leaving.isEmpty else { return }
        for departure in leaving where !departure.settles { emitIntent(departure.state) }
        let late = try await commitIntents(of: leaving)
        for departure in leaving { handle.know(nil, of: departure.state.id) }
        let pause = earlyPause(after: late)
        let outcomes = await perform(leaving, late, pause)
        if late.isPosted { emptyOutbox() }
        if await pause.isInLog { state.apply(.status(StatusEvent(.paused)), at: services.clock.now()) }
        for outcome in outcomes { take(outcome) }
    }

    /// After a failure of the store a call with an intent need not be recovered as after a crash: this node knows what became of it.
    mutating func goOn(_ action: RunAction, _ leaving: inout [Departure]) -> Bool {
        guard let call = action.call, call.phase == .intended, let known = handle.known(of: call.id) else { return false }
        switch known {
        case .neverLeft: leaving.append(Departure(call, settles: false))
        case .came(let kept): emitResult(of: call, kept)
        }
        return true
    }

    struct Departure: Sendable {
        var state: CallState
        var settles: Bool

        init(_ state: CallState, settles: Bool) {
            self.state = state
            self.settles = settles
        }
    }

    mutating func emitIntent(_ call: CallState) {
        handle.know(.neverLeft, of: call.id)
        let hash = Digest.hex(Digest.sha256(call.arguments.canonicalBytes))
        emit(.step(StepEvent(.toolIntent(callID: call.id, argumentsHash: hash), step: call.call.step, attempt: call.intents + 1)))
    }

    /// An intent must be durable before its call leaves. Reading again does no harm, so for reads it need not be awaited, and one that
    /// answers without waiting for anything shares a commit with its result.
    private mutating func commitIntents(of leaving: [Departure]) async throws -> LateDraft {
        if leaving.allSatisfy({ agent.tools.definition(of: $0.state.call.tool)?.effect == .read }) { return LateDraft(outbox, writer) }
        try await commit()
        return LateDraft(outbox, writer)
    }

    /// What came of one departure. Results of parallel calls go to the log as they come; only the last waits for the next commit.
    struct Outcome: Sendable {
        var state: CallState
        var result: ToolResult
        /// The result as it goes to the log.
        var kept: KeptResult
        var isPosted = false
    }

    private func perform(_ leaving: [Departure], _ late: LateDraft, _ pause: EarlyPause) async -> [Outcome] {
        let posting = ResultPosting(writer: writer, event: event(.agentSwitch(agent: run.agent)), handle: handle, late: late)
        let work = CallWork(tools: services.tools, registry: agent.tools, keeper: keeper, posting: posting)
        let calls = leaving.map { ($0, toolCall($0.state)) }
        let alarm = late.isOpen ? services.tools.time.alarm(after: LateDraft.patience) { late.post() } : nil
        let outcomes = await handle.perform(on: services.executor, onPause: { pause.post() }) {
            if calls.count == 1, let (departure, call) = calls.first {
                let outcome = await Self.perform(departure, call, work)
                posting.keep(outcome.state, outcome.kept)
                return [outcome]
            }
            return await Self.performAtOnce(calls, work)
        }
        pause.close()
        alarm?.cancel()
        late.close()
        return outcomes
    }

    /// What performing calls needs, apart from the calls.
    struct CallWork: Sendable {
        var tools: ToolRuntime
        var registry: ToolRegistry
        var keeper: ResultKeeper
        var posting: ResultPosting
    }

    private static func performAtOnce(_ calls: [(Departure, ToolCall)], _ work: CallWork) async -> [Outcome] {
        await withTaskGroup(of: Outcome.self) { group in
            for (departure, call) in calls {
                group.addTask { await perform(departure, call, work) }
            }
            var outcomes: [Outcome] = []
            while var outcome = await group.next() {
                work.posting.keep(outcome.state, outcome.kept)
                if outcomes.count + 1 < calls.count { outcome.isPosted = work.posting.post(outcome.state, outcome.kept) }
                outcomes.append(outcome)
            }
            return outcomes
        }
    }

    static func perform(_ departure: Departure, _ call: ToolCall, _ work: CallWork) async -> Outcome {
        let result =
            departure.settles ? await work.tools.recover(call, in: work.registry) : await work.tools.execute(call, in: work.registry)
        let kept = await work.keeper.kept(withNote(result, departure.state), of: departure.state)
        return Outcome(state: departure.state, result: result, kept: kept)
    }

    func toolCall(_ state: CallState) -> ToolCall {
        ToolCall(
            id: state.id,
            tool: state.call.tool,
            arguments: state.arguments,
            idempotencyKey: state.idempotencyKey,
            attempt: state.intents,
            startedAt: state.firstIntentAt ?? services.clock.now(),
            context: toolContext
        )
    }

    /// A result goes to the log, unless the call was cut, or only a human can say what happened. A call that came to its end although the
    /// run was cut keeps its result: what is known is never thrown away.
    mutating func take(_ outcome: Outcome) {
        let call = outcome.state
        if outcome.isPosted {
            let data = EventData.toolResult(ToolResultEvent(callID: call.id, tool: call.call.tool, result: outcome.kept.result))
            services.noteFailure(in: data, of: run.id, model: modelName)
            return state.apply(data, at: services.clock.now())
        }
        if handle.cause == .leaseLost { return }
        if handle.cause != nil, outcome.result.code == ToolCode.cancelled.rawValue { return }
        if outcome.result.uncertain, asksAPerson(about: call), handle.cause != .stop, !isEnding {
            // Nobody is asked during a pause: an intent without a result asks when it is over.
            return state.status == .paused ? () : ask(about: call, .uncertainEffect)
        }
        emitResult(of: call, outcome.kept)
    }

    /// Who says what became of a call when nobody knows: a person for a critical one, and where whoever was to find out could not (`settle`).
    private func asksAPerson(about call: CallState) -> Bool {
        call.call.effect == .critical || agent.tools.definition(of: call.call.tool)?.settles == true
    }

    mutating func emitResult(of call: CallState, _ kept: KeptResult, taken: TreeUse? = nil) {
        if let file = kept.file { outbox.files.append(file) }
        if state.graphPlan != nil { told.append(call.id) }
        emit(.toolResult(ToolResultEvent(callID: call.id, tool: call.call.tool, result: kept.result, taken: taken)))
    }

    /// What is durable need not be remembered. Where models are asked, the next question lets go of it; a graph may ask none.
    mutating func forgetTold() {
        for call in told { handle.know(nil, of: call) }
        told = []
    }

    var keeper: ResultKeeper { ResultKeeper(services: services, handle: handle) }

    /// The approver's note reaches the model with the result.
    static func withNote(_ result: ToolResult, _ call: CallState) -> ToolResult {
        // An answer to a question holds its note already.
        guard let note = call.note, result.success, let data = result.data, call.call.tool != ToolCallEvent.question else { return result }
        var noted = result
        noted.data = ["result": data, "approver_note": .string(note)]
        return noted
    }
}

/// Posts the results of parallel calls as they come.
struct ResultPosting: Sendable {
    let writer: LogWriter
    let event: NewEvent
    let handle: RunHandle
    let late: LateDraft

    /// What is known is kept until it is durable, whatever the store does.
    func keep(_ call: CallState, _ kept: KeptResult) {
        guard !kept.result.uncertain, kept.result.code != ToolCode.cancelled.rawValue else { return }
        handle.know(.came(kept), of: call.id)
    }

    /// False when the driver must look at the result itself.
    func post(_ call: CallState, _ kept: KeptResult) -> Bool {
        guard handle.cause == nil || handle.cause == .pause, !kept.result.uncertain, call.note == nil else { return false }
        var event = event
        event.data = .toolResult(ToolResultEvent(callID: call.id, tool: call.call.tool, result: kept.result))
        late.post()
        var draft = Draft([event])
        draft.files = kept.file.map { [$0] } ?? []
        writer.post(draft)
        return true
    }
}

extension RunAction {
    /// The call that the action is about.
    var call: CallState? {
        switch self {
        case .callTool(let call), .settleTool(let call), .recordResult(let call, _), .askHuman(let call, _): call
        case .callModel, .awaitHuman, .pause, .finish, .askMembers, .takeEdges, .startNode, .relay: nil
        }
    }

    /// Whether another run does what is wanted.
    var isDelegated: Bool { call?.call.childRunID != nil }
}
