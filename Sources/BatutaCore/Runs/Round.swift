/// One accepted answer of the model with the calls it asked for.
public struct Round: Sendable, Hashable {
    public let step: Int
    public internal(set) var text: String
    public internal(set) var calls: [CallState]
    public let finishReason: FinishReason
    /// What a person could say instead; only of a rehearsal that has nothing for the message.
    public var suggestions: [String] = []
    /// Whether the answer fits the schema that is asked of it; nil where none is.
    public internal(set) var check: OutputCheck?
    /// The blob with what the provider wants back of the answer.
    public var opaque: String?

    /// Every call has its result, or there were none.
    public var isSettled: Bool { calls.allSatisfy { $0.result != nil } }

    /// The round as the model sees it afterwards.
    public var turns: [ModelTurn] {
        let asked = calls.map { ModelToolCall(id: $0.id, tool: $0.call.tool, arguments: .valid($0.arguments)) }
        var turns: [ModelTurn] = [.assistant(text: text, calls: asked)]
        for call in calls {
            guard let result = call.result else { continue }
            turns.append(.tool(callID: call.id, tool: call.call.tool, envelope: result.envelopeBytes))
        }
        if case .misfit(_, let problems) = check { turns.append(.user(Self.correction(problems))) }
        return turns
    }

    /// What the run's output is when it ends with this round: of an answer that fits a schema the JSON text.
    var output: String { check == .fits ? StructuredAnswer.json(in: text) ?? text : text }

    var isMisfit: Bool {
        guard case .misfit = check else { return false }
        return true
    }

    /// What the model is told of an answer that does not fit.
    private static func correction(_ problems: String) -> String {
        "[System note] Your answer was not accepted: \(problems). Answer again with nothing but JSON that fits the schema."
    }

    /// What the loop breaker compares: the distinct calls with their results, wherever they stand in the answer (API §5, Loop breaker).
    func signature(without repeatable: (String) -> Bool) -> Set<Signature>? {
        guard !calls.isEmpty, !calls.contains(where: { repeatable($0.call.tool) }) else { return nil }
        return Set(calls.compactMap { state in state.result.map { Signature(state, $0) } })
    }

    struct Signature: Hashable {
        let tool: String
        let arguments: JSON
        let envelope: JSON

        init(_ state: CallState, _ result: ToolResult) {
            tool = state.call.tool
            arguments = state.arguments
            envelope = result.envelope
        }
    }
}
