public import BatutaCore
import BatutaStorage

/// The statements of the `approvals` table. A decision is one guarded update: whoever comes second changes nothing (DESIGN §9.20).
public enum ApprovalProjections {
    public static func insertion(of approval: Approval) -> Projection {
        Projection(
            insert,
            [
                .text(approval.id.rawValue), .text(approval.sessionID.rawValue), .text(approval.runID.rawValue),
                .text(approval.callID.rawValue), .text(approval.owner), .text(approval.reason.rawValue), .text(approval.tool),
                .text(approval.params.text), .text(JSON.array(approval.warnings.map(JSON.string)).text),
                .optional(approval.suggestedAction), .int(approval.requestedAt.milliseconds), .int(approval.expiresAt.milliseconds),
                .optional(approval.doubts.isEmpty ? nil : JSON.array(approval.doubts.map(\.json)).text),
                .optional(approval.facts.isEmpty ? nil : JSON.object(approval.facts).text), .optional(approval.terms?.json.text),
            ]
        )
    }

    private static let insert = PreparedSQL(
        """
        INSERT INTO approvals (tenant_id, id, session_id, run_id, call_id, user_id, state, reason, tool, params, warnings, suggested_action,
            requested_at, expires_at, doubts, facts, approvers)
        VALUES ('default', ?, ?, ?, ?, ?, 'requested', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    )

    /// Decides a pending approval; the batch fails, alone, when it is no longer pending.
    public static func decision(_ state: ApprovalState, of id: ApprovalID, _ decision: ApprovalDecision, at now: Timestamp) -> Projection {
        Projection(
            decide,
            [
                .text(state.rawValue), .int(now.milliseconds), .text(decision.by), .optional(decision.note),
                .optional(decision.arguments?.text), .optional(decision.result?.text), .text(id.rawValue),
            ],
            expecting: 1
        )
    }

    private static let decide = PreparedSQL(
        """
        UPDATE approvals SET state = ?, decided_at = ?, decided_by = ?, note = ?, arguments = ?, result = ?
        WHERE tenant_id = 'default' AND id = ? AND state = 'requested'
        """
    )

    /// Cancels whatever the run still asks; the batch fails, alone, when these are not as many questions as expected.
    ///
    /// - Parameter questions: nil when nobody knows how many they are.
    public static func cancellation(of run: RunID, at now: Timestamp, expecting questions: Int?) -> Projection {
        Projection(cancel, [.int(now.milliseconds), .text(run.rawValue)], expecting: questions)
    }

    private static let cancel = PreparedSQL(
        """
        UPDATE approvals SET state = 'cancelled', decided_at = ? WHERE tenant_id = 'default' AND run_id = ? AND state = 'requested'
        """
    )
}
