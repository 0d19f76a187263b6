import BatutaCore
import BatutaRuns

extension RunDriver {
    /// The run is paused: what was learnt until now is durable, and nothing follows but the results of calls that began (API §5, Pause).
    mutating func bePaused() async throws -> Rest {
        if state.status != .paused { emitStatus(.paused) } else if !outbox.events.isEmpty { leaveDoubts() }
        try await commit()
        return .paused
    }

    /// What a pause says while calls are under way.
    func earlyPause(after late: LateDraft) -> EarlyPause {
        var draft = Draft([event(.status(StatusEvent(.paused)))])
        draft.projections = [RunProjections.status(.paused, of: run.id, at: services.clock.now())]
        if let doubtsForOthers { draft.projections.append(doubtsForOthers) }
        return EarlyPause(draft, after: late, writer, yieldTurn: yieldTurn)
    }
}
