import BatutaCore
import BatutaHTTP

/// Who may come in: the bearer of a key, a browser that is signed in, or whoever can open the store's own socket. No anonymous run.
struct Gate: Sendable {
    let api: API

    func principal(of request: HTTPRequest) async throws -> Principal { try await admission(of: request).principal }

    func admission(of request: HTTPRequest) async throws -> Admission {
        if let header = request.headers["Authorization"] { return Admission(principal: try await bearer(header)) }
        if request.isUnixSocket { return Admission(principal: .local) }
        guard let cookie = request.cookie(SessionCookie.name) else {
            let words = Words(
                "Sign in, or send a key: Authorization: Bearer bat_…; make one with batuta key create NAME.",
                "Entre, ou envie uma chave: Authorization: Bearer bat_…; crie uma com batuta key create NOME."
            )
            throw Self.refusal(words)
        }
        guard let admission = try await api.authenticator.admission(cookie: cookie) else {
            throw Self.refusal(Words("You are no longer signed in; sign in again.", "Sua sessão terminou; entre de novo."))
        }
        try api.origins.refuseForgery(request)
        return admission
    }

    private func bearer(_ header: String) async throws -> Principal {
        let words = header.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else {
            throw Self.refusal(Words("Authorization must be: Bearer bat_…", "Authorization precisa ser: Bearer bat_…"))
        }
        guard let principal = try await api.authenticator.principal(secret: String(words[1])) else {
            throw Self.refusal(Words("The key is unknown, expired or revoked.", "A chave é desconhecida, venceu ou foi revogada."))
        }
        return principal
    }

    private static func refusal(_ detail: Words) -> Problem {
        var problem = Problem(.unauthorized, code: "unauthorized", detail)
        problem.headers["WWW-Authenticate"] = "Bearer"
        return problem
    }
}
