import BatutaCore
import BatutaRuns

extension RunDriver {
    /// Asks a human about a call. The question is a row that anyone with the right can find and answer (DESIGN §3).
    mutating func ask(about call: CallState, _ reason: ApprovalReason) {
        let now = services.clock.now()
        let doubts = doubts(about: call, reason)
        let approval = Approval(
            id: ApprovalID.make(at: now, random: services.random),
            sessionID: run.sessionID,
            runID: run.id,
            callID: call.id,
            owner: run.owner,
            state: .requested,
            reason: reason,
            tool: call.call.tool,
            params: call.arguments,
            warnings: ApprovalText.warnings(reason, doubts, language: project.language),
            suggestedAction: ApprovalText.suggestedAction(reason, doubts, language: project.language),
            requestedAt: now,
            expiresAt: now.advanced(by: services.configuration.approvalLifetime)
        )
        outbox.projections.append(ApprovalProjections.insertion(of: approval))
        var event = ApprovalEvent(approval, state: .requested)
        event.doubts = doubts.map(\.callID)
        emit(.approval(event))
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
    }
}

/// The words beside a question, in the project's language.
enum ApprovalText {
    static func warnings(_ reason: ApprovalReason, _ doubts: [UncertainCall], language: String) -> [String] {
        switch (reason, language.hasPrefix("pt")) {
        case (.uncertainEffect, false): ["The call may already have had its effect; nobody knows."]
        case (.uncertainEffect, true): ["A chamada pode já ter surtido efeito; não há como saber."]
        case (.criticalTool, _), (.earlierUncertain, _): doubts.map { DoubtText.warning($0, language: language) }
        }
    }

    static func suggestedAction(_ reason: ApprovalReason, _ doubts: [UncertainCall], language: String) -> String {
        switch (reason, language.hasPrefix("pt")) {
        case (.uncertainEffect, false): "Look in the service whether it happened. Approve to make the call again, reject to leave it."
        case (.uncertainEffect, true): "Veja no serviço se aconteceu. Aprove para repetir a chamada, rejeite para deixar como está."
        case (.criticalTool, false) where doubts.isEmpty: "Check the arguments before you approve."
        case (.criticalTool, true) where doubts.isEmpty: "Confira os argumentos antes de aprovar."
        case (_, false): "Look whether the earlier call happened. Approve to make this call, reject to leave it."
        case (_, true): "Veja se a chamada anterior aconteceu. Aprove para fazer esta chamada, rejeite para não fazê-la."
        }
    }
}
