import BatutaCore
import BatutaRuns
import Testing

@Suite struct ApprovalWordsTests {
    private func approval(_ reason: ApprovalReason, warnings: [String] = [], suggested: String? = "stored") -> Approval {
        Approval(
            id: ApprovalID(trusted: "apr_1"),
            sessionID: SessionID(trusted: "ses_1"),
            runID: RunID(trusted: "run_1"),
            callID: CallID(trusted: "call_1"),
            owner: "usr_local",
            state: .requested,
            reason: reason,
            tool: "pay",
            params: [:],
            warnings: warnings,
            suggestedAction: suggested,
            requestedAt: Timestamp(milliseconds: 0),
            expiresAt: Timestamp(milliseconds: 1)
        )
    }

    @Test(arguments: Language.allCases)
    func `a known reason is told anew for each reader`(_ language: Language) {
        let reason = ApprovalReason.uncertainEffect
        let json = approval(reason, warnings: ["stored"]).json(in: language)
        #expect(json["warnings"] == .array(reason.warnings.map { .string($0(language)) }))
        #expect(json["suggested_action"] == .string(reason.suggestedAction(language)))
    }

    @Test(arguments: [ApprovalReason.criticalTool, .earlierUncertain], Language.allCases)
    func `an earlier call in doubt is named for each reader`(_ reason: ApprovalReason, _ language: Language) {
        let call = UncertainCall(
            callID: CallID(trusted: "call_0"),
            tool: "pay",
            arguments: #"{"amount":5}"#,
            at: Timestamp(milliseconds: 1_768_845_600_123)
        )
        var approval = approval(reason, warnings: ["stored"])
        approval.doubts = [call]
        let json = approval.json(in: language)
        #expect(json["warnings"] == [.string(call.warning(language))])
        #expect(call.warning(language).contains(#"pay {"amount":5}"#) && call.warning(language).contains("2026-01-19 18:00:00 UTC"))
        #expect(json["suggested_action"] == .string(ApprovalReason.earlierUncertain.suggestedAction(language)))
    }

    @Test func `a reason that warns of nothing itself keeps the warnings that were stored`() {
        let json = approval(.criticalTool, warnings: ["The amount is unusual."], suggested: nil).json(in: .english)
        #expect(json["warnings"] == ["The amount is unusual."] && json["suggested_action"] == .null)
    }
}
