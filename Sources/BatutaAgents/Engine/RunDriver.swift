import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTelemetry
import BatutaTools

/// Drives one run: folds its events, asks the pure core what is next, performs it, appends what came of it. Resuming after a crash is the
/// same path (DESIGN §3).
///
/// Events are folded as soon as they are made and gathered in `outbox`; they are committed together before anything leaves.
struct RunDriver {
    let services: EngineServices
    let project: RunnableProject
    let agent: RunnableAgent
    let handle: RunHandle
    let writer: LogWriter
    var state: RunState
    var outbox = Draft()
    /// What comes before this run's own turns, made once.
    var prompt: RenderedPrompt?
    /// The turns of the question that is about to leave.
    var arranged: [ModelTurn]?
    /// What providers want back of the run's answers, by the first call of each.
    var opaque: [CallID: JSON] = [:]
    /// Whoever owns the run, as far as tools may know; looked up when it has tools.
    var person: Person?
    /// Events since the log of the run was last folded for those who may have to go on with it.
    var eventsSinceCheckpoint = 0
    var hasCheckpoint = false
    /// What the runs below this one are asked through; nil where nothing is performed.
    var members: Members?
    /// What the tree of runs took; nil while the run is alone.
    var ledger: TreeLedger?
    /// What a graph cannot go on from: an expression that has no value.
    var verdict: RunOutcome?
    /// Calls that are being performed right now.
    var underWay: Set<CallID> = []
    /// Calls of a graph whose results are in the outbox.
    var told: [CallID] = []
    /// The run is about to end: what is still under way is cut.
    var isEnding = false
    /// Calls whose members rest.
    var resting: [CallID: MemberRest] = [:]
    var purse = Purse()
    /// The run's message is not committed yet: nothing of it may be, and nobody waits for anything.
    var isAhead = false
    /// The question that is about to leave, or has, where answers are kept.
    var cached: CachedQuestion?
    /// Lets the session's next run begin although this driver is still here.
    var yieldTurn: @Sendable () -> Void = {}

    /// Read in place: a copy would count some twenty references for each event.
    var run: Run { _read { yield handle.run } }

    /// How a drive ended.
    enum Rest: Sendable {
        case ended, awaitingHuman, waiting, paused, drained, leaseLost, storeUnavailable(RunsError)
        /// Something that waiting does not seem to cure: what the log says cannot be read, say.
        case failed(RunsError)
        /// There is work, but others have the session's turn.
        case outOfTurn
        /// Something was committed that this fold has not seen: fold again.
        case overtaken

        /// Whether only another try, later, tells more.
        var isTriedAgain: Bool {
            switch self {
            case .storeUnavailable, .failed: true
            default: false
            }
        }

        /// What becomes of a drive that an error ended.
        init(_ error: any Error) {
            switch error {
            case let error as RunsError:
                switch error.code {
                // A session that is gone is nobody's.
                case .leaseLost, .notFound: self = .leaseLost
                case .conflict: self = .overtaken
                case .corrupt: self = .failed(error)
                default: self = .storeUnavailable(error)
                }
            case let error as StorageError: self = .storeUnavailable(.storage(error))
            default: self = .failed(RunsError(.corrupt, .storeFailed("\(error)")))
            }
        }
    }

    init(services: EngineServices, project: RunnableProject, agent: RunnableAgent, handle: RunHandle, writer: LogWriter) {
        self.services = services
        self.project = project
        self.agent = agent
        self.handle = handle
        self.writer = writer
        state = RunState(id: handle.run.id, agent: handle.run.agent, limits: agent.definition.limits)
        state.plan = agent.team?.plan
        ledger = handle.tree
    }

    /// Drives until the run ends, must wait, or has to leave this node.
    mutating func drive(from opening: RunOpening) async -> Rest {
        do {
            if let folded = opening.state { state = folded }
            state.plan = agent.team?.plan
            (hasCheckpoint, eventsSinceCheckpoint) = (opening.hasCheckpoint, opening.rest)
            for event in opening.events { state.apply(event.data, at: event.at) }
            ledger?.join(run.id, state.taken)
            if opening.asked == nil, !state.status.isEnded, !state.pauseRequested { try await recallDoubts() }
            try await recallOpaque()
            if !agent.tools.catalog.facts.isEmpty { person = try await services.people(run.owner) }
            purse.call = opening.call
            if let asked = opening.asked { try await askNow(asked) } else { settleUnknown() }
            while true {
                if let rest = try await step() { return rest }
            }
        } catch {
            return Rest(error)
        }
    }

    private mutating func step() async throws -> Rest? {
        handle.forgetPause()
        // The session is another node's, or was meanwhile: what this fold knows may not be all.
        if handle.cause == .leaseLost { return .leaseLost }
        if eventsSinceCheckpoint >= CheckpointStore.interval { await leaveCheckpoint() }
        takeInput()
        if state.status.isEnded {
            try await commit()
            return .ended
        }
        if handle.isPausedFromAbove, !state.stopRequested { return try await bePaused() }
        if !state.stopRequested, !state.pauseRequested, let rest = try await prepareToWork() { return rest }
        let actions = nextActions
        if let rest = try await performSingle(actions) { return rest }
        return nil
    }

    /// What the core says is to be done now.
    var nextActions: [RunAction] {
        if let verdict, !state.stopRequested, !state.pauseRequested { return [.finish(verdict)] }
        return state.next(tools: agent.tools.catalog.facts, inFlight: underWay, resting: Set(resting.keys), at: services.clock.now())
    }

    /// Whether another run asked for this one's work.
    var isMember: Bool { run.parentRunID != nil }

    /// What cannot be written now is no loss: the log says the same.
    private mutating func leaveCheckpoint() async {
        eventsSinceCheckpoint = 0
        hasCheckpoint = true
        do {
            try await services.checkpoints.advance(run.id, session: run.sessionID, agent: run.agent, limits: state.limits)
        } catch {
            services.logger.debug("A checkpoint was not written", ["run.id": .string(run.id.rawValue), "error": .string("\(error)")])
        }
    }

    /// A run that is to go on needs this node, and the turn.
    private mutating func prepareToWork() async throws -> Rest? {
        let leaves = handle.drainsAtBoundary || handle.cause == .drain
        if leaves || handle.isOutOfTurn {
            try await commit()
            return leaves ? .drained : .outOfTurn
        }
        if state.status != .running { emitStatus(.running) }
        return nil
    }

    /// The core gives either one action that stands alone, or a set of calls.
    private mutating func performSingle(_ actions: [RunAction]) async throws -> Rest? {
        switch actions.first {
        case .callModel(let step, let attempt, let notBefore):
            guard try await waitToAsk(until: notBefore) else { return nil }
            if let refused = refusalOfTree() { return try await finishing(refused) }
            try await callModel(step: step, attempt: attempt)
        case .finish(let outcome): return try await finishing(outcome)
        case .relay(let output):
            try await relay(output)
            return .ended
        case .takeEdges, .startNode, .askMembers: try await performWithOthers(actions)
        case .awaitHuman: return try await awaitHuman()
        case .pause: return try await bePaused()
        case .callTool, .settleTool, .recordResult, .askHuman:
            if state.graphPlan != nil || actions.contains(where: \.isDelegated) {
                try await performWithOthers(actions)
            } else {
                try await performCalls(actions)
            }
        case nil: return .drained
        }
        return nil
    }

    private mutating func finishing(_ outcome: RunOutcome) async throws -> Rest {
        try await finish(outcome)
        return .ended
    }

    /// Folds input events that arrived while the driver worked.
    mutating func takeInput() {
        for event in handle.takeInbox() { state.apply(event, at: services.clock.now()) }
        hearFromAboveAndBelow()
    }

    private mutating func awaitHuman() async throws -> Rest? {
        let asks = waitsForHuman, status = asks ? RunStatus.pendingApproval : .waiting
        if state.status != status { emitStatus(status) }
        try await commit()
        return asks ? .awaitingHuman : .waiting
    }
}

// MARK: - Events

extension RunDriver {
    /// Folds an event and puts it into the next commit.
    mutating func emit(_ data: EventData) {
        let asked = modelName
        state.apply(data, at: services.clock.now())
        // What a round of a model call and a tool call says.
        if outbox.events.isEmpty { outbox.events.reserveCapacity(7) }
        outbox.events.append(event(data))
        eventsSinceCheckpoint += 1
        services.noteFailure(in: data, of: run.id, model: asked)
    }

    func event(_ data: EventData) -> NewEvent {
        NewEvent(runID: run.id, parentRunID: run.parentRunID, agent: run.agent, data)
    }

    mutating func emitStatus(_ status: RunStatus) {
        emit(.status(StatusEvent(status)))
        guard status != .running else {
            return outbox.projections.append(RunProjections.status(status, of: run.id, at: services.clock.now()))
        }
        outbox.projections.append(RunProjections.rest(state, as: status))
        leaveDoubts()
    }

    /// What was not committed did not happen, and is counted when it does.
    mutating func emptyOutbox() {
        if let metrics = services.metrics { for event in outbox.events { metrics.count(event.data, target: run.target) } }
        outbox = Draft()
    }

    /// Makes everything that was emitted durable, in one commit.
    ///
    /// A store that takes no writes for a while is waited for: what the run has learnt would be lost otherwise.
    mutating func commit() async throws(RunsError) {
        guard !outbox.events.isEmpty || !outbox.projections.isEmpty else { return }
        var pause = Duration.milliseconds(50)
        while true {
            switch await writer.outcome(of: outbox) {
            case .success:
                emptyOutbox()
                forgetTold()
                if state.status.isEnded { services.note(endOf: run, state) }
                return
            case .failure(let error):
                guard error.wroteNothing, !handle.isLeaving else { throw error }
                await handle.pause(for: pause)
                pause = min(pause * 2, .seconds(2))
            }
        }
    }
}
