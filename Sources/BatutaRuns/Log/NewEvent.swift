public import BatutaCore

/// An event on its way into the log: everything but its number and time.
public struct NewEvent: Sendable {
    public var runID: RunID?
    public var parentRunID: RunID?
    public var agent: String?
    public var data: EventData
    /// Which event of another session it repeats; only of forks.
    public var copiedFrom: CopiedFrom?

    public init(runID: RunID?, parentRunID: RunID? = nil, agent: String? = nil, _ data: EventData, copiedFrom: CopiedFrom? = nil) {
        self.copiedFrom = copiedFrom
        self.runID = runID
        self.parentRunID = parentRunID
        self.agent = agent
        self.data = data
    }

    /// Writes the members of the envelope that have no column of their own.
    func writePayload(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("parent_run_id")
        if let parentRunID { writer.string(parentRunID.rawValue) } else { writer.null() }
        writer.key("agent")
        if let agent { writer.string(agent) } else { writer.null() }
        if let copiedFrom { writer.member("copied_from", copiedFrom.json) }
        writer.key("data")
        data.write(into: &writer)
        writer.endObject()
    }

    /// Takes the other event's text in when both are pieces of the same text that wait together (DESIGN §3).
    mutating func absorb(_ other: NewEvent) -> Bool {
        guard runID == other.runID else { return false }
        switch (data, other.data) {
        case (.content(let message, let text), .content(let otherMessage, let more)) where message == otherMessage:
            data = .content(messageID: message, delta: text + more)
        case (.reasoning(let message, let text), .reasoning(let otherMessage, let more)) where message == otherMessage:
            data = .reasoning(messageID: message, delta: text + more)
        default: return false
        }
        return true
    }
}

/// The event of another session that an event of a fork repeats.
public struct CopiedFrom: Sendable, Hashable {
    public var session: SessionID
    /// Its number there.
    public var event: Int64
    public var at: Timestamp

    public init(session: SessionID, event: Int64, at: Timestamp) {
        self.session = session
        self.event = event
        self.at = at
    }

    var json: JSON { ["session_id": .string(session.rawValue), "event": .int(event), "at": .string(at.rfc3339)] }
}
