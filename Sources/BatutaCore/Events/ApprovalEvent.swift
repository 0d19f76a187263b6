/// The life of a question to a human.
public enum ApprovalState: String, Sendable, CaseIterable {
    case requested, approved, rejected, expired, cancelled
}

/// Why a human is asked. Raw values are API.
public enum ApprovalReason: String, Sendable {
    /// The tool's effect is critical and no policy says otherwise.
    case criticalTool = "critical_tool"
    /// Nobody knows whether the call had its effect (API §5, Effects).
    case uncertainEffect = "uncertain_effect"
    /// An earlier call of the same tool in this conversation ended uncertain.
    case earlierUncertain = "earlier_uncertain"
    /// A policy warns, or could not find out what it asks for.
    case policy
    /// No call: a graph asks a person something.
    case question
}

/// A human is asked, or has answered.
public struct ApprovalEvent: Sendable, Hashable {
    public var approvalID: ApprovalID
    public var state: ApprovalState
    public var reason: ApprovalReason
    public var callID: CallID
    public var tool: String
    public var params: JSON
    public var warnings: [String]
    public var suggestedAction: String?
    public var expiresAt: Timestamp?
    public var by: String?
    public var note: String?
    /// Arguments that the human put in place of the asked ones.
    public var arguments: JSON?
    /// What the human says came of an uncertain call.
    public var result: JSON?
    /// Earlier calls of the tool of which nobody knows whether they had their effect; a decision settles those of the request.
    public var doubts: [UncertainCall] = []
    /// What policies found out about the call; empty without any.
    public var facts: JSONObject = [:]
    /// Who may answer, where a policy says so.
    public var terms: ApprovalTerms?

    public init(
        approvalID: ApprovalID,
        state: ApprovalState,
        reason: ApprovalReason,
        callID: CallID,
        tool: String,
        params: JSON,
        warnings: [String] = [],
        suggestedAction: String? = nil,
        expiresAt: Timestamp? = nil
    ) {
        self.approvalID = approvalID
        self.state = state
        self.reason = reason
        self.callID = callID
        self.tool = tool
        self.params = params
        self.warnings = warnings
        self.suggestedAction = suggestedAction
        self.expiresAt = expiresAt
    }

    func write(into writer: inout JSONWriter) {
        writer.member("approval_id", approvalID.rawValue)
        writer.member("state", state.rawValue)
        writer.member("reason", reason.rawValue)
        writer.member("call_id", callID.rawValue)
        if reason == .question {
            writer.member("tool", JSON.null)
            writer.member("question", params["question"] ?? .null)
            writer.member("fields", params["fields"] ?? [:])
        } else {
            writer.member("tool", tool)
        }
        writer.member("params", params)
        writer.member("warnings", .array(warnings.map(JSON.string)))
        writer.member("suggested_action", suggestedAction.map(JSON.string) ?? .null)
        writer.member("expires_at", expiresAt.map { .string($0.rfc3339) } ?? .null)
        if let by { writer.member("by", by) }
        if let note { writer.member("note", note) }
        if let arguments { writer.member("arguments", arguments) }
        if let result { writer.member("result", result) }
        if !doubts.isEmpty { writer.member("doubts", .array(doubts.map(\.json))) }
        if !facts.isEmpty { writer.member("facts", .object(facts)) }
        if let terms { writer.member("approvers", terms.json) }
    }

    init?(_ json: JSON) {
        guard let id = json["approval_id"]?.string, let state = json["state"]?.string.flatMap(ApprovalState.init),
            let call = json["call_id"]?.string, let tool = json["tool"]?.string ?? (json["reason"] == "question" ? "" : nil)
        else { return nil }
        approvalID = ApprovalID(trusted: id)
        self.state = state
        reason = json["reason"]?.string.flatMap(ApprovalReason.init) ?? .criticalTool
        callID = CallID(trusted: call)
        self.tool = tool
        params = json["params"] ?? [:]
        warnings = json["warnings"]?.array?.compactMap(\.string) ?? []
        suggestedAction = json["suggested_action"]?.string
        expiresAt = json["expires_at"]?.string.flatMap(Timestamp.init(rfc3339:))
        by = json["by"]?.string
        note = json["note"]?.string
        arguments = json["arguments"]
        result = json["result"]
        doubts = json["doubts"]?.array?.compactMap(UncertainCall.init) ?? []
        facts = json["facts"]?.object ?? [:]
        terms = json["approvers"].map(ApprovalTerms.init)
    }
}
