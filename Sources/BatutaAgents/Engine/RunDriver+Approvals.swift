import BatutaCore
import BatutaRuns

extension RunDriver {
    /// Asks a human about a call. The question is a row that anyone with the right can find and answer (DESIGN §3).
    mutating func ask(about call: CallState, _ reason: ApprovalReason) {
        let language = Language(tag: project.language)
        let doubts = doubts(about: call, reason)
        var question = question(about: call, reason)
        question.warnings = (doubts.isEmpty ? reason.warnings : doubts.map(\.warning)).map { $0(language) }
        question.suggestedAction = reason.suggestedAction(beside: doubts)(language)
        if reason == .question, let lifetime = lifetime(of: call) { question.expiresAt = question.requestedAt.advanced(by: lifetime) }
        question.doubts = doubts
        put(question)
    }

    /// Asks because policies warn, or could not find out what they ask for.
    mutating func ask(about call: CallState, _ verdict: PolicyVerdict) {
        let language = Language(tag: project.language)
        let doubts = doubts(about: call, .policy)
        var question = question(about: call, .policy)
        question.warnings = verdict.warnings + doubts.map { $0.warning(language) }
        question.suggestedAction = verdict.suggestedAction
        question.doubts = doubts
        question.facts = verdict.facts
        question.terms = verdict.terms
        if let lifetime = verdict.terms.lifetime { question.expiresAt = question.requestedAt.advanced(by: lifetime) }
        put(question)
    }

    private func question(about call: CallState, _ reason: ApprovalReason) -> Approval {
        let now = services.clock.now()
        return Approval(
            id: ApprovalID.make(at: now, random: services.random),
            sessionID: run.sessionID,
            runID: run.id,
            callID: call.id,
            owner: run.owner,
            state: .requested,
            reason: reason,
            tool: call.call.tool,
            params: call.arguments,
            requestedAt: now,
            expiresAt: now.advanced(by: services.configuration.approvalLifetime)
        )
    }

    private mutating func put(_ approval: Approval) {
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
        facts = approval.facts
        terms = approval.terms
    }
}
