import BatutaCore

/// Builds the events of a run in the words of a test.
struct RunScript {
    var events: [EventData] = []
    static let run = RunID(trusted: "run_01ARZ3NDEKTSV4RRFFQ69G5FAV")

    static let readTool = ToolDefinition(name: "look", description: "Looks.", effect: .read)
    static let writeTool = ToolDefinition(name: "write", description: "Writes.", effect: .write)
    static let idempotentTool = ToolDefinition(name: "set", description: "Sets.", effect: .write, idempotent: true)
    static let criticalTool = ToolDefinition(name: "pay", description: "Pays.", effect: .critical)
    static let settlingTool = ToolDefinition(name: "order", description: "Orders.", effect: .critical, settles: true)
    static let repeatableTool = ToolDefinition(name: "poll", description: "Polls.", effect: .read, repeatsAllowed: true)
    static let tools = Dictionary(
        [readTool, writeTool, idempotentTool, criticalTool, settlingTool, repeatableTool].map { ($0.name, $0) }
    ) { first, _ in first }

    init(rehearsal: Bool = false) {
        events = [
            .status(StatusEvent(.queued, project: "p1", rehearsal: rehearsal)),
            .message(MessageEvent(messageID: Self.message(0), role: .user, content: "hello")),
            .status(StatusEvent(.running)),
        ]
    }

    static func message(_ number: Int) -> MessageID { MessageID(trusted: "msg_\(number)") }
    static func call(_ number: Int) -> CallID { CallID(trusted: "call_\(number)") }
    static func approval(_ number: Int) -> ApprovalID { ApprovalID(trusted: "apr_\(number)") }

    func asking(step: Int, attempt: Int = 1) -> RunScript {
        adding(.step(StepEvent(.modelRequest(messageID: Self.message(step * 10 + attempt)), step: step, attempt: attempt)))
    }

    func failing(step: Int, attempt: Int = 1, retryIn: Int64?) -> RunScript {
        let note = ModelAnswerNote(accepted: false, code: "model_timeout", retryInMilliseconds: retryIn)
        return adding(.step(StepEvent(.modelAnswer(note), step: step, attempt: attempt)))
    }

    /// The model failed for good, and another is asked from then on.
    func fallingBack(step: Int, attempt: Int = 1, to model: String) -> RunScript {
        let note = ModelAnswerNote(accepted: false, code: "model_unavailable", fallback: model)
        return adding(.step(StepEvent(.modelAnswer(note), step: step, attempt: attempt)))
    }

    func answering(step: Int, text: String) -> RunScript {
        adding(.step(StepEvent(.modelAnswer(ModelAnswerNote(accepted: true, finishReason: .stop)), step: step)))
            .adding(.message(MessageEvent(messageID: Self.message(step * 10 + 1), role: .assistant, content: text)))
    }

    /// One answer that asks for these calls.
    func calling(step: Int, _ calls: (number: Int, tool: String, params: JSON)...) -> RunScript {
        let note = ModelAnswerNote(accepted: true, calls: calls.count, finishReason: .toolCalls)
        var script = adding(.step(StepEvent(.modelAnswer(note), step: step)))
        for call in calls {
            let effect = Self.tools[call.tool]?.effect ?? .read
            script = script.adding(
                .toolCall(ToolCallEvent(callID: Self.call(call.number), tool: call.tool, params: call.params, effect: effect, step: step))
            )
        }
        return script
    }

    func intending(_ number: Int, attempt: Int = 1) -> RunScript {
        adding(.step(StepEvent(.toolIntent(callID: Self.call(number), argumentsHash: "h"), step: 1, attempt: attempt)))
    }

    func resulting(_ number: Int, tool: String, _ result: ToolResult = .success(["ok": true])) -> RunScript {
        adding(.toolResult(ToolResultEvent(callID: Self.call(number), tool: tool, result: result)))
    }

    func approval(
        _ state: ApprovalState,
        call: Int,
        tool: String,
        reason: ApprovalReason = .criticalTool,
        _ edit: (inout ApprovalEvent) -> Void = { _ in }
    )
        -> RunScript
    {
        var event = ApprovalEvent(
            approvalID: Self.approval(call),
            state: state,
            reason: reason,
            callID: Self.call(call),
            tool: tool,
            params: [:]
        )
        edit(&event)
        return adding(.approval(event))
    }

    func adding(_ event: EventData) -> RunScript {
        var copy = self
        copy.events.append(event)
        return copy
    }

    /// Folds the events, a second apart.
    func fold(limits: RunLimits = RunLimits()) -> RunState {
        var state = RunState(id: Self.run, agent: "assistant", limits: limits)
        for (index, event) in events.enumerated() { state.apply(event, at: Self.at(index)) }
        return state
    }

    static func at(_ index: Int) -> Timestamp { Timestamp(milliseconds: 1_000_000 + Int64(index) * 1_000) }

    func next(limits: RunLimits = RunLimits(), inFlight: Set<CallID> = []) -> [RunAction] {
        fold(limits: limits).next(tools: Self.tools, inFlight: inFlight)
    }
}

extension RunAction {
    /// The action in a word, for tables.
    var word: String {
        switch self {
        case .callModel(let step, let attempt, let notBefore): "model \(step).\(attempt)\(notBefore == nil ? "" : " later")"
        case .callTool(let call): "call \(call.id)"
        case .settleTool(let call): "settle \(call.id)"
        case .recordResult(let call, let result): "record \(call.id) \(result.code ?? "success")"
        case .askHuman(let call, let reason): "ask \(call.id) \(reason.rawValue)"
        case .awaitHuman: "await"
        case .askMembers(let members): "members \(members.joined(separator: ", "))"
        case .takeEdges(let call): "edges \(call)"
        case .startNode(let node): "start \(node)"
        case .relay(let output): "relay \(output)"
        case .pause: "pause"
        case .finish(.completed): "completed"
        case .finish(.cancelled): "cancelled"
        case .finish(.failed(let code, _)): "failed \(code)"
        }
    }
}
