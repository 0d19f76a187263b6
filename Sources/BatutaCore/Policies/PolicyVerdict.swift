/// What policies say of a call: deny beats ask beats allow, and warnings add up.
public struct PolicyVerdict: Sendable, Hashable {
    public private(set) var outcome = Outcome.allow
    /// The names of the policies that were asked.
    public var policies: [String]
    public private(set) var warnings: [String] = []
    /// Why the call may not leave; empty unless denied.
    public private(set) var denials: [String] = []
    public var facts: JSONObject
    public var suggestedAction: String?
    public var terms = ApprovalTerms()

    /// In the order of their weight.
    public enum Outcome: Int, Sendable, Hashable, Comparable {
        case allow, ask, deny

        public static func < (left: Outcome, right: Outcome) -> Bool { left.rawValue < right.rawValue }
    }

    public init(policies: [String], facts: JSONObject = [:]) {
        self.policies = policies
        self.facts = facts
    }

    mutating func warn(_ words: String, asks: Bool) {
        warnings.append(words)
        if asks { outcome = max(outcome, .ask) }
    }

    mutating func deny(_ words: String) {
        denials.append(words)
        outcome = .deny
    }

    mutating func meet(_ error: PolicyFactError, _ consequence: PolicyDefinition.OnFactError, _ language: Language) {
        switch consequence {
        case .ask: warn(error.words(language), asks: true)
        case .deny: deny(error.words(language))
        }
    }

    /// All policies that concern a tool apply. Facts of the same name are told apart by their policy.
    public func combined(with other: PolicyVerdict) -> PolicyVerdict {
        var both = self
        both.outcome = max(outcome, other.outcome)
        both.policies += other.policies
        both.warnings += other.warnings
        both.denials += other.denials
        for (name, value) in other.facts.map({ ($0.key, $0.value) }) {
            let isTaken = both.facts[name] != nil && both.facts[name] != value
            both.facts[isTaken ? "\(other.policies.first ?? "").\(name)" : name] = value
        }
        both.suggestedAction = [suggestedAction, other.suggestedAction].compactMap(\.self).first
        both.terms = terms.combined(with: other.terms)
        return both
    }

    /// What goes to the log of a call that nobody is asked about.
    public func note(on call: CallID) -> PolicyNote {
        let decision: PolicyNote.Decision = outcome == .deny ? .denied : warnings.isEmpty ? .allowed : .warned
        return PolicyNote(callID: call, decision: decision, policies: policies, warnings: warnings, denials: denials, facts: facts)
    }
}
