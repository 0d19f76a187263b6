/// One accepted answer of the model with the calls it asked for.
public struct Round: Sendable, Hashable {
    public let step: Int
    public internal(set) var text: String
    public internal(set) var calls: [CallState]
    public let finishReason: FinishReason
    /// What a person could say instead; only of a rehearsal that has nothing for the message.
    public var suggestions: [String] = []

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
        return turns
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
