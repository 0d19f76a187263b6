import BatutaHTTP

/// Who may come in: the bearer of a key, or whoever can open the store's own socket. No anonymous run.
struct Gate: Sendable {
    let api: API

    func principal(of request: HTTPRequest) async throws -> Principal {
        guard let header = request.headers["Authorization"] else {
            if request.isUnixSocket { return .local }
            throw Self.refusal("Send a key: Authorization: Bearer bat_…; make one with batuta key create NAME.")
        }
        let words = header.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else { throw Self.refusal("Authorization must be: Bearer bat_…") }
        guard let principal = try await api.authenticator.principal(secret: String(words[1])) else {
            throw Self.refusal("The key is unknown, expired or revoked.")
        }
        return principal
    }

    private static func refusal(_ detail: String) -> Problem {
        var problem = Problem(.unauthorized, code: "unauthorized", detail)
        problem.headers["WWW-Authenticate"] = "Bearer"
        return problem
    }
}
