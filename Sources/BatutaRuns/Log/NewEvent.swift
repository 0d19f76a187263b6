public import BatutaCore

/// An event on its way into the log: everything but its number and time.
public struct NewEvent: Sendable {
    public var runID: RunID?
    public var parentRunID: RunID?
    public var agent: String?
    public var data: EventData

    public init(runID: RunID?, parentRunID: RunID? = nil, agent: String? = nil, _ data: EventData) {
        self.runID = runID
        self.parentRunID = parentRunID
        self.agent = agent
        self.data = data
    }

    /// What the `payload` column holds: the members of the envelope that have no column of their own.
    var payload: [UInt8] {
        var writer = JSONWriter(reserving: 256)
        writer.beginObject()
        writer.member("parent_run_id", parentRunID.map { .string($0.rawValue) } ?? .null)
        writer.member("agent", agent.map(JSON.string) ?? .null)
        writer.key("data")
        data.write(into: &writer)
        writer.endObject()
        return writer.bytes
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
