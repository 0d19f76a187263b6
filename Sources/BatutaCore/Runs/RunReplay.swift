/// Folds a run's log once more, with recorded answers and results fed back, and compares what the core decides with what was done
/// (DESIGN §9.11). Nothing leaves. Pure.
public struct RunReplay: Sendable {
    /// Something that would be done otherwise now.
    public struct Difference: Sendable, Hashable {
        /// The number of the event.
        public var event: Int64
        /// What the log says.
        public var expected: JSON
        /// What would be done now.
        public var got: JSON

        public init(event: Int64, expected: JSON, got: JSON) {
            self.event = event
            self.expected = expected
            self.got = got
        }

        public var json: JSON { ["event": .int(event), "expected": expected, "got": got] }
    }

    public private(set) var state: RunState
    /// How the run stood without what people asked of it just now: what is in the log is heard a moment later, and meanwhile the run went on.
    private var unhearing: [RunState] = []
    private let tools: [String: ToolDefinition]
    /// Another run asked for this one's work: it is paused together with that, and ends when the tree has taken too much.
    private let isMember: Bool

    public init(_ state: RunState, tools: [String: ToolDefinition], isMember: Bool = false) {
        self.state = state
        self.tools = tools
        self.isMember = isMember
    }

    /// Takes in the next event; gives what would be done in its place, when that is something else.
    ///
    /// What came from outside (messages, answers, results, decisions) is taken as it is. What a fork took over is not compared: another run
    /// decided it.
    public mutating func take(_ data: EventData, number: Int64, at: Timestamp, isCopy: Bool = false) -> Difference? {
        defer { fold(data, at) }
        guard !isCopy, let done = RecordedAction(data, in: state), !isDecidedElsewhere(done) else { return nil }
        let actions = actions(of: state, before: done, at)
        if done.follows(from: actions, in: state) {
            unhearing = []
            return nil
        }
        if unhearing.contains(where: { done.follows(from: self.actions(of: $0, before: done, at), in: $0) }) { return nil }
        let got = actions.map { $0.json(in: state) }
        return Difference(event: number, expected: done.json, got: got.count == 1 ? got[0] : .array(got))
    }
}

extension RunReplay {
    /// A run that waited knew of its members that they wait too.
    private func actions(of state: RunState, before done: RecordedAction, _ at: Timestamp) -> [RunAction] {
        if case .waited = done { return state.next(tools: tools, resting: state.delegated, at: at) }
        return state.next(tools: tools, at: at)
    }

    /// What the fold of one run cannot know: a pause from above, the limits of a whole tree, an expression that has no value.
    private func isDecidedElsewhere(_ done: RecordedAction) -> Bool {
        switch done {
        case .paused: return isMember
        case .failed(let event):
            if event.code == RunErrorCode.graphError.rawValue { return state.graphPlan != nil }
            let isOfTree = [RunErrorCode.limitModelCalls, .limitToolCalls, .limitWorkTime].contains { $0.rawValue == event.code }
            return isOfTree && (isMember || state.rounds.contains { $0.calls.contains(where: \.isDelegated) })
        default: return false
        }
    }

    /// More people than these ask nothing of a run at one moment.
    private static let mostUnhearing = 8

    private mutating func fold(_ data: EventData, _ at: Timestamp) {
        if !isAsked(data) { for index in unhearing.indices { unhearing[index].apply(data, at: at) } }
        if isAsked(data) {
            unhearing.append(state)
            if unhearing.count > Self.mostUnhearing { unhearing.removeFirst() }
        } else if showsThatTimePassed(data) {
            unhearing = []
        }
        state.apply(data, at: at)
    }

    private func isAsked(_ data: EventData) -> Bool {
        switch data {
        case .status(let event): [StatusEvent.stopping, StatusEvent.pausing, StatusEvent.resuming].contains(event.status)
        case .approval(let event): event.state != .requested
        default: false
        }
    }

    /// Whoever waited for a model or a tool has heard everything before.
    private func showsThatTimePassed(_ data: EventData) -> Bool {
        switch data {
        case .toolResult, .usage: true
        default: false
        }
    }
}

/// What an event says that the run did.
private enum RecordedAction {
    case asked(StepEvent)
    case left(CallID, attempt: Int)
    case askedHuman(ApprovalEvent)
    case tookBack(ApprovalEvent)
    case result(ToolResultEvent)
    case waited
    case paused
    case completed(CompleteEvent)
    case failed(ErrorEvent)

    /// nil for what came from outside.
    init?(_ data: EventData, in state: RunState) {
        switch data {
        case .step(let event):
            switch event.kind {
            case .modelRequest: self = .asked(event)
            case .toolIntent(let call, _): self = .left(call, attempt: event.attempt)
            case .modelAnswer, .context, .policy, .summary, .edges, .reserve: return nil
            }
        case .approval(let event):
            switch event.state {
            case .requested: self = .askedHuman(event)
            case .cancelled: self = .tookBack(event)
            case .approved, .rejected, .expired: return nil
            }
        case .toolResult(let event): self = .result(event)
        case .status(let event):
            switch RunStatus(rawValue: event.status) {
            case .pendingApproval: self = .waited
            case .paused: self = .paused
            default: return nil
            }
        case .complete(let event): self = .completed(event)
        case .error(let event):
            guard !event.recoverable else { return nil }
            self = .failed(event)
        case .message, .agentSwitch, .content, .reasoning, .toolCall, .usage, .other: return nil
        }
    }

    func follows(from actions: [RunAction], in state: RunState) -> Bool {
        switch self {
        case .asked(let event):
            guard case .callModel(event.step, event.attempt, _) = actions.first else { return false }
            return true
        case .left(let id, let attempt):
            return actions.contains { action in
                guard case .callTool(let call) = action else { return false }
                return call.id == id && call.intents + 1 == attempt
            }
        case .askedHuman(let event): return Self.asks(event, actions, state)
        case .tookBack: return state.stopRequested
        case .result(let event): return Self.came(event, actions, state)
        case .waited: return actions == [.awaitHuman]
        case .paused: return actions == [.pause]
        case .completed(let event): return Self.ends(event, actions, state)
        case .failed(let event):
            // Whether there is money is for others to decide.
            if event.code == RunErrorCode.budgetExceeded.rawValue, case .callModel = actions.first { return true }
            guard case .finish(.failed(event.code, _)) = actions.first else { return false }
            return true
        }
    }

    /// A call that came back uncertain asks at once; its fold knows only that it left.
    private static func asks(_ event: ApprovalEvent, _ actions: [RunAction], _ state: RunState) -> Bool {
        if event.reason == .uncertainEffect, state.call(event.callID)?.phase == .intended { return true }
        return actions.contains { action in
            switch action {
            case .askHuman(let call, let reason): call.id == event.callID && (reason == event.reason || event.reason == .policy)
            // What policies find out comes from outside.
            case .callTool(let call): call.id == event.callID && event.reason == .policy && call.phase == .proposed
            default: false
            }
        }
    }

    /// A result of a call that left is from outside. One of a call that did not leave is a decision, or the refusal of its arguments.
    private static func came(_ event: ToolResultEvent, _ actions: [RunAction], _ state: RunState) -> Bool {
        guard let call = state.call(event.callID) else { return false }
        switch call.phase {
        case .intended: return true
        case .proposed: return !event.result.success
        case .asked, .approved: return state.stopRequested
        case .done: return false
        case .answered(let result):
            guard !state.stopRequested, actions.contains(.recordResult(call, result)) else { return state.stopRequested }
            let isWhole = event.result.data?["truncated"] != true && call.note == nil
            return result.success == event.result.success && result.code == event.result.code
                && (!isWhole || result.data == event.result.data)
        }
    }

    private static func ends(_ event: CompleteEvent, _ actions: [RunAction], _ state: RunState) -> Bool {
        switch actions.first {
        case .finish(.cancelled): event.status == .cancelled
        case .finish(.completed(let output, let reason)):
            event.status == .completed && event.output == output && event.finishReason == (reason == .toolCalls ? .stop : reason)
                && event.usage == state.usage
        case .relay(let output): event.status == .completed && event.output == output && event.usage == state.usage
        default: false
        }
    }

    var json: JSON {
        switch self {
        case .asked(let event): ["action": "ask_model", "step": .int(event.step), "attempt": .int(event.attempt)]
        case .left(let call, let attempt): ["action": "call_tool", "call_id": .string(call.rawValue), "attempt": .int(attempt)]
        case .askedHuman(let event):
            [
                "action": "ask_human", "call_id": .string(event.callID.rawValue), "tool": .string(event.tool),
                "reason": .string(event.reason.rawValue),
            ]
        case .tookBack(let event): ["action": "take_question_back", "call_id": .string(event.callID.rawValue)]
        case .result(let event):
            ["action": "record_result", "call_id": .string(event.callID.rawValue), "result": event.result.envelope]
        case .waited: ["action": "await_human"]
        case .paused: ["action": "pause"]
        case .completed(let event):
            RunAction.end(event.status.rawValue, event.status == .completed ? event.output : nil, usage: event.usage)
        case .failed(let event): ["action": "finish", "status": "failed", "code": .string(event.code)]
        }
    }
}

extension RunAction {
    /// The action as a difference tells it.
    fileprivate func json(in state: RunState) -> JSON {
        switch self {
        case .callModel(let step, let attempt, _): ["action": "ask_model", "step": .int(step), "attempt": .int(attempt)]
        case .callTool(let call):
            [
                "action": "call_tool", "call_id": .string(call.id.rawValue), "tool": .string(call.call.tool),
                "attempt": .int(call.intents + 1),
            ]
        case .settleTool(let call): ["action": "settle", "call_id": .string(call.id.rawValue), "tool": .string(call.call.tool)]
        case .recordResult(let call, let result):
            ["action": "record_result", "call_id": .string(call.id.rawValue), "result": result.envelope]
        case .askHuman(let call, let reason):
            [
                "action": "ask_human", "call_id": .string(call.id.rawValue), "tool": .string(call.call.tool),
                "reason": .string(reason.rawValue),
            ]
        case .awaitHuman: ["action": "await_human"]
        case .askMembers(let members): ["action": "ask_members", "members": .array(members.map(JSON.string))]
        case .takeEdges(let call): ["action": "take_edges", "call_id": .string(call.rawValue)]
        case .startNode(let node): ["action": "start_node", "node": .string(node)]
        case .relay(let output): Self.end("completed", output, usage: state.usage)
        case .pause: ["action": "pause"]
        case .finish(.completed(let output, _)): Self.end("completed", output, usage: state.usage)
        case .finish(.cancelled): Self.end("cancelled", nil, usage: state.usage)
        case .finish(.failed(let code, let message)):
            ["action": "finish", "status": "failed", "code": .string(code), "message": .string(message)]
        }
    }

    fileprivate static func end(_ status: String, _ output: String?, usage: ModelUsage) -> JSON {
        var object: JSONObject = ["action": "finish", "status": .string(status)]
        object["output"] = output.map(JSON.string)
        object["input_tokens"] = .int(usage.inputTokens)
        object["output_tokens"] = .int(usage.outputTokens)
        return .object(object)
    }
}

extension RunState {
    /// A call of this run; nil when it asked for none of this name.
    public func call(_ id: CallID) -> CallState? {
        for round in rounds.reversed() {
            if let call = round.calls.first(where: { $0.id == id }) { return call }
        }
        return nil
    }
}
