import BatutaCore
import BatutaHTTP
import BatutaStorage

/// `/signin` and `/v1/login`: how a browser gets its cookie.
struct SignInRoutes: Sendable {
    let api: API

    var endpoints: [OpenEndpoint] {
        [
            OpenEndpoint(
                method: .get,
                path: "/signin",
                summary: "Sign in by a link that works once: to / with the cookie, or to /login?reason=link_used",
                query: ["token"],
                handler: followLink
            ),
            OpenEndpoint(
                method: .post,
                path: "/v1/login",
                summary: "Sign in with e-mail and password: the cookie",
                handler: login
            ),
        ]
    }

    /// Programs that look at links before a person follows them often ask with HEAD: that uses nothing up.
    private func followLink(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard request.method == .get else { return Self.redirect(to: "/login", cookie: nil) }
        let token = request.query["token"] ?? ""
        let old = request.cookie(SessionCookie.name)
        guard token.utf8.count <= 200, let cookie = try await api.signIns.signIn(token: token, replacing: old) else {
            return Self.redirect(to: "/login?reason=link_used", cookie: nil)
        }
        await api.letGo(ofCookie: old)
        return Self.redirect(to: "/", cookie: api.cookie.setting(cookie))
    }

    private func login(_ request: HTTPRequest) async throws -> HTTPResponse {
        try api.origins.refuseForeignPage(request)
        var fields = try Fields(try await request.body.collect(upTo: 16_384), known: ["email", "password"])
        let (address, password) = (fields.requiredString("email"), fields.requiredString("password"))
        try fields.check()
        try api.limitSignIns("address \(ClientAddress.of(request, isBehindProxy: api.origins.publicURL != nil))")
        try api.limitSignIns("account \(address.lowercased().prefix(254))")
        guard let user = try await known(address, password) else {
            let words = Words(
                "No account has this e-mail address and this password.",
                "Nenhuma conta tem este e-mail com esta senha."
            )
            throw Problem(.unauthorized, code: "wrong_credentials", words)
        }
        let old = request.cookie(SessionCookie.name)
        let cookie = try await api.signIns.signIn(user.id, replacing: old)
        await api.letGo(ofCookie: old)
        try await api.users.touch(user.id)
        var response = HTTPResponse.json(user.ownJSON)
        response.headers.add("Set-Cookie", api.cookie.setting(cookie))
        response.headers.add("Cache-Control", "no-store")
        return response
    }

    /// The user whose password it is. Somebody unknown costs as much time as somebody known.
    private func known(_ address: String, _ password: String) async throws -> User? {
        var user: User?
        if let email = EmailAddress(address) { user = try await api.users.find(email: email) }
        let isRight = try await api.passwords.verify(password, against: user?.passwordHash)
        guard isRight, let user, user.isEnabled else { return nil }
        return user
    }

    /// The address that was left holds a secret: it goes into no cache and no `Referer`.
    private static func redirect(to place: String, cookie: String?) -> HTTPResponse {
        var headers: HTTPHeaders = ["Location": place, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"]
        if let cookie { headers.add("Set-Cookie", cookie) }
        return HTTPResponse(status: .seeOther, headers: headers)
    }
}

extension API {
    func limitSignIns(_ whose: String) throws {
        guard let wait = signInLimiter.take(whose) else { return }
        let seconds = Int(wait.components.seconds) + 1
        let words = Words("Too many attempts; try again in \(seconds) s.", "Tentativas demais; tente de novo em \(seconds) s.")
        throw Problem(.tooManyRequests, code: "rate_limited", words, retryAfter: seconds)
    }
}
