import BatutaCore
import BatutaModels
import BatutaTools

/// Looks whether the calls that a model asked for would be taken as they were: by the same tool, with the same arguments and effect.
struct ReplayedCalls {
    private let driver: RunDriver
    private let tools: ToolRuntime
    /// The results of calls whose arguments were refused: they never left.
    private var refusals: [CallID: ToolResult] = [:]

    init(_ driver: RunDriver, _ events: [EventData], tools: ToolRuntime) {
        self.driver = driver
        self.tools = tools
        var touched: Set<CallID> = []
        for data in events {
            switch data {
            case .approval(let event): touched.insert(event.callID)
            case .step(let event): if let call = event.callID { touched.insert(call) }
            case .toolResult(let event): if !touched.contains(event.callID) { refusals[event.callID] = event.result }
            default: break
            }
        }
    }

    func difference(_ data: EventData, number: Int64) -> RunReplay.Difference? {
        guard case .toolCall(let call) = data, !isOfNobody(call) else { return nil }
        let (expected, got) = (recorded(call), proposed(call))
        guard expected != got else { return nil }
        return RunReplay.Difference(event: number, expected: expected, got: got)
    }

    /// No model asked for it: a graph hands its nodes' work on and asks people, a leader's team is asked before the leader.
    private func isOfNobody(_ call: ToolCallEvent) -> Bool {
        [TeamPlan.delegateTool, ToolCallEvent.question].contains(call.tool) && driver.agent.tools.definition(of: call.tool) == nil
    }

    private func recorded(_ call: ToolCallEvent) -> JSON {
        if let refusal = refusals[call.callID] { return Self.refused(call.tool, refusal) }
        return Self.taken(call.tool, call.effect, call.params)
    }

    private func proposed(_ call: ToolCallEvent) -> JSON {
        let arguments = call.params["malformed_json"]?.string.map(ModelToolCall.Arguments.malformed) ?? .valid(call.params)
        switch tools.validate(tool: call.tool, arguments: arguments, context: driver.toolContext, in: driver.agent.tools) {
        case .refused(let result): return Self.refused(call.tool, result)
        case .accepted(let taken, _):
            let known = driver.agent.tools.definition(of: call.tool)
            return Self.taken(known?.name ?? call.tool, known?.effect ?? .read, driver.project.secretPatterns.masked(taken))
        }
    }

    private static func taken(_ tool: String, _ effect: ToolEffect, _ params: JSON) -> JSON {
        ["action": "propose_call", "tool": .string(tool), "effect": .string(effect.rawValue), "params": params]
    }

    private static func refused(_ tool: String, _ result: ToolResult) -> JSON {
        ["action": "refuse_call", "tool": .string(tool), "code": .string(result.code ?? "")]
    }
}
