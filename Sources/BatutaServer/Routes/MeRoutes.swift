import BatutaCore
import BatutaHTTP
import BatutaStorage

/// `/v1/me` and `/v1/logout`: the caller, as a person.
struct MeRoutes: EndpointGroup {
    let api: API

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/v1/me", "Who you are", get),
            Endpoint(.patch, "/v1/me", "Change your own account", sensitive: ["password", "current_password"], change),
            Endpoint(.post, "/v1/logout", "Sign this browser out; its open streams close within 5 s", logout),
        ]
    }

    private func get(_ call: Call) async throws -> HTTPResponse {
        if let user = try await api.users.find(call.principal.id) { return .json(user.ownJSON) }
        guard let id = call.principal.keyID, let key = try await api.keys.find(id: KeyID(trusted: id)) else {
            throw API.missing(.user, call.principal.id)
        }
        return .json([
            "id": .string(key.id.rawValue), "email": nil, "name": .string(key.name), "role": .string(key.role.rawValue), "language": nil,
            "theme": nil, "has_password": false, "created_at": .string(key.createdAt.rfc3339),
        ])
    }

    private func change(_ call: Call) async throws -> HTTPResponse {
        let user = try await api.user(call)
        var fields = try Fields(
            call.body,
            known: ["name", "email", "language", "theme", "password", "current_password"]
        )
        var change = OwnChange()
        change.name = fields.personName("name")
        change.email = fields.email("email").map { .some($0.text) }
        change.language = fields.choice("language", of: ["pt-BR", "en"])
        change.theme = fields.choice("theme", of: ["light", "dark"])
        let password = fields.newPassword("password")
        if password != nil, user.email == nil, change.email == nil {
            let words = Words(
                "needs an e-mail address to sign in with; set email too",
                "precisa de um e-mail para entrar com ela; informe email também"
            )
            fields.refuse("password", words)
        }
        let current = fields.string("current_password")
        try fields.check()
        if let password {
            try await confirm(user, current)
            change.passwordHash = try await api.passwords.hash(password)
        }
        return try await apply(change, to: user, call)
    }

    /// A browser that somebody else sits at must not change the password.
    private func confirm(_ user: User, _ current: String?) async throws {
        guard user.hasPassword else { return }
        try api.limitSignIns("account \(user.email ?? user.id)")
        guard let current, try await api.passwords.verify(current, against: user.passwordHash) else {
            let words = Words(
                "A new password needs the current one, and this is not it.",
                "Para trocar a senha é preciso a atual, e não é esta."
            )
            throw Problem(.badRequest, code: "wrong_password", words, field: "current_password")
        }
    }

    private func apply(_ change: OwnChange, to user: User, _ call: Call) async throws -> HTTPResponse {
        let next = change.passwordHash != nil && call.principal.browserSession != nil ? api.signIns.makeSession(for: user.id) : nil
        if case .emailTaken = try await api.users.change(user.id, change, replacingSessionsWith: next?.session) { throw API.emailTaken }
        await api.letGo { $0.id == user.id }
        var response = HTTPResponse.json(try await api.user(call).ownJSON)
        if let next { response.headers.add("Set-Cookie", api.cookie.setting(next.cookie)) }
        return response
    }

    private func logout(_ call: Call) async throws -> HTTPResponse {
        guard let hash = call.principal.browserSession else { return HTTPResponse(status: .noContent) }
        try await api.signIns.end(hash: hash)
        await api.letGo { $0.browserSession == hash }
        return HTTPResponse(status: .noContent, headers: ["Set-Cookie": api.cookie.clearing])
    }
}

extension API {
    static let emailTaken = Problem(
        .conflict,
        code: "email_taken",
        Words("Somebody has this e-mail address already.", "Alguém já usa este e-mail."),
        field: "email"
    )

    /// The caller as a user. A key that acts as nobody has no account to look at or change.
    func user(_ call: Call) async throws -> User {
        guard let user = try await users.find(call.principal.id) else {
            let words = Words(
                "This key acts as itself, not as a user. Make one with batuta key create NAME --user EMAIL.",
                "Esta chave age por si, não por uma pessoa. Crie outra com batuta key create NOME --user EMAIL."
            )
            throw Problem(.conflict, code: "not_a_user", words)
        }
        return user
    }

    /// A browser's cookie that another one took the place of.
    func letGo(ofCookie old: String?) async {
        guard let hash = old.map(OneTimeSecret.hash) else { return }
        await letGo { $0.browserSession == hash }
    }

    /// Forgets principals that were signed out or changed, and closes their streams.
    func letGo(_ matches: (Principal) -> Bool) async {
        authenticator.forget(matches)
        await streams.closeInvalid(authenticator, where: matches)
    }
}
