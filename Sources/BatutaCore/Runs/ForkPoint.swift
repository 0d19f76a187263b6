/// How much of a run a fork takes over: everything up to the last step that stands whole in the log (DESIGN §9.11). Pure.
///
/// A step is whole when its answer and every call of it are there. Of its calls only those with a result are kept, and those that a human
/// is asked about, who is asked again; a call that was under way belongs to the run that it came from. When nothing of a step's calls can
/// be kept, the model is asked for the step again.
public struct ForkPoint: Sendable {
    /// The positions of the events that are kept, in order.
    public let kept: [Int]
    /// The calls that are kept, in order.
    public let calls: [ToolCallEvent]
    /// Where the model was asked for the last step that is kept; nil when none is.
    public let lastQuestion: Int?

    /// - Parameters:
    ///   - events: The run's own, from its first one on.
    ///   - given: Calls whose result whoever forks gives; they count as having one.
    /// - Returns: nil when the run's message is not among them.
    public init?(_ events: [EventData], given: Set<CallID> = []) {
        var scan = StepScan()
        for (position, data) in events.enumerated() { scan.note(data, at: position) }
        guard scan.end > 0 else { return nil }
        let step = LastStep(events[(scan.starts.last ?? 0)..<scan.end], given: given, wasAsked: !scan.starts.isEmpty)
        let isLost = step.isLost && !scan.starts.isEmpty
        if isLost { scan.end = scan.starts.removeLast() }
        let dropped = isLost ? [] : step.dropped, restarted = isLost ? [] : step.restarted
        kept = (0..<scan.end).filter { Self.keeps(events[$0], without: dropped, restarting: restarted) }
        calls = kept.compactMap { position in
            guard case .toolCall(let call) = events[position] else { return nil }
            return call
        }
        lastQuestion = scan.starts.last
    }

    private static func keeps(_ data: EventData, without dropped: Set<CallID>, restarting restarted: Set<CallID>) -> Bool {
        switch data {
        case .toolCall(let event): !dropped.contains(event.callID)
        case .toolResult(let event): !dropped.contains(event.callID)
        case .approval(let event): !dropped.contains(event.callID) && !restarted.contains(event.callID)
        case .step(let event):
            event.callID.map { !dropped.contains($0) && !restarted.contains($0) } ?? true
        case .status(let event): [RunStatus.queued.rawValue, RunStatus.running.rawValue].contains(event.status)
        case .complete: false
        case .error(let event): event.recoverable
        default: true
        }
    }
}

/// Finds where whole steps begin and end.
private struct StepScan {
    /// Positions of the first questions of whole steps.
    var starts: [Int] = []
    /// Everything before it stands whole.
    var end = 0
    private var hasMessage = false
    private var question: Int?
    private var isAnswered = false
    private var lacksUsage = false
    private var callsLeft = 0

    mutating func note(_ data: EventData, at position: Int) {
        switch data {
        case .message(let message): if message.role == .user { hasMessage = true }
        case .step(let event): note(event, at: position)
        case .usage: lacksUsage = false
        case .toolCall: callsLeft -= 1
        default: break
        }
        if let question, isAnswered, !lacksUsage, callsLeft <= 0 {
            starts.append(question)
            self.question = nil
        }
        if hasMessage, question == nil { end = position + 1 }
    }

    private mutating func note(_ event: StepEvent, at position: Int) {
        switch event.kind {
        case .modelRequest:
            guard question == nil else { return }
            question = position
            isAnswered = false
        case .modelAnswer(let note) where note.accepted:
            (isAnswered, lacksUsage, callsLeft) = (true, true, note.calls)
        case .modelAnswer, .toolIntent, .context, .policy, .summary, .edges, .reserve: break
        }
    }
}

/// What becomes of the calls of the last whole step.
private struct LastStep {
    /// Calls that are not taken over.
    private(set) var dropped: Set<CallID> = []
    /// Calls that are taken over as the model asked for them.
    private(set) var restarted: Set<CallID> = []
    /// It asked for calls, and none of them is taken over.
    private(set) var isLost = false

    /// - Parameter wasAsked: A model asked for the calls. Otherwise they are a graph's nodes, of which one that is not taken over begins
    ///   anew, or all members of a team, who are asked anew.
    init(_ events: ArraySlice<EventData>, given: Set<CallID>, wasAsked: Bool) {
        var calls: [CallID] = [], members: Set<CallID> = []
        var done: Set<CallID> = [], asked: Set<CallID> = []
        for data in events {
            switch data {
            case .toolCall(let event):
                calls.append(event.callID)
                if !wasAsked, event.node == nil { members.insert(event.callID) }
            case .toolResult(let event): done.insert(event.callID)
            case .approval(let event):
                if event.state == .requested { asked.insert(event.callID) } else { asked.remove(event.callID) }
            default: break
            }
        }
        restarted = asked.union(given).union(members).subtracting(done)
        dropped = Set(calls).subtracting(done).subtracting(restarted)
        isLost = !calls.isEmpty && dropped.count == calls.count
    }
}
