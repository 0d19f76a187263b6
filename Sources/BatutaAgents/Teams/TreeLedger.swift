import BatutaCore
import Synchronization

/// What a run with everything below it has taken, counted while its runs are driven: limits hold for a root with its whole tree (DESIGN §9.19), and
/// those of a team that is a member of another for whatever is below that. What is taken below counts all the way up.
final class TreeLedger: Sendable {
    private struct State {
        var modelCalls = 0
        var toolCalls = 0
        var members: Set<RunID> = []
    }

    /// The run whose limits these are.
    let run: RunID
    /// Those of its agent.
    let limits: RunLimits
    /// The agent or team whose they are, as a message names it.
    let target: String
    /// The team that was asked for it; empty when an agent was.
    let team: String
    /// That of the nearest run above which has one.
    private let above: TreeLedger?
    /// When the work time of its run is over, by the project clock.
    private let end: Timestamp
    private let state = Mutex(State())

    init(of run: RunID, _ limits: RunLimits, target: String, team: String, above: TreeLedger?, workLeft: Duration, at now: Timestamp) {
        self.run = run
        self.limits = limits
        self.target = target
        self.team = team
        self.above = above
        end = now.advanced(by: max(workLeft, .zero))
    }

    /// That of the whole tree.
    var root: TreeLedger { above?.root ?? self }

    /// Counts what a run took until now, once; what ended below it is in that.
    func join(_ run: RunID, _ taken: TreeUse) {
        state.withLock { state in
            guard state.members.insert(run).inserted else { return }
            state.modelCalls += taken.modelCalls
            state.toolCalls += taken.toolCalls
        }
        above?.join(run, taken)
    }

    func addToolCall() {
        state.withLock { $0.toolCalls += 1 }
        above?.addToolCall()
    }

    func timeLeft(at now: Timestamp) -> Duration {
        let own = now.duration(to: end)
        return above.map { min(own, $0.timeLeft(at: now)) } ?? own
    }

    /// Takes one more model call, unless a limit is reached here or above: then it says which.
    func admitModelCall(at now: Timestamp) -> RunOutcome? {
        if let refused = refusal(at: now) { return refused }
        if let refused = above?.admitModelCall(at: now) {
            state.withLock { $0.modelCalls -= 1 }
            return refused
        }
        return nil
    }

    /// Counts the call when there is room for it here.
    private func refusal(at now: Timestamp) -> RunOutcome? {
        let (modelCalls, toolCalls) = state.withLock { state in
            let counts = (state.modelCalls, state.toolCalls)
            if counts.0 < limits.modelCalls, counts.1 <= limits.toolCalls, now < end { state.modelCalls += 1 }
            return counts
        }
        if modelCalls >= limits.modelCalls {
            return .failed(
                code: RunErrorCode.limitModelCalls.rawValue,
                message: "The run and its members made \(modelCalls) model calls; the limit is \(limits.modelCalls)."
            )
        }
        if toolCalls > limits.toolCalls {
            return .failed(
                code: RunErrorCode.limitToolCalls.rawValue,
                message: "The run and its members asked for \(toolCalls) tool calls; the limit is \(limits.toolCalls)."
            )
        }
        if now >= end {
            return .failed(
                code: RunErrorCode.limitWorkTime.rawValue,
                message: "The run and its members worked for \(limits.workTime.components.seconds) s, which is the limit."
            )
        }
        return nil
    }
}
