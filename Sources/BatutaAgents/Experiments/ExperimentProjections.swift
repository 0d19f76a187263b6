import BatutaCore
import BatutaRuns
import BatutaStorage

/// The rows that the end of a run leaves for the comparison of its variants; in the same commit, and none for runs without variants.
enum ExperimentProjections {
    static func ends(of run: Run, _ state: RunState, _ outcome: RunOutcome, variants: [String: String], at now: Timestamp) -> [Projection] {
        let duration = (state.startedAt ?? run.createdAt).duration(to: now).inMilliseconds
        return variants.sorted { $0.key < $1.key }.map { prompt, variant in
            Projection(
                insert,
                [
                    .text(prompt), .text(variant), .text(run.id.rawValue), .text(run.rootRunID.rawValue), .text(run.sessionID.rawValue),
                    .text(run.owner),
                    .text(run.agent), .int(run.isRehearsal ? 1 : 0), .text(status(outcome)), .int(duration),
                    state.costNanoUSD.map(Bind.int) ?? .null, .text(run.projectHash), .int(now.milliseconds),
                ]
            )
        }
    }

    /// A session that is deleted leaves the numbers of its runs, without whose they were and what was said of them.
    static func forgetting(_ session: SessionID) -> [Projection] {
        [Projection(forgetPeople, [.text(session.rawValue)]), Projection(forgetComments, [.text(session.rawValue)])]
    }

    private static let forgetPeople = PreparedSQL(
        "UPDATE experiment_runs SET user_id = '' WHERE tenant_id = 'default' AND session_id = ?"
    )
    private static let forgetComments = PreparedSQL(
        "UPDATE run_ratings SET user_id = '', comment = NULL WHERE tenant_id = 'default' AND session_id = ?"
    )

    private static func status(_ outcome: RunOutcome) -> String {
        switch outcome {
        case .completed: RunStatus.completed.rawValue
        case .cancelled: RunStatus.cancelled.rawValue
        case .failed: RunStatus.failed.rawValue
        }
    }

    private static let insert = PreparedSQL(
        """
        INSERT INTO experiment_runs (tenant_id, prompt, variant, run_id, root_run_id, session_id, user_id, agent, rehearsal, status, duration_ms, cost_nano_usd,
            project_hash, ended_at)
        VALUES ('default', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (tenant_id, prompt, variant, run_id) DO NOTHING
        """
    )
}

extension RunState {
    /// Which variants of prompts the run has, as its log names them.
    var variants: [String: String] {
        guard let context, case .context(_, _, _, _, let recalled) = context.kind else { return [:] }
        return recalled.variants
    }
}
