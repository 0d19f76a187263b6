import BatutaCore

/// The time that a run may work (`work_time`), as far as it bounds what is under way: a model call, and the wait before one.
extension RunDriver {
    /// What is left for this run and for the tree that it belongs to; never less than nothing.
    var timeLeft: Duration { max(.zero, min(state.limits.workTime - state.workTime, treeTime)) }

    /// A model call was cut because the run's time was over.
    mutating func endOutOfTime() {
        let limit = min(state.limits.workTime, ledger?.limits.workTime ?? state.limits.workTime)
        let message = "The run worked for \(limit.components.seconds) s, which is the limit: the model call that was under way was cut."
        end(.failed(code: RunErrorCode.limitWorkTime.rawValue, message: message))
    }
}
