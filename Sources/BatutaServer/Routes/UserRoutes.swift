import BatutaCore
import BatutaHTTP
import BatutaStorage

/// `/v1/users`: people, for admins. Nobody gives a role above the own one, or touches somebody who has one.
struct UserRoutes: EndpointGroup {
    let api: API

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/v1/users", "List people, newest first", query: ["cursor", "limit"], role: .admin, list),
            Endpoint(.post, "/v1/users", "Add somebody", role: .admin, sensitive: ["password"], create),
            Endpoint(.patch, "/v1/users/{id}", "Change role or name, disable or enable", role: .admin, change),
            Endpoint(
                .post,
                "/v1/users/{id}/link",
                "Make a link that signs somebody in once, within 24 h",
                role: .admin,
                secret: "url",
                link
            ),
        ]
    }

    private func list(_ call: Call) async throws -> HTTPResponse {
        let limit = try call.limit()
        let users = try await api.users.list(before: call.request.query["cursor"], limit: limit + 1)
        return .page(users, limit: limit, cursor: \.id) { $0.json }
    }

    private func create(_ call: Call) async throws -> HTTPResponse {
        var fields = try Fields(call.body, known: ["email", "role", "name", "password"])
        _ = fields.requiredString("email")
        _ = fields.requiredString("role")
        let email = fields.email("email")
        let role = fields.role("role")
        let name = fields.personName("name") ?? nil
        let password = fields.newPassword("password")
        try fields.check()
        guard let email, let role else { return HTTPResponse(status: .badRequest) }
        try call.requireAtLeast(role)
        var hash: String?
        if let password { hash = try await api.passwords.hash(password) }
        guard let user = try await api.users.create(email: email, role: role, name: name, passwordHash: hash) else { throw API.emailTaken }
        return .json(user.json, status: .created)
    }

    private func change(_ call: Call) async throws -> HTTPResponse {
        let user = try await user(call)
        var fields = try Fields(call.body, known: ["role", "name", "disabled"])
        var change = UserChange()
        change.role = fields.role("role")
        change.name = fields.personName("name") ?? nil
        change.isDisabled = fields.bool("disabled")
        try fields.check()
        if let role = change.role { try call.requireAtLeast(role) }
        guard case .changed = try await api.users.change(user.id, change) else {
            let words = Words(
                "This is the last owner. Make somebody else an owner first.",
                "Esta é a última pessoa com o papel owner. Dê esse papel a mais alguém antes."
            )
            throw Problem(.conflict, code: "last_owner", words)
        }
        await api.letGo { $0.id == user.id }
        guard let changed = try await api.users.find(user.id) else { throw API.missing(.user, user.id) }
        return .json(changed.json)
    }

    private func link(_ call: Call) async throws -> HTTPResponse {
        let user = try await user(call)
        guard user.isEnabled else {
            let words = Words("This account is disabled; enable it first.", "Esta conta está desativada; ative-a antes.")
            throw Problem(.conflict, code: "user_disabled", words)
        }
        let link = try await api.signIns.makeLink(for: user.id)
        return .json(
            ["url": .string(api.address(for: call.request) + link.path), "expires_at": .string(link.expiresAt.rfc3339)],
            status: .created
        )
    }

    /// The user that the path names, if the caller may touch it.
    private func user(_ call: Call) async throws -> User {
        let id = call.request.parameters["id"]
        guard let user = try await api.users.find(id) else { throw API.missing(.user, id) }
        try call.requireAtLeast(user.role)
        return user
    }
}

extension Call {
    /// Refuses to give, or to touch somebody with, a role above the caller's.
    func requireAtLeast(_ role: Role) throws {
        guard role <= principal.role else {
            let words = Words(
                "The role \(role.rawValue) is above yours, \(principal.role.rawValue).",
                "O papel \(role.rawValue) está acima do seu, \(principal.role.rawValue)."
            )
            throw Problem(.forbidden, code: "forbidden", words)
        }
    }
}
