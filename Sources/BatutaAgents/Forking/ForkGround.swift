public import BatutaCore
import BatutaRuns
import BatutaTools

/// What stands at an event of a run, as far as a fork from there may have it otherwise.
public struct ForkGround: Sendable {
    /// The message that the run answers.
    public var content: String
    /// What its agent is told, as somebody would write it; nil where the run asks no model itself.
    public var instructions: String?
    /// Its model's name in the project; nil likewise.
    public var model: String?
    /// What may be named in its place, sorted.
    public var models: [String]
    /// The calls whose results may be others.
    public var calls: [Call]
    /// Whether a fork from there does anything: where the run has its answer already, no change would have an effect.
    public var goesOn: Bool

    public struct Call: Sendable {
        public var id: CallID
        public var tool: String
        public var params: JSON
        /// What came of it by then; nil where nothing did.
        public var result: ToolResult?
    }

    /// - Parameter events: The run's own up to the event, under their names in the original.
    /// - Returns: nil when the run's message is not among them.
    init?(of run: Run, _ agent: RunnableAgent, models: [String], events: [EventData], at now: Timestamp) {
        let calls = events.compactMap { data -> ToolCallEvent? in if case .toolCall(let call) = data { call } else { nil } }
        guard let content = events.lazy.compactMap(\.question).first, let point = ForkPoint(events),
            let offered = ForkPoint(events, given: Set(calls.map(\.callID)))
        else { return nil }
        var state = RunState(id: run.id, agent: run.agent, limits: agent.definition.limits)
        for position in point.kept { state.apply(events[position], at: now) }
        self.content = content
        self.models = models
        let results = Dictionary(events.compactMap(\.result).map { ($0.callID, $0.result) }) { $1 }
        self.calls = offered.calls.map { Call(id: $0.callID, tool: $0.tool, params: $0.params, result: results[$0.callID]) }
        if case .finish(.completed) = state.next(tools: agent.tools.catalog.facts).first { goesOn = false } else { goesOn = true }
        if case .graph? = agent.team?.plan { return }
        let template = agent.definition.instructions
        instructions = template.written(
            variants: state.context == nil ? template.variants(for: run.owner) : state.variants,
            declared: Set(agent.definition.variables.map(\.name))
        )
        model = agent.definition.model.name
    }
}

extension EventData {
    /// The words of a person.
    fileprivate var question: String? {
        guard case .message(let message) = self, message.role == .user else { return nil }
        return message.content
    }

    fileprivate var result: ToolResultEvent? {
        guard case .toolResult(let event) = self else { return nil }
        return event
    }
}

extension ForkChanges {
    /// What was, and what is in its place: `{content: {was, now}, instructions: …, model: …, tool_results: [{call_id, tool, was?, error?, now}]}`,
    /// with the calls' names in the fork.
    func told(over ground: ForkGround, _ names: CopiedNames) -> JSON {
        var names = names
        var object = JSONObject()
        object["content"] = content.map { Self.change(ground.content, $0) }
        object["instructions"] = instructions.map { Self.change(ground.instructions, $0) }
        object["model"] = model.map { Self.change(ground.model, $0) }
        let results = ground.calls.compactMap { call -> JSON? in
            guard let now = toolResults[call.id] else { return nil }
            var change: JSONObject = ["call_id": .string(names.call(call.id).rawValue), "tool": .string(call.tool)]
            if call.result?.success == true { change["was"] = call.result?.data ?? .null }
            change["error"] = call.result?.error.map(JSON.string)
            change["now"] = now
            return .object(change)
        }
        if !results.isEmpty { object["tool_results"] = .array(results) }
        return .object(object)
    }

    private static func change(_ was: String?, _ now: String) -> JSON {
        var change = JSONObject()
        change["was"] = was.map(JSON.string)
        change["now"] = .string(now)
        return .object(change)
    }
}
