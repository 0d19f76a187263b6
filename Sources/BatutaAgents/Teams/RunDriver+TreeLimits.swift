import BatutaCore
import BatutaRuns

/// Limits hold for a root with everything below it (DESIGN §9.19).
extension RunDriver {
    /// The first member is asked: from now on what any run of the tree takes is counted together.
    mutating func beginTree() {
        let ledger = TreeLedger(state.limits, team: run.team, workLeft: state.limits.workTime - state.workTime, at: services.clock.now())
        ledger.join(run.id, state.taken)
        self.ledger = ledger
        handle.tree = ledger
    }

    /// Counts a model call on the whole tree; gives how the run ends when a limit of the tree is reached.
    func refusalOfTree() -> RunOutcome? {
        guard let ledger else { return nil }
        ledger.join(run.id, state.taken)
        return ledger.admitModelCall(at: services.clock.now())
    }

    /// The work time that is left to the tree.
    var treeTime: Duration { ledger?.timeLeft(at: services.clock.now()) ?? state.limits.workTime }
}
