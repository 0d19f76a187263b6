import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns

/// `/v1/approvals`: what waits for a human, and deciding it.
struct ApprovalRoutes: EndpointGroup {
    let api: API

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/v1/approvals", "List approvals, newest first", query: ["status", "owner", "cursor", "limit"], list),
            Endpoint(.get, "/v1/approvals/{id}", "Get an approval", get),
            Endpoint(.post, "/v1/approvals/{id}", "Approve or reject", role: .member, decide),
        ]
    }

    private func list(_ call: Call) async throws -> HTTPResponse {
        let limit = try call.limit()
        let approvals = try await api.approvals.list(
            owner: try call.listOwner(),
            role: call.request.query["owner"] == nil ? call.principal.role.rawValue : nil,
            state: try state(call),
            before: try call.queryID("cursor", ApprovalID.self)?.rawValue,
            limit: limit + 1
        )
        let reader = call.reader
        return .page(try await api.named(approvals, for: call.principal), limit: limit, cursor: \.id.rawValue) { $0.json(in: reader) }
    }

    private func state(_ call: Call) throws -> ApprovalState? {
        guard let word = call.request.query["status"] else { return nil }
        if word == "pending" { return .requested }
        guard let state = ApprovalState(rawValue: word) else {
            let words = Words(
                "status must be pending, approved, rejected, expired or cancelled.",
                "status precisa ser pending, approved, rejected, expired ou cancelled."
            )
            throw Problem(.badRequest, code: "invalid_query", words, field: "status")
        }
        return state
    }

    private func get(_ call: Call) async throws -> HTTPResponse { try await answer(try await approval(call), call) }

    private func answer(_ approval: Approval, _ call: Call) async throws -> HTTPResponse {
        let named = try await api.named([approval], for: call.principal).first ?? approval
        return .json(named.json(in: call.reader))
    }

    private func decide(_ call: Call) async throws -> HTTPResponse {
        let approval = try await approval(call)
        var fields = try Fields(call.body, known: ["decision"] + API.decisionFields)
        let word = fields.requiredWord("decision", of: ["approve", "reject"])
        return try await answer(try await api.decide(approval, approve: word == "approve", fields, call), call)
    }

    private func approval(_ call: Call) async throws -> Approval {
        let id = try call.id("id", ApprovalID.self)
        guard let approval = try await call.approval(id, in: api) else { throw API.missing(.approval, id.rawValue) }
        return approval
    }
}

extension Call {
    /// One of the caller's own, or one that is addressed to the caller's role.
    func approval(_ id: ApprovalID, in api: API) async throws -> Approval? {
        try await api.approvals.find(id, owner: principal.rowOwner, role: principal.role.rawValue)
    }
}

extension API {
    static let decisionFields = ["arguments", "note", "result"]

    /// Decides with what the fields say besides yes or no.
    func decide(_ approval: Approval, approve: Bool, _ fields: Fields, _ call: Call) async throws -> Approval {
        var fields = fields
        var decision = ApprovalDecision(approve: approve, by: call.principal.id)
        decision.arguments = fields.object("arguments")
        decision.note = fields.string("note")
        if let result = fields.value("result"), !result.isNull { decision.result = result }
        if decision.result != nil, approval.reason != .uncertainEffect {
            let words = Words(
                "only an approval with the reason uncertain_effect takes one",
                "só cabe num pedido com o motivo uncertain_effect"
            )
            fields.refuse("result", words)
        }
        if !approve { for name in ["arguments", "result"] { refuse(name, ofRejection: &fields) } }
        try fields.check()
        try allow(call.principal, toDecide: approval)
        return try await engine.decide(approval, decision)
    }

    /// A policy may say who decides; an owner always may, unless it is about the own run.
    private func allow(_ principal: Principal, toDecide approval: Approval) throws {
        guard let terms = approval.terms else { return }
        if terms.excludesRequester, principal.id == approval.owner {
            let words = Words("Whoever started the run may not decide this.", "Quem iniciou a execução não pode decidir este pedido.")
            throw Problem(.forbidden, code: "not_an_approver", words)
        }
        guard !terms.roles.isEmpty, principal.role != .owner, !terms.roles.contains(principal.role.rawValue) else { return }
        let roles = terms.roles.joined(separator: ", ")
        let words = Words("Only these roles may decide this: \(roles).", "Só estes papéis podem decidir este pedido: \(roles).")
        throw Problem(.forbidden, code: "not_an_approver", words)
    }

    private func refuse(_ name: String, ofRejection fields: inout Fields) {
        guard let value = fields.value(name), !value.isNull else { return }
        fields.refuse(name, Words("goes with the decision approve only", "só cabe com a decisão approve"))
    }
}
