import BatutaCore
import Testing

/// The expressions that the pages about project files show.
@Suite struct ExpressionProjectTests {
    static let conditions: [(String, Bool)] = [
        ("facts.metrics.ctr > 2.0", true), ("facts.metrics.spend > 1000.0", true), ("size(facts.active.campaigns) == 1", false),
        ("run.schedule == 'auto_optimize' && facts.metrics.spend > 5000.0", false), ("profile.whatsapp_enabled", true),
        ("value >= 100.0 && profile.alert_at_100_percent", false), ("value >= 80.0 && profile.alert_at_80_percent", true),
        ("size(params.reason) < 500", true), ("output.kind == 'report'", true), ("output.score < 7", true),
        ("result.campaigns.exists(c, c.name == params.name && timestamp(c.created_time) >= call.started_at)", true),
        ("result.campaigns.exists(c, c.name == 'other' && timestamp(c.created_time) >= call.started_at)", false),
    ]

    private static func scope(language: String = "en") throws -> ExpressionScope {
        var scope = try ExpressionSample.scope(language: language)
        scope["value"] = 85.0
        scope["params"] = ["name": "Inverno 2026", "reason": "high cost", "campaign_id": "238"]
        scope["result"] = ["campaigns": [["name": "Inverno 2026", "created_time": "2026-01-19T18:00:01+0000"]]]
        scope["match"] = ["name": "Verão"]
        return scope
    }

    @Test(arguments: conditions) func `a documented condition holds as described`(source: String, holds: Bool) throws {
        #expect(try Expression(source).condition(in: try Self.scope()) == holds)
    }

    @Test(arguments: [
        ("High CTR (${number(facts.metrics.ctr, 2)}%): pausing may hurt results", "High CTR (2,31%): pausing may hurt results"),
        ("High spend (${money(facts.metrics.spend, 'BRL')}): confirm?", "High spend (R$ 1.240,50): confirm?"),
        ("Budget at ${number(value, 0)}%", "Budget at 85%"), ("campaign:${params.campaign_id}", "campaign:238"),
        ("${results[0].data.campaigns.filter(c, c.name == match.name)[0].id}", "7"),
        ("${input}\n\nFacts: ${results[1]}", "Hello\n\nFacts: {\"success\":false,\"error\":\"gone\"}"),
    ])
    func `a documented text reads as described`(source: String, expected: String) throws {
        #expect(try TextTemplate(source).render(in: try Self.scope(language: "pt-BR")) == expected)
    }
}
