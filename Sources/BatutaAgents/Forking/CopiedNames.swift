import BatutaCore

/// New names for whatever a fork takes over; the same old name always gets the same new one.
struct CopiedNames {
    private let now: Timestamp
    private let random: any RandomSource
    private(set) var messages: [MessageID: MessageID] = [:]
    private(set) var files: [FileID: FileID] = [:]
    private var runs: [RunID: RunID] = [:]
    private var calls: [CallID: CallID] = [:]
    private var approvals: [ApprovalID: ApprovalID] = [:]

    init(at now: Timestamp, random: any RandomSource) {
        self.now = now
        self.random = random
    }

    mutating func run(_ id: RunID) -> RunID { Self.name(id, in: &runs, now, random) }
    mutating func message(_ id: MessageID) -> MessageID { Self.name(id, in: &messages, now, random) }
    mutating func call(_ id: CallID) -> CallID { Self.name(id, in: &calls, now, random) }

    private mutating func file(_ id: FileID) -> FileID { Self.name(id, in: &files, now, random) }

    private static func name<ID: Identifier>(_ id: ID, in names: inout [ID: ID], _ now: Timestamp, _ random: any RandomSource) -> ID {
        if let known = names[id] { return known }
        let new = ID.make(at: now, random: random)
        names[id] = new
        return new
    }

    /// The event under its new names. What it says stays as it is.
    mutating func renamed(_ data: EventData) -> EventData {
        switch data {
        case .message(let event): .message(renamed(event))
        case .content(let id, let delta): .content(messageID: message(id), delta: delta)
        case .reasoning(let id, let delta): .reasoning(messageID: message(id), delta: delta)
        case .toolCall(let event): .toolCall(renamed(event))
        case .toolResult(let event): .toolResult(renamed(event))
        case .approval(let event): .approval(renamed(event))
        case .step(let event): .step(renamed(event))
        case .usage(let event): .usage(copied(event))
        case .status, .agentSwitch, .complete, .error, .other: data
        }
    }

    /// Its parent is set where it is numbered.
    private mutating func renamed(_ event: MessageEvent) -> MessageEvent {
        var event = event
        event.messageID = message(event.messageID)
        event.attachments = renamed(event.attachments)
        return event
    }

    mutating func renamed(_ attachments: [Attachment]) -> [Attachment] {
        attachments.map { attachment in
            var attachment = attachment
            attachment.fileID = file(attachment.fileID)
            return attachment
        }
    }

    /// What was handed on and has no answer is handed on anew, to a run of the fork's own.
    private mutating func renamed(_ event: ToolCallEvent) -> ToolCallEvent {
        var event = event
        event.callID = call(event.callID)
        if event.childRunID != nil { event.childRunID = .child(of: event.callID) }
        return event
    }

    /// What was too large for the log is the fork's own file too.
    private mutating func renamed(_ event: ToolResultEvent) -> ToolResultEvent {
        var event = event
        event.callID = call(event.callID)
        if event.result.data?["truncated"] == true, var data = event.result.data?.object, let id = data["file_id"]?.string {
            data["file_id"] = .string(file(FileID(trusted: id)).rawValue)
            event.result.data = .object(data)
        }
        return event
    }

    private mutating func renamed(_ event: ApprovalEvent) -> ApprovalEvent {
        var event = event
        event.approvalID = Self.name(event.approvalID, in: &approvals, now, random)
        event.callID = call(event.callID)
        event.doubts = event.doubts.map { renamed($0) }
        return event
    }

    private mutating func renamed(_ event: StepEvent) -> StepEvent {
        var event = event
        switch event.kind {
        case .modelRequest(let id): event.kind = .modelRequest(messageID: message(id))
        case .toolIntent(let id, let hash): event.kind = .toolIntent(callID: call(id), argumentsHash: hash)
        case .context(let count, let last, let notes, let doubts, let recalled):
            event.kind = .context(
                messages: count,
                last: last.map { message($0) },
                notes: notes,
                doubts: doubts.map { renamed($0) },
                recalled: recalled
            )
        case .summary(var note):
            if case .messages(let through, let count) = note.part { note.part = .messages(through: message(through), count: count) }
            event.kind = .summary(note)
        case .policy(var note):
            note.callID = call(note.callID)
            event.kind = .policy(note)
        case .edges(let id, let taken): event.kind = .edges(from: call(id), taken: taken)
        case .modelAnswer, .reserve: break
        }
        return event
    }

    private mutating func renamed(_ doubt: UncertainCall) -> UncertainCall {
        var doubt = doubt
        doubt.callID = call(doubt.callID)
        return doubt
    }

    /// It was paid for where it ran.
    private func copied(_ event: UsageEvent) -> UsageEvent {
        var event = event
        event.isCopy = true
        return event
    }
}
