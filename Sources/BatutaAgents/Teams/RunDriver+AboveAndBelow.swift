import BatutaCore
import BatutaRuns
import BatutaTools

/// What runs of a tree hear of each other: stops and pauses from above, rests and ends from below.
extension RunDriver {
    /// Whether this run, or one above it, is paused, in force or about to be.
    var isBeingPaused: Bool { handle.isPausedFromAbove || state.pauseRequested || handle.cause == .pause }

    /// A stop that came from above goes to the log, so that it holds over a crash; members that have something to do again are asked anew.
    mutating func hearFromAboveAndBelow() {
        if isMember, handle.cause == .stop, !state.stopRequested, !state.status.isEnded {
            emit(.status(StatusEvent(word: StatusEvent.stopping)))
        }
        guard !resting.isEmpty else { return }
        if !isBeingPaused { resting = resting.filter { if case .pausedFromAbove = $0.value { false } else { true } } }
        for call in resting.keys where state.call(call)?.call.childRunID.map(handle.takeHeard) == true { resting[call] = nil }
    }

    /// Whether somewhere in the team a person is asked; otherwise somebody paused a member.
    var waitsForHuman: Bool {
        guard !state.asksHuman, !resting.isEmpty else { return true }
        return resting.values.contains { if case .awaitsHuman = $0 { true } else { false } }
    }

    /// Members end before the run that asked them (API §5, Turns).
    mutating func stopMembers() async throws {
        guard let members, let round = state.rounds.last else { return }
        let open = round.calls.filter(\.isDelegated)
        guard !open.isEmpty else { return }
        try await commit()
        let ends = try await Self.ends(of: open, members)
        for call in open {
            guard let taken = ends[call.id] else { continue }
            let stopped = ToolResult.failure("The team's run ended before this member had an answer.", code: RunState.stopped)
            emitResult(of: call, KeptResult(result: stopped), taken: taken)
        }
    }

    /// What each member had taken when it ended; all are told before any is waited for. One that never began is not among them.
    private static func ends(of calls: [CallState], _ members: Members) async throws -> [CallID: TreeUse] {
        try await withThrowingTaskGroup(of: (CallID, TreeUse?).self) { group in
            for call in calls {
                guard let member = call.call.childRunID else { continue }
                group.addTask { (call.id, try await members.stop(member)) }
            }
            return try await group.reduce(into: [:]) { ends, end in ends[end.0] = end.1 }
        }
    }
}
