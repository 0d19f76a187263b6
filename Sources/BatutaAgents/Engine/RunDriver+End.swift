import BatutaCore
import BatutaRuns
import BatutaTools

extension RunDriver {
    /// Ends the run and makes it durable.
    mutating func finish(_ outcome: RunOutcome) async throws {
        if case .cancelled = outcome { closeOpenCalls() }
        end(outcome)
        try await commit()
    }

    /// Puts the one end event, and the row that goes with it, into the next commit.
    mutating func end(_ outcome: RunOutcome) {
        let now = services.clock.now()
        let started = state.startedAt ?? run.createdAt
        switch outcome {
        case .completed(let output, let reason): emit(.complete(complete(.completed, output, reason, started.duration(to: now))))
        case .cancelled: emit(.complete(complete(.cancelled, "", .stop, started.duration(to: now))))
        case .failed(let code, let message): emit(.error(ErrorEvent(code: code, message: message, recoverable: false)))
        }
        outbox.projections.append(RunProjections.end(state, outcome, at: now))
    }

    private func complete(_ status: CompleteEvent.Status, _ output: String, _ reason: FinishReason, _ duration: Duration) -> CompleteEvent {
        CompleteEvent(
            status: status,
            output: output,
            usage: state.usage,
            costMicroUSD: state.costMicroUSD,
            duration: duration,
            finishReason: reason == .toolCalls ? .stop : reason
        )
    }

    /// A stop says of every call that had left that its fate is unknown, and takes back what is still asked (DESIGN §9.5).
    private mutating func closeOpenCalls() {
        for call in state.rounds.last?.calls ?? [] where call.result == nil {
            switch call.phase {
            case .intended:
                let result = ToolResult.failure("The run was stopped while the call was under way.", code: ToolCode.cancelled.rawValue,
                    uncertain: call.call.effect != .read)
                emit(.toolResult(ToolResultEvent(callID: call.id, tool: call.call.tool, result: result)))
            case .asked(let id, let reason):
                emit(.approval(ApprovalEvent(approvalID: id, state: .cancelled, reason: reason, callID: call.id, tool: call.call.tool, params: call.arguments)))
            case .proposed, .approved, .answered, .done: break
            }
        }
        outbox.projections.append(ApprovalProjections.cancellation(of: run.id, at: services.clock.now()))
    }
}
