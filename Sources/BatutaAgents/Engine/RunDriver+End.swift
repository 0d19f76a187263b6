import BatutaCore
import BatutaRuns
import BatutaTools

extension RunDriver {
    /// Ends the run and makes it durable.
    mutating func finish(_ outcome: RunOutcome) async throws {
        try await stopMembers()
        if case .completed = outcome {} else { try await closeOpenCalls(outcome) }
        end(outcome)
        try await commit()
    }

    /// Puts the one end event, and the row that goes with it, into the next commit.
    ///
    /// - Parameter details: What programs are told of a failure, beside its code.
    mutating func end(_ outcome: RunOutcome, details: JSON? = nil) {
        let now = services.clock.now()
        let started = state.startedAt ?? run.createdAt
        switch outcome {
        case .completed(let output, let reason): emit(.complete(complete(.completed, output, reason, started.duration(to: now))))
        case .cancelled: emit(.complete(complete(.cancelled, "", .stop, started.duration(to: now))))
        case .failed(let code, let message): emit(.error(ErrorEvent(code: code, message: message, recoverable: false, details: details)))
        }
        leaveDoubts()
        extractFacts(after: outcome)
        if let hurry = services.whatWaits(for: run) { outbox.additions.append(hurry) }
        outbox.projections += Ending.rows(of: run, state, outcome, at: now, hasCheckpoint: hasCheckpoint)
    }

    /// What a person is told, or only the run above.
    mutating func say(_ text: String, as message: MessageID) {
        guard !isMember else { return }
        outbox.messages.append(NewMessage(id: message, runID: run.id, role: .assistant, content: text))
    }

    /// Ends the run with the answer of another.
    mutating func relay(_ output: String) async throws {
        let message = MessageID.make(at: services.clock.now(), random: services.random)
        if !output.isEmpty { emit(.content(messageID: message, delta: output)) }
        emit(.message(MessageEvent(messageID: message, role: .assistant, content: output)))
        say(output, as: message)
        try await finish(.completed(output: output, .stop))
    }

    private func complete(_ status: CompleteEvent.Status, _ output: String, _ reason: FinishReason, _ duration: Duration) -> CompleteEvent {
        var event = CompleteEvent(
            status: status,
            output: output,
            usage: state.usage,
            costNanoUSD: state.costNanoUSD,
            duration: duration,
            finishReason: reason == .toolCalls ? .stop : reason,
            suggestions: status == .completed ? state.rounds.last?.suggestions ?? [] : []
        )
        event.isEstimated = state.isEstimated
        return event
    }

    /// A question that somebody answered meanwhile is not taken back: the draft conflicts, and the run folds again. What was learnt until
    /// now is made durable first.
    private mutating func closeOpenCalls(_ outcome: RunOutcome) async throws {
        if state.openQuestions > 0 {
            try await commit()
            let now = services.clock.now()
            outbox.projections.append(ApprovalProjections.cancellation(of: run.id, at: now, expecting: state.openQuestions))
        }
        for event in state.closingEvents(outcome) { emit(event) }
    }
}

extension RunState {
    /// Questions to a human that nobody answered.
    var openQuestions: Int {
        openCalls.count { call in
            guard case .asked = call.phase else { return false }
            return true
        }
    }

    /// What is said of open calls before a run ends: of every call that had left that its fate is unknown; of one that a run which failed did not
    /// let leave, that it was not made; what is still asked is taken back (DESIGN §9.5).
    func closingEvents(_ outcome: RunOutcome) -> [EventData] {
        openCalls.flatMap { call -> [EventData] in
            var events: [EventData] = []
            if case .asked(let id, let reason) = call.phase {
                let tool = call.call.tool
                let question = ApprovalEvent(
                    approvalID: id,
                    state: .cancelled,
                    reason: reason,
                    callID: call.id,
                    tool: tool,
                    params: call.arguments
                )
                events.append(.approval(question))
            }
            if call.intents > 0 {
                events.append(.toolResult(ToolResultEvent(callID: call.id, tool: call.call.tool, result: Self.cut(call))))
            } else if case .proposed = call.phase, case .failed = outcome {
                events.append(.toolResult(ToolResultEvent(callID: call.id, tool: call.call.tool, result: Self.notMade)))
            }
            return events
        }
    }

    private var openCalls: [CallState] { rounds.last?.calls.filter { $0.result == nil } ?? [] }

    private static let notMade = ToolResult.failure("The run ended before this call was made.", code: ToolCode.cancelled.rawValue)

    private static func cut(_ call: CallState) -> ToolResult {
        if case .answered(let result) = call.phase { return result }
        let isUncertain = call.call.effect != .read
        let words = "The run was stopped while the call was under way."
        return .failure(words, code: ToolCode.cancelled.rawValue, uncertain: isUncertain)
    }
}
