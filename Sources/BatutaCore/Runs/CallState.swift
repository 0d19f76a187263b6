/// One tool call on its way from being asked for to having a result. A value; the transitions are those of `CallState.Phase`.
public struct CallState: Sendable, Hashable {
    public let call: ToolCallEvent
    public internal(set) var phase: Phase
    /// Arguments that a human put in place of the asked ones.
    public internal(set) var editedArguments: JSON?
    /// How often a human put other arguments in their place.
    var edits = 0
    /// Times an intent was logged.
    public internal(set) var intents: Int = 0
    public internal(set) var firstIntentAt: Timestamp?
    /// What the human wrote beside the decision.
    public internal(set) var note: String?
    /// What policies decided about it without asking anyone.
    public internal(set) var policy: PolicyNote?
    /// The earlier calls that the question about this one named.
    public internal(set) var doubts: [CallID] = []

    public enum Phase: Sendable, Hashable {
        /// The model asked; nothing has left.
        case proposed
        case asked(ApprovalID, ApprovalReason)
        /// A human said yes and it has not left since.
        case approved
        /// A human said no, did not answer in time, or gave the result.
        case answered(ToolResult)
        /// It left, or was about to.
        case intended
        case done(ToolResult)
    }

    public var id: CallID { call.callID }
    public var arguments: JSON { editedArguments ?? call.params }

    /// Edited arguments get a key of their own, at every edit (DESIGN §9.4).
    public var idempotencyKey: String {
        guard editedArguments != nil else { return id.rawValue }
        return edits > 1 ? "\(id.rawValue)-edited-\(edits)" : "\(id.rawValue)-edited"
    }

    public var result: ToolResult? {
        guard case .done(let result) = phase else { return nil }
        return result
    }

    func isAsked(_ approval: ApprovalID) -> Bool {
        guard case .asked(approval, _) = phase else { return false }
        return true
    }

    /// It has begun, and another run does the work.
    public var isDelegated: Bool { call.childRunID != nil && phase == .intended }

    init(_ call: ToolCallEvent) {
        self.call = call
        phase = .proposed
    }
}
