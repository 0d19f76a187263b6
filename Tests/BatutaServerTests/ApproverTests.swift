import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaServer
import BatutaTesting
import BatutaTools
import Testing

/// Who may answer a question that a policy asks.
@Suite(.timeLimit(.minutes(5))) struct ApproverTests {
    private func bench(_ terms: ApprovalTerms, _ tool: RecordingTool) async throws -> ServerBench {
        let policy = PolicyDefinition(
            name: "paying",
            tool: "pay",
            rules: [PolicyDefinition.Rule(condition: "true", consequence: .warn, words: "It is money")],
            approval: terms
        )
        let gate = try PolicyGate([policy], tools: ToolCatalog([tool]))
        return try await ServerBench(model: ApprovalRoutesTests.model(), tools: [tool], project: { $0.policies = gate })
    }

    @Test func `a question is seen and decided by the roles that the policy names, and an owner`() async throws {
        let tool = RecordingTool(ApprovalRoutesTests.pay)
        let bench = try await bench(ApprovalTerms(roles: ["builder"]), tool)
        let (run, id) = try await bench.asked()
        let member = try await bench.key(.member), admin = try await bench.key(.admin), builder = try await bench.key(.builder)
        #expect(try await bench.send("GET", "/v1/approvals/\(id)", key: member).status == 404)
        #expect(try await bench.send("GET", "/v1/approvals", key: member).json["data"] == [])
        let refused = try await bench.send("POST", "/v1/approvals/\(id)", ["decision": "approve"], key: admin)
        #expect(refused.status == 403 && refused.json["code"] == "not_an_approver", "\(refused.json.text)")
        #expect(refused.json["detail"]?.string?.contains("builder") == true)
        let seen = try await bench.send("GET", "/v1/approvals?status=pending", key: builder).json["data"]?[0]
        #expect(seen?["id"] == .string(id) && seen?["reason"] == "policy" && seen?["warnings"] == ["It is money"])
        #expect(seen?["suggested_action"] == "Read the warnings before you approve.")
        #expect(seen?["approvers"] == ["roles": ["builder"], "not_requester": false])
        #expect(try await bench.send("GET", "/v1/approvals?owner=me", key: builder).json["data"] == [])
        #expect(tool.received.isEmpty)
        #expect(try await bench.send("POST", "/v1/approvals/\(id)", ["decision": "approve"], key: builder).status == 200)
        let session = try await bench.send("GET", "/v1/runs/\(run)").json["session_id"]?.string ?? ""
        _ = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle")
        #expect(tool.received.count == 1)
        await bench.close()
    }

    @Test func `whoever started the run does not decide it where a policy says so, not even an owner`() async throws {
        let bench = try await bench(ApprovalTerms(excludesRequester: true), RecordingTool(ApprovalRoutesTests.pay))
        let (_, id) = try await bench.asked()
        let refused = try await bench.send("POST", "/v1/approvals/\(id)", ["decision": "approve"])
        #expect(refused.status == 403 && refused.json["code"] == "not_an_approver")
        let other = try await bench.key(.admin)
        #expect(try await bench.send("POST", "/v1/approvals/\(id)", ["decision": "reject"], key: other).status == 200)
        await bench.close()
    }
}
