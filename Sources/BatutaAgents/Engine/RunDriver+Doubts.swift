import BatutaCore
import BatutaModels
import BatutaRuns

/// What a run knows, asks and leaves behind of calls of which nobody knows whether they had their effect (DESIGN §9.4).
extension RunDriver {
    /// Those of the session's other runs; none when nothing was said before.
    func earlierDoubts(endingAt last: MessageID?) async throws -> [UncertainCall] {
        guard last != nil else { return [] }
        let memory = services.log.memory, fence = writer.fence
        if let fence, memory.isClear(run.sessionID, fence: fence) { return [] }
        let found = try await services.doubts.uncertainCalls(before: run.id, in: run.sessionID)
        if let fence, found.isEmpty { memory.noteClear(run.sessionID, fence: fence) }
        return found
    }

    /// A run that others overtook while it waited learns what they left in doubt, and what was decided. The model keeps the history it
    /// began with; a later call asks.
    mutating func recallDoubts() async throws {
        guard let context = state.context, case .context(let messages, let last, let notes, _, let recalled) = context.kind else { return }
        let found = try await earlierDoubts(endingAt: writer.end(of: run.id))
        guard state.doubts.unsettled(found) != state.doubts.earlier else { return }
        let again = StepEvent.Kind.context(messages: messages, last: last, notes: notes, doubts: found, recalled: recalled)
        emit(.step(StepEvent(again, step: context.step, ref: context.ref)))
    }

    /// Puts what others must know into the next commit.
    mutating func leaveDoubts() {
        if let doubtsForOthers { outbox.projections.append(doubtsForOthers) }
    }

    var doubtsForOthers: Projection? {
        guard !state.doubts.isSilent else { return nil }
        services.log.memory.noteDoubt(run.sessionID)
        let patterns = project.secretPatterns
        return RunProjections.doubts(state.doubts, of: run.id, masking: { patterns.masked($0) })
    }

    /// The earlier calls that a question about a call names, as a person may see them.
    func doubts(about call: CallState, _ reason: ApprovalReason) -> [UncertainCall] {
        guard reason != .uncertainEffect else { return [] }
        let patterns = project.secretPatterns
        return state.doubts.about(call.call.tool).suffix(DoubtText.most).map { $0.shortened(masking: { patterns.masked($0) }) }
    }
}

/// Uncertain calls for a model, in English as everything that it is told of calls.
enum DoubtText {
    /// How many a prompt or a question names; the newest.
    static let most = 10

    static func note(_ doubts: [UncertainCall]) -> [String] {
        doubts.suffix(most).map { call in
            "[System note] An earlier call was interrupted and it is not known whether it had its effect: "
                + "\(call.described) at \(call.moment). Check before repeating it."
        }
    }
}
