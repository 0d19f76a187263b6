import BatutaCore
import BatutaStorage

/// The messages of an append with their parents, which are known only now: whatever was committed before may have moved a branch's end.
struct PlacedMessages {
    struct Placed {
        var message: NewMessage
        var parent: MessageID?
        /// The number of the event that says it, by which messages of a session are in order.
        var number: Int64
    }

    /// The events of all drafts; those that say a message name its parent.
    private(set) var events: [NewEvent]
    private(set) var placed: [Placed] = []
    private(set) var ends: BranchEnds
    private let before: BranchEnds

    init(_ waiting: [ChannelStateMachine.Waiting], from start: PreparedAppend.Start) {
        before = start.ends
        ends = start.ends
        events = waiting.count == 1 ? waiting[0].draft.events : waiting.flatMap { $0.draft.events }
        var first = 0
        for entry in waiting {
            if let branch = entry.draft.branch { ends.apply(branch) }
            let own = first..<(first + entry.draft.events.count)
            for message in entry.draft.messages { place(message, own, after: start.after) }
            first = own.upperBound
        }
    }

    /// - Parameter own: where the events of the message's draft are.
    private mutating func place(_ message: NewMessage, _ own: Range<Int>, after: Int64) {
        let parent = ends.add(message)
        var number = after + Int64(own.upperBound)
        for index in own {
            guard case .message(var said) = events[index].data, said.messageID == message.id else { continue }
            said.parent = parent
            events[index].data = .message(said)
            number = after + Int64(index) + 1
        }
        placed.append(Placed(message: message, parent: parent, number: number))
    }

    /// Runs whose branch ends elsewhere than before; nil for one that follows the leaf again.
    var movedRuns: [(RunID, MessageID?)] {
        guard ends.elsewhere != before.elsewhere else { return [] }
        let runs = Set(ends.elsewhere.keys).union(before.elsewhere.keys)
        return runs.sorted().filter { ends.elsewhere[$0] != before.elsewhere[$0] }.map { ($0, ends.elsewhere[$0]) }
    }
}

extension PlacedMessages.Placed {
    /// As it is read later.
    func message(at: Timestamp) -> Message {
        Message(
            id: message.id,
            parent: parent,
            runID: message.runID,
            role: message.role,
            content: message.content,
            at: at,
            attachments: message.attachments
        )
    }

    func row(in session: SessionID, at: Timestamp) -> Projection {
        Projection(
            Self.insert,
            [
                .text(session.rawValue), .text(message.id.rawValue), .optional(parent?.rawValue), .optional(message.runID?.rawValue),
                .text(message.role.rawValue), .text(message.content), .int(at.milliseconds), .int(number),
                message.attachments.isEmpty ? .null : .text(JSON.array(message.attachments.map(\.json)).text),
            ]
        )
    }

    private static let insert = PreparedSQL(
        """
        INSERT INTO messages (tenant_id, session_id, id, parent_message_id, run_id, role, content, at, key_id, seq, attachments)
        VALUES ('default', ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)
        """
    )
}
