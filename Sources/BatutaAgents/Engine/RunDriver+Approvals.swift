import BatutaCore
import BatutaRuns

extension RunDriver {
    /// Asks a human about a call. The question is a row that anyone with the right can find and answer (DESIGN §3).
    mutating func ask(about call: CallState, _ reason: ApprovalReason) {
        let now = services.clock.now()
        let language = Language(tag: project.language)
        let doubts = doubts(about: call, reason)
        var approval = Approval(
            id: ApprovalID.make(at: now, random: services.random),
            sessionID: run.sessionID,
            runID: run.id,
            callID: call.id,
            owner: run.owner,
            state: .requested,
            reason: reason,
            tool: call.call.tool,
            params: call.arguments,
            warnings: (doubts.isEmpty ? reason.warnings : doubts.map(\.warning)).map { $0(language) },
            suggestedAction: reason.suggestedAction(beside: doubts)(language),
            requestedAt: now,
            expiresAt: now.advanced(by: services.configuration.approvalLifetime)
        )
        approval.doubts = doubts
        outbox.projections.append(ApprovalProjections.insertion(of: approval))
        emit(.approval(ApprovalEvent(approval, state: .requested)))
    }
}

extension ApprovalEvent {
    init(_ approval: Approval, state: ApprovalState) {
        self.init(
            approvalID: approval.id,
            state: state,
            reason: approval.reason,
            callID: approval.callID,
            tool: approval.tool,
            params: approval.params,
            warnings: approval.warnings,
            suggestedAction: approval.suggestedAction,
            expiresAt: approval.expiresAt
        )
        doubts = approval.doubts
    }
}
