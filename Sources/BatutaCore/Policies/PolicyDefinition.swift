/// policies/NAME.yaml: what is looked at before calls of some tools leave, and who must agree (PROJECT.md).
public struct PolicyDefinition: Sendable, Hashable {
    /// The file's name.
    public var name: String
    /// A tool's name, or a pattern with `*` and `?`.
    public var tool: String
    public var facts: [Fact]
    public var rules: [Rule]
    public var onWarning: OnWarning
    public var onFactError: OnFactError
    public var suggestedAction: String?
    public var approval: ApprovalTerms

    /// Something that a read tool tells before the rules are looked at.
    public struct Fact: Sendable, Hashable {
        public var name: String
        public var tool: String
        /// With templates in it.
        public var arguments: JSONObject
        /// Whether a kept result will do.
        public var cached: Bool

        public init(name: String, tool: String, arguments: JSONObject = [:], cached: Bool = false) {
            self.name = name
            self.tool = tool
            self.arguments = arguments
            self.cached = cached
        }
    }

    /// What follows when a condition holds.
    public struct Rule: Sendable, Hashable {
        /// An expression.
        public var condition: String
        public var consequence: Consequence
        /// A text with templates.
        public var words: String

        public enum Consequence: Sendable, Hashable { case warn, deny }

        public init(condition: String, consequence: Consequence, words: String) {
            self.condition = condition
            self.consequence = consequence
            self.words = words
        }
    }

    public enum OnWarning: String, Sendable, CaseIterable { case ask, allow }

    public enum OnFactError: String, Sendable, CaseIterable { case ask, deny }

    public init(
        name: String,
        tool: String,
        facts: [Fact] = [],
        rules: [Rule] = [],
        onWarning: OnWarning = .ask,
        onFactError: OnFactError = .ask,
        suggestedAction: String? = nil,
        approval: ApprovalTerms = ApprovalTerms()
    ) {
        self.name = name
        self.tool = tool
        self.facts = facts
        self.rules = rules
        self.onWarning = onWarning
        self.onFactError = onFactError
        self.suggestedAction = suggestedAction
        self.approval = approval
    }
}

/// Who may answer a question, and for how long.
public struct ApprovalTerms: Sendable, Hashable {
    /// The roles of whoever decides; empty: whoever may see the question.
    public var roles: [String]
    /// nil: as long as everywhere.
    public var lifetime: Duration?
    /// Whoever owns the run does not decide.
    public var excludesRequester: Bool

    public init(roles: [String] = [], lifetime: Duration? = nil, excludesRequester: Bool = false) {
        self.roles = roles
        self.lifetime = lifetime
        self.excludesRequester = excludesRequester
    }

    /// The terms of two policies at once: whoever decides must satisfy both, within the shorter time.
    public func combined(with other: ApprovalTerms) -> ApprovalTerms {
        var both = self
        both.roles = roles.isEmpty ? other.roles : other.roles.isEmpty ? roles : roles.filter(other.roles.contains)
        both.lifetime = [lifetime, other.lifetime].compactMap(\.self).min()
        both.excludesRequester = excludesRequester || other.excludesRequester
        return both
    }

    public var json: JSON { ["roles": .array(roles.map(JSON.string)), "not_requester": .bool(excludesRequester)] }

    /// What a row or an event keeps; the lifetime is the question's expiry by then.
    public init(_ json: JSON) {
        self.init(roles: json["roles"]?.array?.compactMap(\.string) ?? [], excludesRequester: json["not_requester"] == true)
    }
}
