import BatutaCore
import Synchronization

/// What a tree of runs has taken, counted while its runs are driven: limits hold for the root with everything below it (DESIGN §9.19).
final class TreeLedger: Sendable {
    private struct State {
        var modelCalls = 0
        var toolCalls = 0
        var members: Set<RunID> = []
    }

    /// Those of the root's agent.
    let limits: RunLimits
    /// The team that was asked for all of it; empty when an agent was.
    let team: String
    /// When the root's work time is over, by the project clock.
    private let end: Timestamp
    private let state = Mutex(State())

    init(_ limits: RunLimits, team: String, workLeft: Duration, at now: Timestamp) {
        self.limits = limits
        self.team = team
        end = now.advanced(by: max(workLeft, .zero))
    }

    /// Counts what a run took until now, once; what ended below it is in that.
    func join(_ run: RunID, _ taken: TreeUse) {
        state.withLock { state in
            guard state.members.insert(run).inserted else { return }
            state.modelCalls += taken.modelCalls
            state.toolCalls += taken.toolCalls
        }
    }

    func addToolCall() { state.withLock { $0.toolCalls += 1 } }

    func timeLeft(at now: Timestamp) -> Duration { now.duration(to: end) }

    /// Takes one more model call, unless a limit is reached: then it says which.
    func admitModelCall(at now: Timestamp) -> RunOutcome? {
        let (modelCalls, toolCalls) = state.withLock { state in
            let counts = (state.modelCalls, state.toolCalls)
            if counts.0 < limits.modelCalls, counts.1 <= limits.toolCalls { state.modelCalls += 1 }
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
                message: "The run and its members made \(toolCalls) tool calls; the limit is \(limits.toolCalls)."
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
