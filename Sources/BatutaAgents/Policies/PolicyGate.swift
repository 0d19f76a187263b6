public import BatutaCore
public import BatutaTools

/// The policies of a project, with the tools that tell them their facts. Every call of a tool passes here before it leaves (DESIGN §2.5).
public struct PolicyGate: Sendable {
    private let policies: [Policy]
    private let tools: ToolRegistry?

    /// No policy says anything.
    public static let open = PolicyGate()

    private init() {
        policies = []
        tools = nil
    }

    /// - Parameter tools: Everything that the project has; facts are asked of it whatever the run's agent may call.
    public init(_ definitions: [PolicyDefinition], tools: ToolCatalog) throws {
        policies = try definitions.map { definition throws(ExpressionError) in try Policy(definition) }
        self.tools = tools.everything
    }

    public func concerns(_ tool: String) -> Bool { policies.contains { $0.concerns(tool) } }

    /// Fetches the facts and applies every policy that concerns the call. A cancelled task gives what a missing fact gives; whoever cancels must not use it.
    func judge(_ call: ToolCall, with runtime: ToolRuntime, at now: Timestamp) async -> PolicyVerdict {
        let scope = ExpressionScope.call(call.arguments, in: call.context, now: now)
        let language = Language(tag: call.context.language)
        var verdict: PolicyVerdict?
        for policy in policies where policy.concerns(call.tool) {
            let (facts, errors) = await facts(policy, in: scope, of: call, with: runtime)
            let judged = policy.judge(in: scope, facts: facts, errors: errors, language: language)
            verdict = verdict?.combined(with: judged) ?? judged
        }
        var shown = verdict ?? PolicyVerdict(policies: [])
        shown.boundFacts()
        return shown
    }

    private func facts(
        _ policy: Policy,
        in scope: ExpressionScope,
        of call: ToolCall,
        with runtime: ToolRuntime
    ) async -> (JSONObject, [PolicyFactError]) {
        let inquiries = policy.inquiries(in: scope)
        let answers = await withTaskGroup(of: (Int, Result<(String, JSON), PolicyFactError>).self) { group in
            for (index, inquiry) in inquiries.enumerated() {
                group.addTask { (index, await answer(inquiry, of: call, with: runtime)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        var facts: JSONObject = [:]
        var errors: [PolicyFactError] = []
        for index in inquiries.indices {
            switch answers[index] {
            case .success(let (name, data)): facts[name] = data
            case .failure(let error): errors.append(error)
            case nil: break
            }
        }
        return (facts, errors)
    }

    private func answer(
        _ made: Result<Policy.Inquiry, PolicyFactError>,
        of call: ToolCall,
        with runtime: ToolRuntime
    ) async -> Result<(String, JSON), PolicyFactError> {
        let inquiry: Policy.Inquiry
        do { inquiry = try made.get() } catch { return .failure(error) }
        guard let tools else { return .failure(PolicyFactError(fact: inquiry.fact, reason: "there are no tools")) }
        // Which effect a server's tool has is known when it was asked: the project's check cannot look at it.
        guard tools.definition(of: inquiry.tool).map({ $0.effect == .read }) ?? true else {
            return .failure(PolicyFactError(fact: inquiry.fact, reason: "\(inquiry.tool) does not only read"))
        }
        var question = call
        question.tool = inquiry.tool
        question.arguments = inquiry.arguments
        let result = await runtime.execute(question, in: tools, fresh: !inquiry.cached)
        guard result.success else {
            return .failure(PolicyFactError(fact: inquiry.fact, reason: result.error ?? "\(inquiry.tool) failed"))
        }
        return .success((inquiry.fact, result.data ?? .null))
    }
}

extension PolicyVerdict {
    /// The rules have looked at everything; what people and the log are shown of a fact has a bound.
    mutating func boundFacts(to bytes: Int = 16 * 1_024) {
        for (name, value) in facts.map({ ($0.key, $0.value) }) {
            let size = value.bytes.count
            if size > bytes { facts[name] = ["truncated": true, "size": .int(Int64(size))] }
        }
    }
}
