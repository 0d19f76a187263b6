/// The types of events, as clients read them (API §3, Events). Raw values are API.
public enum EventType: String, Sendable, CaseIterable {
    case message
    case status
    case agentSwitch = "agent_switch"
    case content
    case reasoning
    case toolCall = "tool_call"
    case toolResult = "tool_result"
    case approval
    case artifact
    case step
    case usage
    case complete
    case error
    /// The store was restored from a backup: what comes after it in the session's numbers is of another time than what was given after the backup.
    case restored

    /// Whether the event is a piece of text that a later `message` covers.
    public var isDelta: Bool { self == .content || self == .reasoning }
}

/// The states of a run (DESIGN §3). Raw values are API and are what the `runs` table holds.
public enum RunStatus: String, Sendable, CaseIterable {
    case queued
    case running
    case pendingApproval = "pending_approval"
    case paused
    case waiting
    case completed
    case failed
    case cancelled

    public var isEnded: Bool { self == .completed || self == .failed || self == .cancelled }

    /// Whether a session with such a run is busy (API §5, Idle).
    public var isActive: Bool { self == .queued || self == .running }

    /// Accepts the words of the older systems as well (S3.32, S3.33).
    public init?(word: String) {
        switch word {
        case "EXECUTING_TASK": self = .running
        case "FAILED": self = .failed
        default: self.init(rawValue: word)
        }
    }
}
