import BatutaAgents
import BatutaCore
import BatutaHTTP

/// `/v1/keys`: API keys, for admins; a key is made with the caller's role at most.
struct KeyRoutes: EndpointGroup {
    let api: API

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/v1/keys", "List keys, never their secrets", query: ["cursor", "limit"], role: .admin, list),
            Endpoint(.post, "/v1/keys", "Make a key; its secret is only in this answer", role: .admin, secret: "key", create),
            Endpoint(.delete, "/v1/keys/{id}", "Revoke a key; its open streams close within 5 s", role: .admin, revoke),
        ]
    }

    private func list(_ call: Call) async throws -> HTTPResponse {
        let limit = try call.limit()
        let keys = try await api.keys.list(before: try call.queryID("cursor", KeyID.self)?.rawValue, limit: limit + 1)
        return .page(keys, limit: limit, cursor: \.id.rawValue) { $0.json }
    }

    private func create(_ call: Call) async throws -> HTTPResponse {
        var fields = try Fields(call.body, known: ["name", "role", "user", "expires"])
        let name = fields.requiredString("name")
        if name.allSatisfy(\.isWhitespace) || name.utf8.count > 200 {
            fields.refuse("name", Words("must have 1 to 200 characters", "precisa ter de 1 a 200 caracteres"))
        }
        let role = role(&fields, call)
        let expires = fields.string("expires")
        let lifetime = expires.flatMap(DurationText.duration)
        if expires != nil, lifetime.map({ $0 > .zero }) != true {
            fields.refuse("expires", Words("must be a time such as 12h or 90d", "precisa ser um prazo como 12h ou 90d"))
        }
        let user = try await user(&fields, call)
        try fields.check()
        let (key, secret) = try await api.keys.create(name: name, role: role, user: user?.id, lifetime: lifetime)
        var object = key.json.object ?? [:]
        object["key"] = .string(secret.text)
        return .json(.object(object), status: .created)
    }

    /// As whom the key acts. It could change that account, so it must not be one above the caller's.
    private func user(_ fields: inout Fields, _ call: Call) async throws -> User? {
        guard let text = fields.string("user") else { return nil }
        guard let user = try await api.users.find(named: text), user.isEnabled else {
            let words = Words(
                "there is no such user, or it is disabled; give an e-mail address or usr_…",
                "essa pessoa não existe ou está desativada; informe um e-mail ou usr_…"
            )
            fields.refuse("user", words)
            return nil
        }
        try call.requireAtLeast(user.role)
        return user
    }

    private func role(_ fields: inout Fields, _ call: Call) -> Role {
        guard fields.string("role") != nil else { return min(.member, call.principal.role) }
        guard let role = fields.role("role") else { return .viewer }
        let own = call.principal.role
        if role > own {
            fields.refuse("role", Words("must not be above yours, \(own.rawValue)", "não pode estar acima do seu, \(own.rawValue)"))
        }
        return role
    }

    private func revoke(_ call: Call) async throws -> HTTPResponse {
        let id = try call.id("id", KeyID.self)
        guard let key = try await api.keys.find(id: id), key.role <= call.principal.role, try await api.keys.revoke(id) else {
            throw API.missing(.key, id.rawValue)
        }
        await api.letGo { $0.keyID == id.rawValue }
        return HTTPResponse(status: .noContent)
    }
}
