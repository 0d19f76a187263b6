public import BatutaCore

/// A question to a human, as its row tells it.
public struct Approval: Sendable, Hashable {
    public var id: ApprovalID
    public var sessionID: SessionID
    public var runID: RunID
    public var callID: CallID
    public var owner: String
    public var state: ApprovalState
    public var reason: ApprovalReason
    public var tool: String
    public var params: JSON
    public var warnings: [String]
    public var suggestedAction: String?
    public var requestedAt: Timestamp
    public var expiresAt: Timestamp
    public var decidedAt: Timestamp?
    public var by: String?
    public var note: String?
    public var arguments: JSON?
    public var result: JSON?
    /// Earlier calls of the tool of which nobody knew whether they had their effect; a decision settles them.
    public var doubts: [UncertainCall] = []
    /// What policies found out about the call; empty without any.
    public var facts: JSONObject = [:]
    /// Who may answer, where a policy says so.
    public var terms: ApprovalTerms?
    /// Whose call it is, and in which conversation; known where the row was read.
    public var agent: String?
    public var sessionTitle: String?
    /// The version of the project that its run is pinned to; known where the row was read.
    public var projectHash: String?
    public var isRehearsal = false
    /// What the tool does, in the project's words; known where a reader asked for it.
    public var toolDescription: String?
    /// What people call whoever decided; known where a reader asked for it.
    public var byName: String?
    /// What people call its owner; known where a reader asked for it.
    public var ownerName: String?

    public init(
        id: ApprovalID,
        sessionID: SessionID,
        runID: RunID,
        callID: CallID,
        owner: String,
        state: ApprovalState,
        reason: ApprovalReason,
        tool: String,
        params: JSON,
        warnings: [String] = [],
        suggestedAction: String? = nil,
        requestedAt: Timestamp,
        expiresAt: Timestamp
    ) {
        self.id = id
        self.sessionID = sessionID
        self.runID = runID
        self.callID = callID
        self.owner = owner
        self.state = state
        self.reason = reason
        self.tool = tool
        self.params = params
        self.warnings = warnings
        self.suggestedAction = suggestedAction
        self.requestedAt = requestedAt
        self.expiresAt = expiresAt
    }

    /// The object of API §5, with the words of Batuta's own reasons in the reader's language. A pending one has the state `requested`.
    public func json(in language: Language) -> JSON {
        let stored = JSON.array(warnings.map(JSON.string))
        let advice = suggestedAction.map(JSON.string) ?? .null
        var object: JSONObject = [
            "id": .string(id.rawValue), "run_id": .string(runID.rawValue), "session_id": .string(sessionID.rawValue),
            "session_title": sessionTitle.map(JSON.string) ?? .null, "agent": agent.map(JSON.string) ?? .null,
            "owner": .string(owner), "owner_name": ownerName.map(JSON.string) ?? .null,
            "call_id": .string(callID.rawValue), "state": .string(state.rawValue), "reason": .string(reason.rawValue),
            "tool": reason == .question ? .null : .string(tool), "tool_description": toolDescription.map(JSON.string) ?? .null,
            "params": params,
            "warnings": reason.warnings(stored, doubts, language),
            "suggested_action": reason.suggestedAction(advice, doubts, language),
            "requested_at": .string(requestedAt.rfc3339), "expires_at": .string(expiresAt.rfc3339), "rehearsal": .bool(isRehearsal),
        ]
        if reason == .question {
            object["question"] = params["question"] ?? .null
            object["fields"] = params["fields"] ?? [:]
        }
        object["decided_at"] = decidedAt.map { .string($0.rfc3339) }
        if let by {
            object["by"] = .string(by)
            object["by_name"] = byName.map(JSON.string) ?? .null
        }
        object["note"] = note.map(JSON.string)
        object["arguments"] = leavingArguments
        object["result"] = result
        if !doubts.isEmpty { object["doubts"] = .array(doubts.map(\.json)) }
        if !facts.isEmpty { object["facts"] = .object(facts) }
        object["approvers"] = terms?.json
        return .object(object)
    }
}

/// What a human answered.
public struct ApprovalDecision: Sendable, Hashable {
    public var approve: Bool
    public var arguments: JSON?
    public var note: String?
    /// For an uncertain effect: it was done, and this came back.
    public var result: JSON?
    public var by: String

    public init(approve: Bool, arguments: JSON? = nil, note: String? = nil, result: JSON? = nil, by: String) {
        self.approve = approve
        self.arguments = arguments
        self.note = note
        self.result = result
        self.by = by
    }
}
