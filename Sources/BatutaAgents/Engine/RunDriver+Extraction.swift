import BatutaCore
import BatutaMemory
import BatutaQueue
import BatutaRuns

/// What follows from the end of a run for what is known of its user.
extension RunDriver {
    /// The job that takes facts out of what was said, in the commit of the run's end. A script says nothing about a user, and what a leader
    /// asks of a member is not what the user said.
    mutating func extractFacts(after outcome: RunOutcome) {
        guard case .completed = outcome, agent.definition.userMemory.extracts, !run.isRehearsal, run.parentRunID == nil,
            Fact.isKept(of: run.owner), let jobs = services.jobs
        else { return }
        let draft = FactExtraction.draft(of: run)
        outbox.additions.append { batch in jobs.enqueue(draft, in: &batch) }
    }
}
