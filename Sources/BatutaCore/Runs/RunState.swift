/// A run as its own events tell it: the fold of the log, and nothing else (DESIGN §3). No clock, no input or output, no randomness.
public struct RunState: Sendable {
    public let id: RunID
    public let agent: String
    public let limits: RunLimits

    public private(set) var status: RunStatus = .queued
    public private(set) var projectHash: String?
    public private(set) var isRehearsal = false
    public private(set) var stopRequested = false
    /// Someone asked for a pause, and since then nobody for going on.
    public private(set) var pauseRequested = false
    /// The message that started the run.
    public private(set) var prompt: MessageEvent?
    /// What was recalled before the first model call; nil until then.
    public private(set) var context: StepEvent?
    public private(set) var rounds: [Round] = []
    /// The turns of all rounds but the last, which can no longer change.
    private(set) var settledTurns: [ModelTurn] = []
    public private(set) var modelCalls = 0
    public private(set) var toolCalls = 0
    public private(set) var usage = ModelUsage()
    public private(set) var costMicroUSD: Int64?
    public private(set) var asking: Asking?
    /// Calls of this run, and of earlier ones of its branch, of which nobody knows whether they had their effect.
    public private(set) var doubts = Doubts()
    public private(set) var startedAt: Timestamp?
    public private(set) var lastAt = Timestamp(milliseconds: 0)
    private var worked: Duration = .zero
    private var workingSince: Timestamp?

    /// A question to the model that has no accepted answer yet.
    public struct Asking: Sendable, Hashable {
        public var step: Int
        public var attempt: Int
        public var messageID: MessageID
        /// Set when the attempt was given up.
        public var failure: ModelAnswerNote?
        public var failedAt: Timestamp?
    }

    public init(id: RunID, agent: String, limits: RunLimits) {
        self.id = id
        self.agent = agent
        self.limits = limits
    }

    /// The step that the next model call would be.
    public var nextStep: Int { (rounds.last?.step ?? 0) + 1 }

    /// Time spent working up to the last event.
    public var workTime: Duration { worked + (workingSince.map { $0.duration(to: lastAt) } ?? .zero) }

    /// Takes in one event of this run. Order is the log's, and so is time: on a node whose clock is behind that of the one before, it stands still.
    public mutating func apply(_ data: EventData, at moment: Timestamp) {
        let at = max(lastAt, moment)
        lastAt = at
        switch data {
        case .status(let event): apply(event, at: at)
        case .message(let event): apply(event)
        case .step(let event): apply(event, at: at)
        case .toolCall(let event): applyCall(event)
        case .toolResult(let event): applyResult(event, at: at)
        case .approval(let event): apply(event)
        case .usage(let event): apply(event)
        case .complete(let event): end(event.status == .completed ? .completed : .cancelled)
        case .error(let event) where !event.recoverable: end(.failed)
        case .error, .content, .reasoning, .agentSwitch, .other: break
        }
    }
}

// MARK: - Transitions

extension RunState {
    private mutating func apply(_ event: StatusEvent, at: Timestamp) {
        hear(event.status)
        if let project = event.project { projectHash = project }
        if event.rehearsal {
            isRehearsal = true
            costMicroUSD = 0
        }
        guard let status = RunStatus(rawValue: event.status) else { return }
        self.status = status
        if status == .running {
            if startedAt == nil { startedAt = at }
            if workingSince == nil { workingSince = at }
        } else {
            pauseWork()
        }
    }

    /// What people ask of a run.
    private mutating func hear(_ word: String) {
        switch word {
        case StatusEvent.stopping: stopRequested = true
        case StatusEvent.pausing: pauseRequested = true
        case StatusEvent.resuming: pauseRequested = false
        default: break
        }
    }

    private mutating func apply(_ event: MessageEvent) {
        switch event.role {
        case .user: prompt = event
        case .assistant:
            guard let last = rounds.indices.last else { return }
            rounds[last].text = event.content
        }
    }

    private mutating func apply(_ event: StepEvent, at: Timestamp) {
        switch event.kind {
        case .context(_, _, _, let earlier):
            context = event
            doubts.recall(earlier)
        case .modelRequest(let messageID):
            modelCalls += 1
            asking = Asking(step: event.step, attempt: event.attempt, messageID: messageID)
        case .modelAnswer(let note): applyAnswer(note, step: event.step, at: at)
        case .policy(let note): change(note.callID) { $0.policy = note }
        case .toolIntent(let callID, _):
            change(callID) { state in
                state.phase = .intended
                state.intents += 1
                state.firstIntentAt = state.firstIntentAt ?? at
            }
        }
    }

    private mutating func applyAnswer(_ note: ModelAnswerNote, step: Int, at: Timestamp) {
        guard note.accepted else {
            asking?.failure = note
            asking?.failedAt = at
            return
        }
        asking = nil
        if let last = rounds.last { settledTurns += last.turns }
        rounds.append(
            Round(step: step, text: "", calls: [], finishReason: note.finishReason ?? .stop, suggestions: note.suggestions)
        )
    }

    private mutating func applyCall(_ event: ToolCallEvent) {
        guard let last = rounds.indices.last else { return }
        toolCalls += 1
        rounds[last].calls.append(CallState(event))
    }

    private mutating func applyResult(_ event: ToolResultEvent, at: Timestamp) {
        var uncertain = UncertainCall(callID: event.callID, tool: event.tool, arguments: "{}", at: at)
        change(event.callID) { state in
            state.phase = .done(event.result)
            guard event.result.uncertain else { return }
            uncertain.arguments = state.arguments.text
            uncertain.at = state.firstIntentAt ?? at
        }
        if event.result.uncertain { doubts.add(uncertain) }
    }

    private mutating func apply(_ event: ApprovalEvent) {
        var settled: [CallID] = []
        change(event.callID) { settled = $0.apply(event) }
        if !settled.isEmpty { doubts.settle(settled) }
    }

    private mutating func apply(_ event: UsageEvent) {
        guard !event.isCopy else { return }
        usage = usage + event.usage
        guard !isRehearsal, let cost = event.costMicroUSD else { return }
        costMicroUSD = (costMicroUSD ?? 0) + cost
    }

    private mutating func end(_ status: RunStatus) {
        self.status = status
        pauseWork()
    }

    private mutating func pauseWork() {
        if let since = workingSince { worked += since.duration(to: lastAt) }
        workingSince = nil
    }

    private mutating func change(_ callID: CallID, _ body: (inout CallState) -> Void) {
        for round in rounds.indices.reversed() {
            guard let index = rounds[round].calls.firstIndex(where: { $0.id == callID }) else { continue }
            body(&rounds[round].calls[index])
            return
        }
    }
}
