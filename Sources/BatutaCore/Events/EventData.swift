/// What an event says. One case for each `EventType`; how each is written and read back stands beside its struct.
///
/// Indirect: an event is made once and then handed from the fold to the log to every reader, each time as one pointer.
public indirect enum EventData: Sendable, Hashable {
    case message(MessageEvent)
    case status(StatusEvent)
    case agentSwitch(agent: String)
    case content(messageID: MessageID, delta: String)
    case reasoning(messageID: MessageID, delta: String)
    case toolCall(ToolCallEvent)
    case toolResult(ToolResultEvent)
    case approval(ApprovalEvent)
    case step(StepEvent)
    case usage(UsageEvent)
    case complete(CompleteEvent)
    case error(ErrorEvent)
    /// A type, or a version of one, that this release only passes on.
    case other(type: String, JSON)

    public var type: String {
        switch self {
        case .message: EventType.message.rawValue
        case .status: EventType.status.rawValue
        case .agentSwitch: EventType.agentSwitch.rawValue
        case .content: EventType.content.rawValue
        case .reasoning: EventType.reasoning.rawValue
        case .toolCall: EventType.toolCall.rawValue
        case .toolResult: EventType.toolResult.rawValue
        case .approval: EventType.approval.rawValue
        case .step: EventType.step.rawValue
        case .usage: EventType.usage.rawValue
        case .complete: EventType.complete.rawValue
        case .error: EventType.error.rawValue
        case .other(let type, _): type
        }
    }

    /// Writes the `data` object of the envelope.
    public func write(into writer: inout JSONWriter) {
        if case .other(_, let json) = self { return writer.value(json) }
        writer.beginObject()
        writeMembers(into: &writer)
        writer.endObject()
    }

    private func writeMembers(into writer: inout JSONWriter) {
        switch self {
        case .message(let event): event.write(into: &writer)
        case .status(let event): event.write(into: &writer)
        case .agentSwitch(let agent): writer.member("agent", agent)
        case .content(let message, let delta), .reasoning(let message, let delta):
            writer.member("message_id", message.rawValue)
            writer.member("delta", delta)
        case .toolCall(let event): event.write(into: &writer)
        case .toolResult(let event): event.write(into: &writer)
        case .approval(let event): event.write(into: &writer)
        case .step(let event): event.write(into: &writer)
        case .usage(let event): event.write(into: &writer)
        case .complete(let event): event.write(into: &writer)
        case .error(let event): event.write(into: &writer)
        case .other: break
        }
    }

    /// Reads what `write` wrote. Anything that does not fit becomes `.other`, so an old log never stops a newer release.
    public init(type: String, json: JSON) {
        self = Self.known(EventType(rawValue: type), json) ?? .other(type: type, json)
    }

    private static func known(_ type: EventType?, _ json: JSON) -> EventData? {
        switch type {
        case .message: MessageEvent(json).map(EventData.message)
        case .status: StatusEvent(json).map(EventData.status)
        case .agentSwitch: json["agent"]?.string.map(EventData.agentSwitch(agent:))
        case .content: delta(json).map { .content(messageID: $0, delta: $1) }
        case .reasoning: delta(json).map { .reasoning(messageID: $0, delta: $1) }
        case .toolCall: ToolCallEvent(json).map(EventData.toolCall)
        case .toolResult: ToolResultEvent(json).map(EventData.toolResult)
        case .approval: ApprovalEvent(json).map(EventData.approval)
        case .step: StepEvent(json).map(EventData.step)
        case .usage: UsageEvent(json).map(EventData.usage)
        case .complete: CompleteEvent(json).map(EventData.complete)
        case .error: ErrorEvent(json).map(EventData.error)
        case .artifact, .restored, nil: nil
        }
    }

    private static func delta(_ json: JSON) -> (MessageID, String)? {
        guard let id = json["message_id"]?.string, let delta = json["delta"]?.string else { return nil }
        return (MessageID(trusted: id), delta)
    }
}
