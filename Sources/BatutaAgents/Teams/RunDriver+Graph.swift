import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaTools

/// Decisions of a graph, and of a team whose members all begin at once: pure rules, and the values that only the driver knows.
extension RunDriver {
    /// Takes decisions until there is something to perform.
    mutating func decided(_ actions: [RunAction]) -> [RunAction] {
        var actions = actions
        while verdict == nil, actions.contains(where: \.isDecision) {
            for action in actions where verdict == nil {
                switch action {
                case .takeEdges(let call): takeEdges(from: call)
                case .startNode(let name): startNode(name)
                case .askMembers(let members): askMembers(members)
                default: break
                }
            }
            actions = nextActions
        }
        return actions
    }

    /// The task goes to every member, as if the leader had handed it on.
    private mutating func askMembers(_ members: [String]) {
        for member in members {
            let params: JSON = ["member": .string(member), "task": .string(state.prompt?.content ?? "")]
            emitCall(TeamPlan.delegateTool, params, effect: .read, isDelegated: true)
        }
    }

    // MARK: Edges

    private mutating func takeEdges(from id: CallID) {
        guard let plan = state.graphPlan, let visit = state.graph.visits.last(where: { $0.callID == id }) else { return }
        let output = state.graph.results[visit.node] ?? .null
        let scope = scope(output: output)
        do {
            let taken = try plan.taken(from: visit.node, after: state.graph, onlyConditions: visit.stage == .refused) {
                (condition: Expression) throws(ExpressionError) -> Bool in try condition.condition(in: scope)
            }
            emit(.step(StepEvent(.edges(from: id, taken: taken), step: 1)))
        } catch {
            fail("An edge from \(visit.node) cannot be decided: \(error.message.english)")
        }
    }

    private func scope(output: JSON? = nil) -> ExpressionScope {
        var values: [String: JSON] = [
            "input": .string(state.prompt?.content ?? ""), "results": .object(state.graph.results), "state": .object(state.graph.fields),
            "run": ["id": .string(run.id.rawValue), "session_id": .string(run.sessionID.rawValue), "target": .string(run.target)],
            "user": toolContext.user, "profile": toolContext.profile,
        ]
        values["output"] = output
        var scope = ExpressionScope(values, language: language, now: services.clock.now())
        // What a person did not say of themselves is left out; what the graph has not come to is a mistake of the graph.
        scope.optionalRoots = ["profile"]
        return scope
    }

    private mutating func fail(_ message: String) { verdict = .failed(code: RunErrorCode.graphError.rawValue, message: message) }

    // MARK: Nodes

    private mutating func startNode(_ name: String) {
        guard let node = state.graphPlan?.nodes[name] else { return fail("The graph has no node \(name).") }
        do throws(ExpressionError) {
            switch node.work {
            case .member(let target, let input):
                let task = try input.map { (text: TextTemplate) throws(ExpressionError) in try text.render(in: scope()) }
                let member = target.split(separator: ":").last.map(String.init) ?? target
                let params: JSON = ["member": .string(member), "task": .string(task ?? handedOn(to: name))]
                emitCall(TeamPlan.delegateTool, params, effect: .read, node: name, isDelegated: true)
            case .tool(let tool, let arguments): startTool(tool, try arguments.render(in: scope(), dropAbsent: true), node: name)
            case .human(let question):
                let params: JSON = ["question": .string(try question.text.render(in: scope())), "fields": .object(question.fields)]
                emitCall(ToolCallEvent.question, params, effect: .read, node: name)
            }
        } catch {
            fail("The node \(name) cannot begin: \(named(error, in: node.work))")
        }
    }

    /// What is wrong, with the expression that has no value.
    private func named(_ error: ExpressionError, in work: GraphPlan.Node.Work) -> String {
        let expressions: [Expression] =
            switch work {
            case .member(_, let input): input?.expressions ?? []
            case .tool(_, let arguments): arguments.expressions
            case .human(let question): question.text.expressions
            }
        let scope = scope()
        let culprit = expressions.first { expression in
            do throws(ExpressionError) {
                _ = try expression.evaluateIfPresent(in: scope)
                return false
            } catch {
                return true
            }
        }
        return (culprit.map { "${\($0.source)} has no value, " } ?? "") + error.reason.english
    }

    /// What a node is told when its file does not say: the message, and after it the outputs that led to it.
    private func handedOn(to node: String) -> String {
        let message = state.prompt?.content ?? ""
        var sources: [String] = []
        for token in state.graph.sources(of: node) where !sources.contains(token) { sources.append(token) }
        let outputs = sources.compactMap { source in
            state.graph.results[source].map { "[\(source)]\n\($0.insertedText)" }
        }
        return ([message] + outputs).joined(separator: "\n\n")
    }

    private mutating func startTool(_ tool: String, _ arguments: JSON, node: String) {
        let known = agent.tools.definition(of: tool)
        switch services.tools.validate(tool: tool, arguments: .valid(arguments), context: toolContext, in: agent.tools) {
        case .accepted(let arguments, let repairs):
            let masked = project.secretPatterns.masked(arguments)
            let delegates = agent.tools.delegates(tool)
            emitCall(known?.name ?? tool, masked, effect: known?.effect ?? .read, node: node, isDelegated: delegates, repairs)
        case .refused(let result):
            let id = emitCall(known?.name ?? tool, project.secretPatterns.masked(arguments), effect: .read, node: node)
            emit(.toolResult(ToolResultEvent(callID: id, tool: tool, result: result)))
        }
    }

    @discardableResult
    private mutating func emitCall(
        _ tool: String,
        _ params: JSON,
        effect: ToolEffect,
        node: String? = nil,
        isDelegated: Bool = false,
        _ repairs: [String] = []
    ) -> CallID {
        let id = CallID.make(at: services.clock.now(), random: services.random)
        var event = ToolCallEvent(callID: id, tool: tool, params: params, effect: effect, step: 1, repairs: repairs)
        event.node = node
        if isDelegated { event.childRunID = .child(of: id) }
        ledger?.addToolCall()
        emit(.toolCall(event))
        return id
    }

    // MARK: What nodes ask for

    /// What the call of a node hands to another run.
    func nodeDelegation(_ node: String, _ call: CallState) -> Delegation? {
        guard case .member(let target, let input) = state.graphPlan?.nodes[node]?.work else {
            return agent.tools.delegation(of: call.call.tool, call.arguments)
        }
        let isFirst = input == nil && state.graph.origins[node]?.isEmpty != false
        return Delegation(target: target, task: call.arguments["task"]?.string ?? "", passesFiles: isFirst)
    }

    /// How long there is to answer a question.
    func lifetime(of call: CallState) -> Duration? {
        guard let node = call.call.node, case .human(let question) = state.graphPlan?.nodes[node]?.work else { return nil }
        return question.lifetime
    }
}

extension RunAction {
    /// Whether it needs no act, only a decision in the log.
    fileprivate var isDecision: Bool {
        switch self {
        case .takeEdges, .startNode, .askMembers: true
        default: false
        }
    }
}
