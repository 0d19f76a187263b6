import BatutaCore
import BatutaRuns

/// Limits hold for a root with everything below it (DESIGN §9.19).
extension RunDriver {
    /// The first member is asked: from now on what this run and any run below it takes is counted together, beside what the whole tree takes.
    mutating func beginTree() {
        guard ledger?.run != run.id else { return }
        let left = state.limits.workTime - state.workTime
        let now = services.clock.now()
        let ledger = TreeLedger(of: run.id, state.limits, target: run.target, team: run.team, above: ledger, workLeft: left, at: now)
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
