import BatutaCore
import BatutaRuns

/// The branch of a session that a fork takes over, up to the last whole step of a run: its events under new names, and its messages
/// (DESIGN §9.11). Pure but for the names, which are minted.
struct ForkedBranch {
    private(set) var events: [NewEvent] = []
    private(set) var messages: [NewMessage] = []
    /// The runs before the forked one, with the one that stands for each in the fork, and whether it had ended by then.
    private(set) var earlier: [(run: RunID, copy: RunID, hasEnded: Bool)] = []
    private(set) var names: CopiedNames
    let point: ForkPoint
    /// The forked run's new name.
    let runID: RunID
    /// The number of the event with which the model was asked for the last step that is kept; nil when none is.
    let lastQuestion: Int64?
    /// Calls of the forked run that are kept with their results.
    private(set) var settled: Set<CallID> = []

    private let source: Source
    private let changes: ForkChanges

    struct Source {
        var run: Run
        /// Everything of the session up to the event from which it is forked.
        var events: [LoggedEvent]
        var tree: MessageTree
    }

    private struct Kept {
        var event: LoggedEvent
        var data: EventData
    }

    /// - Returns: nil when the run had not begun by then.
    init?(_ source: Source, _ changes: ForkChanges, names: CopiedNames) throws {
        self.source = source
        self.changes = changes
        self.names = names
        runID = self.names.run(source.run.id)
        let own = try source.events.filter { $0.runID == source.run.id }.map { Kept(event: $0, data: try $0.data()) }
        guard let point = ForkPoint(own.map(\.data), given: Set(changes.toolResults.keys)) else { return nil }
        self.point = point
        lastQuestion = point.lastQuestion.map { own[$0].event.number }
        let keptOwn = point.kept.map { own[$0] }
        guard let last = keptOwn.last else { return nil }
        let path = source.tree.path(to: Self.end(of: keptOwn, in: source.tree))
        let others = try self.others(on: path, through: last.event.number)
        let kept = (keptOwn + others).sorted { $0.event.number < $1.event.number }
        for entry in kept { take(entry, path) }
        giveMissingResults(of: keptOwn, at: last.event)
        closeEarlier()
    }

    /// The last message that the run knew of: its own newest answer, else what it recalled, else its question.
    private static func end(of own: [Kept], in tree: MessageTree) -> MessageID? {
        var end: MessageID?
        for entry in own {
            switch entry.data {
            case .message(let message): end = message.messageID
            case .step(let step):
                if case .context(_, let last?, _, _, _) = step.kind, tree.contains(last) { end = last }
            default: break
            }
        }
        return end
    }

    /// What the other runs of the branch did until then; of one that had not ended only what was asked.
    private mutating func others(on path: Set<MessageID>, through number: Int64) throws -> [Kept] {
        var kept: [Kept] = []
        for run in source.tree.runs(of: path) where run != source.run.id {
            let events = try source.events.filter { $0.runID == run && $0.number <= number }.map { Kept(event: $0, data: try $0.data()) }
            let hasEnded = events.contains { $0.data.endsRun }
            earlier.append((run, names.run(run), hasEnded))
            kept += events.filter { hasEnded || $0.data.opensRun }
        }
        return kept
    }

    private mutating func take(_ kept: Kept, _ path: Set<MessageID>) {
        if let message = kept.data.message, !path.contains(message) { return }
        var data = kept.data
        if case .toolResult(let event) = data {
            settled.insert(event.callID)
            if let given = changes.toolResults[event.callID] { data = .toolResult(Self.result(given, of: event.callID, event.tool)) }
        }
        if case .message(var message) = data {
            if message.role == .user, kept.event.runID == source.run.id { message.content = changes.content ?? message.content }
            data = .message(message)
            add(message, of: kept.event.runID)
        }
        append(data, of: kept.event.runID, at: kept.event)
    }

    private static func result(_ data: JSON, of call: CallID, _ tool: String) -> ToolResultEvent {
        ToolResultEvent(callID: call, tool: tool, result: .success(data))
    }

    private mutating func append(_ data: EventData, of run: RunID?, at event: LoggedEvent) {
        let origin = CopiedFrom(session: source.run.sessionID, event: event.number, at: event.at)
        events.append(NewEvent(runID: run.map { names.run($0) }, agent: event.agent, names.renamed(data), copiedFrom: origin))
    }

    /// Parents are committed before their children, so a parent that is kept has its new name already.
    private mutating func add(_ message: MessageEvent, of run: RunID?) {
        var parent = source.tree.parent(of: message.messageID)
        while let id = parent, names.messages[id] == nil || !messages.contains(where: { $0.id == names.messages[id] }) {
            parent = source.tree.parent(of: id)
        }
        let new = NewMessage(
            id: names.message(message.messageID),
            runID: run.map { names.run($0) },
            role: message.role,
            content: message.content,
            place: .after(parent.map { names.message($0) }),
            attachments: names.renamed(message.attachments)
        )
        messages.append(new)
    }

    /// Results that are given for calls which had none.
    private mutating func giveMissingResults(of own: [Kept], at event: LoggedEvent) {
        for call in point.calls where !settled.contains(call.callID) {
            guard let given = changes.toolResults[call.callID] else { continue }
            settled.insert(call.callID)
            append(.toolResult(Self.result(given, of: call.callID, call.tool)), of: source.run.id, at: event)
        }
    }

    /// In the fork nothing goes on but the forked run.
    private mutating func closeEarlier() {
        for other in earlier where !other.hasEnded {
            events.append(NewEvent(runID: other.copy, .complete(CompleteEvent(status: .cancelled, output: ""))))
        }
    }
}

extension EventData {
    /// Whether it is the one event that ends its run.
    var endsRun: Bool {
        switch self {
        case .complete: true
        case .error(let error): !error.recoverable
        default: false
        }
    }

    /// Whether it says what was asked of its run.
    fileprivate var opensRun: Bool {
        switch self {
        case .message(let message): message.role == .user
        case .status(let status): status.project != nil
        default: false
        }
    }

    /// The message that it is, or that it is a piece of.
    fileprivate var message: MessageID? {
        guard case .message(let message) = self else { return nil }
        return message.messageID
    }
}
