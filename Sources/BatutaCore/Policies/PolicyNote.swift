/// What policies decided about a call without asking anyone, as the log keeps it. A question to a human is an `approval` event instead.
public struct PolicyNote: Sendable, Hashable {
    public var callID: CallID
    public var decision: Decision
    public var policies: [String]
    public var warnings: [String]
    public var denials: [String]
    public var facts: JSONObject

    /// Raw values are API.
    public enum Decision: String, Sendable { case allowed, warned, denied }

    public init(
        callID: CallID,
        decision: Decision,
        policies: [String],
        warnings: [String] = [],
        denials: [String] = [],
        facts: JSONObject = [:]
    ) {
        self.callID = callID
        self.decision = decision
        self.policies = policies
        self.warnings = warnings
        self.denials = denials
        self.facts = facts
    }

    func write(into writer: inout JSONWriter) {
        writer.member("call_id", callID.rawValue)
        writer.member("decision", decision.rawValue)
        writer.member("policies", .array(policies.map(JSON.string)))
        writer.member("warnings", .array(warnings.map(JSON.string)))
        if !denials.isEmpty { writer.member("denials", .array(denials.map(JSON.string))) }
        if !facts.isEmpty { writer.member("facts", .object(facts)) }
    }

    init?(_ json: JSON) {
        guard let call = json["call_id"]?.string, let decision = json["decision"]?.string.flatMap(Decision.init) else { return nil }
        self.init(
            callID: CallID(trusted: call),
            decision: decision,
            policies: json["policies"]?.array?.compactMap(\.string) ?? [],
            warnings: json["warnings"]?.array?.compactMap(\.string) ?? [],
            denials: json["denials"]?.array?.compactMap(\.string) ?? [],
            facts: json["facts"]?.object ?? [:]
        )
    }

    /// What the model is told of a call that may not leave: the rules' own words.
    public var refusal: ToolResult {
        .failure("Not allowed: \(denials.joined(separator: " ")) The call was not made.", code: "refused_by_policy")
    }
}
