/// A run as its own events tell it: the fold of the log, and nothing else (DESIGN §3). No clock, no input or output, no randomness.
public struct RunState: Sendable {
    public let id: RunID
    public let agent: String
    public let limits: RunLimits

    public internal(set) var status: RunStatus = .queued
    public internal(set) var projectHash: String?
    public internal(set) var isRehearsal = false
    public internal(set) var stopRequested = false
    /// Someone asked for a pause, and since then nobody for going on.
    public internal(set) var pauseRequested = false
    /// The message that started the run.
    public internal(set) var prompt: MessageEvent?
    /// What was recalled before the first model call; nil until then.
    public internal(set) var context: StepEvent?
    /// Those that the model still sees whole.
    public internal(set) var rounds: [Round] = []
    /// The rounds before them, of which it is told in a few words or nothing.
    public internal(set) var folded = FoldedRounds()
    /// Somebody is asked to sum something up.
    public internal(set) var summarising: Summarising?
    /// The turns of all rounds but the last, which can no longer change.
    private(set) var settledTurns: [ModelTurn] = []
    /// What they take in a prompt, in bytes.
    private(set) var settledSize = 0
    public internal(set) var modelCalls = 0
    public internal(set) var toolCalls = 0
    public internal(set) var usage = ModelUsage()
    /// What the run and those below it cost, in billionths of a US dollar; nil when calls were made and nobody knows any price.
    public internal(set) var costNanoUSD: Int64? = 0
    /// Part of the cost is supposed.
    public internal(set) var isEstimated = false
    /// What is set aside for a model call of which nobody knows yet what it cost; nil when there is none.
    public internal(set) var reservedNanoUSD: Int64?
    /// The model that it is set aside for, as the log names it.
    public internal(set) var reservedModel: String?
    public internal(set) var asking: Asking?
    /// The model that is asked since the ones before it failed for good; nil: the agent's own. A run that rested begins with that again.
    public internal(set) var standIn: String?
    /// Calls of this run, and of earlier ones of its branch, of which nobody knows whether they had their effect.
    public internal(set) var doubts = Doubts()
    /// What the team does of whose work this run is; nil for an agent by itself. No part of the log: the project's version says it.
    public var plan: TeamPlan?
    /// How far its graph has come.
    public internal(set) var graph = GraphState()
    /// What runs below this one took, as far as they have ended.
    public internal(set) var below = TreeUse()
    /// How the run ended.
    public internal(set) var outcome: RunOutcome?
    public internal(set) var startedAt: Timestamp?
    public internal(set) var lastAt = Timestamp(milliseconds: 0)
    var worked: Duration = .zero
    var workingSince: Timestamp?

    /// A question to the model that has no accepted answer yet.
    public struct Asking: Sendable, Hashable {
        public var step: Int
        public var attempt: Int
        public var messageID: MessageID
        /// The first attempt at the model that is asked.
        public var firstAttempt: Int
        /// Set when the attempt was given up.
        public var failure: ModelAnswerNote?
        public var failedAt: Timestamp?

        init(step: Int, attempt: Int, messageID: MessageID, firstAttempt: Int? = nil) {
            self.step = step
            self.attempt = attempt
            self.messageID = messageID
            self.firstAttempt = firstAttempt ?? attempt
        }

        /// Tries of the model that is asked, this one included.
        public var tries: Int { attempt - firstAttempt + 1 }
    }

    /// A question for a summary that has no answer yet.
    public struct Summarising: Sendable, Hashable {
        public var part: SummaryNote.Part
        public var attempt: Int
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

    /// What the run took, with all runs below it that have ended.
    public var taken: TreeUse {
        TreeUse(
            modelCalls: modelCalls + below.modelCalls,
            toolCalls: toolCalls + below.toolCalls,
            usage: usage,
            costNanoUSD: costNanoUSD,
            isEstimated: isEstimated
        )
    }

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
        case .complete(let event):
            outcome = event.status == .completed ? .completed(output: event.output, event.finishReason) : .cancelled
            end(event.status == .completed ? .completed : .cancelled)
        case .error(let event) where !event.recoverable:
            outcome = .failed(code: event.code, message: event.message)
            end(.failed)
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
            costNanoUSD = 0
        }
        guard let status = RunStatus(rawValue: event.status) else { return }
        self.status = status
        if status == .running {
            if startedAt == nil { startedAt = at }
            if workingSince == nil { workingSince = at }
        } else {
            pauseWork()
            standIn = nil
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
        if let reserved = event.reservedNanoUSD { (reservedNanoUSD, reservedModel) = (reserved, event.model) }
        switch event.kind {
        case .context(_, _, _, let earlier, _):
            context = event
            doubts.recall(earlier)
        case .modelRequest(let messageID):
            modelCalls += 1
            let isSameModel = asking?.step == event.step && asking?.failure?.fallback == nil
            let first = isSameModel ? asking?.firstAttempt : nil
            asking = Asking(step: event.step, attempt: event.attempt, messageID: messageID, firstAttempt: first)
        case .modelAnswer(let note): applyAnswer(note, of: event, at: at)
        case .summary(let note): apply(note, event)
        case .policy(let note): change(note.callID) { $0.policy = note }
        case .reserve: break
        case .edges(let call, let taken): graph.take(taken, from: call)
        case .toolIntent(let callID, _):
            change(callID) { state in
                state.phase = .intended
                state.intents += 1
                state.firstIntentAt = state.firstIntentAt ?? at
            }
        }
    }

    private mutating func applyAnswer(_ note: ModelAnswerNote, of event: StepEvent, at: Timestamp) {
        guard note.accepted else {
            reservedNanoUSD = nil
            asking?.failure = note
            asking?.failedAt = at
            if let fallback = note.fallback { standIn = fallback }
            return
        }
        asking = nil
        settle()
        var round = Round(step: event.step, text: "", calls: [], finishReason: note.finishReason ?? .stop, suggestions: note.suggestions)
        round.check = note.output
        round.opaque = event.ref
        if case .misfit(let text, _) = note.output { round.text = text }
        rounds.append(round)
    }

    /// The last round can no longer change.
    mutating func settle() {
        guard let last = rounds.last else { return }
        let turns = last.turns
        settledTurns += turns
        settledSize += turns.reduce(0) { $0 + $1.size }
    }

    private mutating func apply(_ note: SummaryNote, _ event: StepEvent) {
        guard note.outcome != .asked else {
            summarising = Summarising(part: note.part, attempt: event.attempt)
            return
        }
        summarising = nil
        reservedNanoUSD = nil
        guard case .rounds(let through) = note.part else { return }
        fold(through: through)
        folded.summary = event.ref
        if note.outcome == .leftOut { folded.isIncomplete = true }
    }

    /// Lets go of rounds, never of the last. All their calls have results.
    private mutating func fold(through step: Int) {
        let gone = rounds.dropLast().prefix { $0.step <= step }
        var turns = 0
        for round in gone {
            folded.rounds += 1
            folded.results += round.calls.count
            turns += 1 + round.calls.count { $0.result != nil } + (round.isMisfit ? 1 : 0)
        }
        turns = min(turns, settledTurns.count)
        settledSize -= settledTurns.prefix(turns).reduce(0) { $0 + $1.size }
        settledTurns.removeFirst(turns)
        rounds.removeFirst(gone.count)
    }

    private mutating func applyCall(_ event: ToolCallEvent) {
        // What no model asked for: a graph's nodes, a team whose members all begin at once.
        if rounds.isEmpty { rounds.append(Round(step: event.step, text: "", calls: [], finishReason: .toolCalls)) }
        toolCalls += 1
        rounds[rounds.count - 1].calls.append(CallState(event))
        if let node = event.node { graph.begin(node, event.callID) }
    }

    /// The graph that the run works through.
    public var graphPlan: GraphPlan? {
        guard case .graph(let graph) = plan else { return nil }
        return graph
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
        if let taken = event.taken { add(taken) }
        if !graph.visits.isEmpty { graph.end(event.callID, event.result, isHuman: event.tool == ToolCallEvent.question) }
    }

    private mutating func add(_ taken: TreeUse) {
        below = below + taken
        usage = usage + taken.usage
        isEstimated = isEstimated || taken.isEstimated
        if !isRehearsal { costNanoUSD = NanoUSD.sum(costNanoUSD, taken.costNanoUSD) }
    }

    private mutating func apply(_ event: ApprovalEvent) {
        var settled: [CallID] = []
        change(event.callID) { settled = $0.apply(event) }
        if !settled.isEmpty { doubts.settle(settled) }
    }

    private mutating func apply(_ event: UsageEvent) {
        reservedNanoUSD = nil
        guard !event.isCopy else { return }
        usage = usage + event.usage
        isEstimated = isEstimated || event.addsEstimate
        if !isRehearsal { costNanoUSD = NanoUSD.sum(costNanoUSD, event.costNanoUSD) }
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
            guard let index = rounds[round].calls.lastIndex(where: { $0.id == callID }) else { continue }
            body(&rounds[round].calls[index])
            return
        }
    }
}
