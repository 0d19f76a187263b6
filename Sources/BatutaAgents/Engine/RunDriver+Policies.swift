import BatutaCore
import BatutaTools

/// The one place through which every tool call goes before it leaves (DESIGN §2.5).
extension RunDriver {
    /// Asks the policies about calls that have not left, each once, and gives what is to be done then.
    mutating func consult(_ actions: [RunAction]) async -> [RunAction] {
        let gate = services.policies()
        let waiting = actions.compactMap(\.undecidedCall).filter { $0.call.tool != TeamPlan.delegateTool && gate.concerns($0.call.tool) }
        guard !waiting.isEmpty else { return actions }
        let verdicts = await judge(waiting, gate)
        // Nothing leaves from a run that was cut meanwhile, and what was cut short is no verdict.
        guard handle.cause == nil else { return [] }
        for (call, verdict) in zip(waiting, verdicts) {
            if verdict.outcome == .ask { ask(about: call, verdict) } else { emit(.step(policy(verdict, call))) }
        }
        return nextActions
    }

    private func judge(_ waiting: [CallState], _ gate: PolicyGate) async -> [PolicyVerdict] {
        let (runtime, now) = (services.tools, services.clock.now())
        let calls = waiting.map { call in
            ToolCall(id: call.id, tool: call.call.tool, arguments: call.arguments, startedAt: now, context: toolContext)
        }
        return await handle.perform(on: services.executor) {
            var verdicts: [PolicyVerdict] = []
            for call in calls { verdicts.append(await gate.judge(call, with: runtime, at: now)) }
            return verdicts
        }
    }

    private func policy(_ verdict: PolicyVerdict, _ call: CallState) -> StepEvent {
        StepEvent(.policy(verdict.note(on: call.id)), step: call.call.step)
    }
}

extension RunAction {
    /// The call that would leave, or be asked about, before any policy has been.
    fileprivate var undecidedCall: CallState? {
        let call: CallState
        switch self {
        case .callTool(let state), .askHuman(let state, .criticalTool), .askHuman(let state, .earlierUncertain): call = state
        default: return nil
        }
        return call.phase == .proposed && call.policy == nil ? call : nil
    }
}
