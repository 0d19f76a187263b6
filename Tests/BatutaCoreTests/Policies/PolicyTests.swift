import BatutaCore
import Testing

@Suite struct PolicyTests {
    /// The old system's validator of pauses, as a policy.
    static let pause = PolicyDefinition(
        name: "pausing",
        tool: "pause_campaign",
        facts: [
            PolicyDefinition.Fact(name: "metrics", tool: "get_insights", arguments: ["id": "${params.id}", "period": "last_7d"]),
            PolicyDefinition.Fact(name: "active", tool: "list_campaigns"),
        ],
        rules: [
            PolicyDefinition.Rule(
                condition: "facts.metrics.ctr > 2.0",
                consequence: .warn,
                words: "High CTR (${number(facts.metrics.ctr, 2)}%)"
            ),
            PolicyDefinition.Rule(
                condition: "facts.metrics.spend > 1000.0",
                consequence: .warn,
                words: "High spend: ${money(facts.metrics.spend, 'BRL')}"
            ),
            PolicyDefinition.Rule(condition: "size(facts.active.campaigns) == 1", consequence: .warn, words: "Last active campaign"),
            PolicyDefinition.Rule(condition: "facts.metrics.spend > 5000.0", consequence: .deny, words: "Never above 5000"),
        ],
        suggestedAction: "Review before pausing"
    )

    static let context = ToolContext(
        sessionID: SessionID(trusted: "ses_1"),
        runID: RunID(trusted: "run_1"),
        agent: "manager",
        language: "en"
    )

    static func scope(_ arguments: JSON = ["id": "7"]) -> ExpressionScope {
        .call(arguments, in: context, now: Timestamp(milliseconds: 0))
    }

    private func verdict(ctr: JSON, spend: JSON, campaigns: Int, _ definition: PolicyDefinition = Self.pause) throws -> PolicyVerdict {
        let facts: JSONObject = [
            "metrics": ["ctr": ctr, "spend": spend],
            "active": ["campaigns": .array((0..<campaigns).map { .int(Int64($0)) })],
        ]
        return try Policy(definition).judge(in: Self.scope(), facts: facts, errors: [], language: .english)
    }

    @Test func `S2.42 no warning and no denial is allowed`() throws {
        let verdict = try verdict(ctr: 1.5, spend: 10, campaigns: 3)
        #expect(verdict.outcome == .allow && verdict.warnings.isEmpty)
        #expect(verdict.note(on: CallID(trusted: "call_1")).decision == .allowed)
    }

    @Test func `S2.38 S2.39 S2.40 S2.41 warnings add up, say the numbers, and ask a human`() throws {
        let verdict = try verdict(ctr: 2.345, spend: 1234.5, campaigns: 1)
        #expect(verdict.outcome == .ask)
        #expect(verdict.warnings.count == 3)
        #expect(verdict.warnings[0] == "High CTR (2.35%)" || verdict.warnings[0] == "High CTR (2.34%)")
        #expect(verdict.warnings[1].contains("1,234.50"), "\(verdict.warnings)")
        #expect(verdict.suggestedAction == "Review before pausing")
    }

    @Test func `a denial beats a warning, and its words reach the model`() throws {
        let verdict = try verdict(ctr: 9, spend: 6000, campaigns: 2)
        #expect(verdict.outcome == .deny && verdict.denials == ["Never above 5000"])
        let refusal = verdict.note(on: CallID(trusted: "call_1")).refusal
        #expect(!refusal.success && refusal.code == "refused_by_policy" && refusal.error?.contains("Never above 5000") == true)
    }

    @Test func `a warning may be recorded only`() throws {
        var definition = Self.pause
        definition.onWarning = .allow
        let verdict = try verdict(ctr: 3, spend: 1, campaigns: 2, definition)
        #expect(verdict.outcome == .allow && verdict.warnings.count == 1)
        #expect(verdict.note(on: CallID(trusted: "call_1")).decision == .warned)
    }

    @Test(arguments: [PolicyDefinition.OnFactError.ask, .deny])
    func `what cannot be checked fails closed`(consequence: PolicyDefinition.OnFactError) throws {
        var definition = Self.pause
        definition.onFactError = consequence
        definition.onWarning = .allow
        let policy = try Policy(definition)
        let error = PolicyFactError(fact: "metrics", reason: "timed out")
        let missing = policy.judge(in: Self.scope(), facts: ["active": ["campaigns": [1, 2]]], errors: [error], language: .english)
        #expect(missing.outcome == (consequence == .ask ? .ask : .deny))
        #expect((missing.warnings + missing.denials).contains { $0.contains("metrics could not be checked: timed out") })
        // A rule that cannot be evaluated counts the same, although every fact came (DESIGN §9.17).
        let odd = policy.judge(
            in: Self.scope(),
            facts: ["active": ["campaigns": [1, 2]], "metrics": ["ctr": "high", "spend": 1]],
            errors: [],
            language: .english
        )
        #expect(odd.outcome == (consequence == .ask ? .ask : .deny))
    }

    @Test func `the arguments of a fact are those of the call`() throws {
        let inquiries = try Policy(Self.pause).inquiries(in: Self.scope(["id": "42"]))
        #expect(try inquiries[0].get().arguments == ["id": "42", "period": "last_7d"])
        #expect(try inquiries[1].get().tool == "list_campaigns")
        let without = try Policy(Self.pause).inquiries(in: Self.scope([:]))
        #expect(try without[0].get().arguments == ["period": "last_7d"])
    }

    @Test func `all policies of a tool apply: deny beats ask beats allow, and the terms are those of all`() throws {
        let asking = try verdict(ctr: 3, spend: 1, campaigns: 2)
        var first = asking, second = try verdict(ctr: 1, spend: 1, campaigns: 2)
        first.terms = ApprovalTerms(roles: ["admin", "builder"], lifetime: .seconds(60))
        second.policies = ["other"]
        second.facts = ["metrics": ["ctr": 1], "more": 1]
        second.terms = ApprovalTerms(roles: ["builder"], lifetime: .seconds(30), excludesRequester: true)
        let both = first.combined(with: second)
        #expect(both.outcome == .ask && both.policies == ["pausing", "other"])
        #expect(both.facts["metrics"]?["spend"] == 1 && both.facts["other.metrics"] == ["ctr": 1] && both.facts["more"] == 1)
        #expect(both.terms == ApprovalTerms(roles: ["builder"], lifetime: .seconds(30), excludesRequester: true))
        #expect(try both.combined(with: verdict(ctr: 1, spend: 9000, campaigns: 2)).outcome == .deny)
    }

    @Test(arguments: [
        ("pause_campaign", "pause_campaign", true), ("pause_*", "pause_campaign", true), ("*", "x", true), ("*", "", true),
        ("pause_?", "pause_campaign", false), ("a?c", "abc", true), ("*_campaign", "pause_campaign", true), ("*b*", "abc", true),
        ("pause", "pause_campaign", false), ("", "x", false), ("**a", "ba", true), ("a*b*c", "a-b-b-c", true), ("a*b*c", "a-c-b", false),
    ])
    func `a pattern names tools`(pattern: String, name: String, matches: Bool) {
        #expect(ToolPattern(pattern).matches(name) == matches)
    }

    @Test func `a pattern of many stars takes no time`() {
        let pattern = ToolPattern(String(repeating: "*a", count: 200))
        #expect(!pattern.matches(String(repeating: "a", count: 199) + String(repeating: "b", count: 2_000)))
    }
}
