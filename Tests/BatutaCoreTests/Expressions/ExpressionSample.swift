import BatutaCore

/// What the tables of expressions look at.
enum ExpressionSample {
    static let text = #"""
        {
          "params": {"id": 12345678901234567890, "campaign_id": "238", "name": "Inverno 2026", "count": 3, "price": 1240.50, "none": null,
                     "flags": {"a": true, "b": false}, "content-type": "json", "big": 9007199254740993, "bigger": 9007199254740992,
                     "tags": ["x", "y", "z"], "nested": [[1, 2], [3]], "two": 2, "one": 1.0, "email": "ana@example.com"},
          "facts": {"metrics": {"ctr": 2.31, "spend": 1240.5}, "active": {"campaigns": [{"name": "A", "status": "ACTIVE", "id": "1"},
                    {"name": "Inverno 2026", "status": "PAUSED", "id": "238"}]}, "summary": {"total_spend": 850}},
          "results": [{"success": true, "data": {"campaigns": [{"id": "7", "name": "Verão"}]}}, {"success": false, "error": "gone"}],
          "profile": {"monthly_budget_limit": 1000, "alert_at_80_percent": true, "alert_at_100_percent": true, "whatsapp_enabled": true},
          "run": {"schedule": "auto_optimize"}, "user": {"name": "Ana", "id": "user_1"}, "output": {"kind": "report", "score": 6},
          "text": "Olá, mundo 👋", "empty": {}, "input": "Hello"
        }
        """#

    static func scope(language: String = "en") throws -> ExpressionScope {
        var values: [String: JSON] = [:]
        for (name, value) in try JSON.parse(text).object ?? [:] { values[name] = value }
        var scope = ExpressionScope(
            values,
            language: language,
            now: Timestamp(rfc3339: "2026-01-19T18:00:00Z"),
            lazyRoots: ["env", "secret"]
        ) { root, name in
            switch (root, name) {
            case ("env", "META_BASE_URL"): "https://graph.example"
            case ("env", "limits"): ["a": 5]
            case ("secret", "TOKEN"): "s3cret"
            default: nil
            }
        }
        scope.values["call"] = .object([
            "started_at": .timestamp(Timestamp(milliseconds: 1_768_845_600_000)), "took": .duration(.milliseconds(1_500)),
            "id": .json("call_1"),
        ])
        return scope
    }

    static func evaluate(_ source: String, language: String = "en") throws -> JSON {
        try Expression(source).evaluate(in: try scope(language: language))
    }

    static func evaluationError(_ source: String) throws -> ExpressionError? {
        let expression = try Expression(source)
        do throws(ExpressionError) {
            _ = try expression.evaluate(in: try scopeForErrors())
            return nil
        } catch {
            return error
        }
    }

    private static func scopeForErrors() throws(ExpressionError) -> ExpressionScope {
        do { return try scope() } catch {
            throw ExpressionError(.syntax, Words("the sample does not parse: \(error)", "o exemplo não tem leitura: \(error)"))
        }
    }

    static func parseError(_ source: String) -> ExpressionError? {
        do throws(ExpressionError) {
            _ = try Expression(source)
            return nil
        } catch {
            return error
        }
    }
}
