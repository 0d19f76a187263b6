/// A policy with its expressions read once. Judging is pure: the facts were fetched before.
public struct Policy: Sendable {
    public let definition: PolicyDefinition
    private let pattern: ToolPattern
    private let facts: [(fact: PolicyDefinition.Fact, arguments: JSONTemplate)]
    private let rules: [(rule: PolicyDefinition.Rule, condition: Expression, words: TextTemplate)]

    public init(_ definition: PolicyDefinition) throws(ExpressionError) {
        self.definition = definition
        pattern = ToolPattern(definition.tool)
        var facts: [(PolicyDefinition.Fact, JSONTemplate)] = []
        for fact in definition.facts { facts.append((fact, try JSONTemplate(.object(fact.arguments)))) }
        var rules: [(PolicyDefinition.Rule, Expression, TextTemplate)] = []
        for rule in definition.rules { rules.append((rule, try Expression(rule.condition), try TextTemplate(rule.words))) }
        self.facts = facts
        self.rules = rules
    }

    public func concerns(_ tool: String) -> Bool { pattern.matches(tool) }

    /// A question to a read tool, ready to be asked.
    public struct Inquiry: Sendable {
        public var fact: String
        public var tool: String
        public var arguments: JSON
        public var cached: Bool
    }

    /// What has to be found out, with the call's own arguments put in; a fact whose arguments cannot be made is an error already.
    public func inquiries(in scope: ExpressionScope) -> [Result<Inquiry, PolicyFactError>] {
        facts.map { fact, template in
            do throws(ExpressionError) {
                let arguments = try template.render(in: scope, dropAbsent: true)
                return .success(Inquiry(fact: fact.name, tool: fact.tool, arguments: arguments, cached: fact.cached))
            } catch {
                return .failure(PolicyFactError(fact: fact.name, reason: "\(error)"))
            }
        }
    }

    /// Looks at every rule; what cannot be evaluated counts as a fact that could not be found out (DESIGN §9.17).
    ///
    /// - Parameters:
    ///   - scope: The names of the call; `facts` is added here.
    ///   - found: The facts by name, as bare data.
    ///   - errors: Those that could not be found out.
    public func judge(in scope: ExpressionScope, facts found: JSONObject, errors: [PolicyFactError], language: Language) -> PolicyVerdict {
        var scope = scope
        scope.values["facts"] = .json(.object(found))
        var verdict = PolicyVerdict(policies: [definition.name], facts: found)
        verdict.suggestedAction = definition.suggestedAction
        verdict.terms = definition.approval
        for error in errors { verdict.meet(error, definition.onFactError, language) }
        for (rule, condition, words) in rules {
            do throws(ExpressionError) {
                guard try condition.condition(in: scope) else { continue }
                let told = try words.render(in: scope)
                switch rule.consequence {
                case .deny: verdict.deny(told)
                case .warn: verdict.warn(told, asks: definition.onWarning == .ask)
                }
            } catch {
                // A fact that is missing was told of already.
                guard errors.isEmpty || error.code != .noSuchKey else { continue }
                verdict.meet(PolicyFactError(fact: rule.condition, reason: "\(error)"), definition.onFactError, language)
            }
        }
        return verdict
    }
}

/// Something that a policy asks for and could not be found out.
public struct PolicyFactError: Error, Sendable, Hashable {
    /// The fact's name, or the expression that could not be evaluated.
    public var fact: String
    public var reason: String

    public init(fact: String, reason: String) {
        self.fact = fact
        self.reason = reason
    }

    var words: Words {
        Words("\(fact) could not be checked: \(reason)", "não foi possível verificar \(fact): \(reason)")
    }
}
