import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaServer
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct ProfileRoutesTests {
    static let schema: JSON = [
        "type": "object",
        "properties": [
            "whatsapp_number": ["type": "string", "pattern": "^\\+[1-9][0-9]{7,14}$"],
            "monthly_budget_limit": ["type": "number", "minimum": 0], "alert_at_80_percent": ["type": "boolean", "default": true],
        ],
    ]

    private func bench() async throws -> ServerBench {
        let schema = try ProfileSchema(Self.schema)
        return try await ServerBench(project: { $0.profile = schema })
    }

    @Test func `S2.78 people set what the project asks of them, field by field`() async throws {
        let bench = try await bench()
        let browser = try await bench.browser(as: try await bench.person(.viewer))
        let empty = try await browser.send("GET", "/v1/profile")
        #expect(empty.json == ["schema": Self.schema, "profile": [:]])
        _ = try await browser.send("POST", "/v1/profile", ["whatsapp_number": "+5511999990000"])
        let both = try await browser.send("POST", "/v1/profile", ["monthly_budget_limit": 500])
        #expect(both.status == 200)
        #expect(both.json["profile"] == ["whatsapp_number": "+5511999990000", "monthly_budget_limit": 500])
        let one = try await browser.send("POST", "/v1/profile", ["whatsapp_number": nil])
        #expect(one.json["profile"] == ["monthly_budget_limit": 500])
        #expect(try await browser.send("GET", "/v1/profile").json == one.json)
        #expect(try await bench.browser().send("GET", "/v1/profile").json["profile"] == [:])
        await bench.close()
    }

    @Test(
        arguments: [
            (["whatsapp_number": "11999990000"], ["whatsapp_number"]),
            (["monthly_budget_limit": -1, "alert_at_80_percent": "yes"], ["monthly_budget_limit", "alert_at_80_percent"]),
            (["whatsap_number": "+5511999990000"], ["whatsap_number"]),
        ] as [(JSON, Set<String>)]
    )
    func `what does not fit is told by field, all at once, and changes nothing`(_ row: (body: JSON, fields: Set<String>)) async throws {
        let bench = try await bench()
        let browser = try await bench.browser()
        let answer = try await browser.send("POST", "/v1/profile", row.body)
        #expect(answer.status == 400 && answer.isProblem)
        #expect(Set((answer.json["errors"]?.array ?? []).compactMap { $0["field"]?.string }) == row.fields)
        #expect(try await browser.send("GET", "/v1/profile").json["profile"] == [:])
        await bench.close()
    }

    @Test func `a project that asks nothing has no profile`() async throws {
        let bench = try await ServerBench()
        let browser = try await bench.browser()
        #expect(try await browser.send("GET", "/v1/profile").json == ["schema": nil, "profile": [:]])
        #expect(try await browser.send("POST", "/v1/profile", ["x": 1]).code == "no_profile")
        await bench.close()
    }
}
