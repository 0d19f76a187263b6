import BatutaCore
import BatutaHTTP

/// Talks to the token endpoint of a service (RFC 6749 §4.1.3 and §6, with PKCE, RFC 7636).
struct OAuth2Client: Sendable {
    let client: HTTPClient
    let clock: any ProjectClock

    private static let timeout = Duration.seconds(20)

    func exchange(_ code: String, verifier: String, redirect: String, _ oauth2: ConnectionDefinition.OAuth2) async throws(OAuth2Failure)
        -> ConnectedAccount
    {
        try await ask(
            oauth2,
            [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect), ("code_verifier", verifier)],
            keeping: nil
        )
    }

    /// A service may give a new token for renewing, or leave the old one in force. The account has no fields.
    func renew(_ refresh: String, _ oauth2: ConnectionDefinition.OAuth2) async throws(OAuth2Failure) -> ConnectedAccount {
        try await ask(oauth2, [("grant_type", "refresh_token"), ("refresh_token", refresh)], keeping: refresh)
    }

    private func ask(_ oauth2: ConnectionDefinition.OAuth2, _ form: [(String, String)], keeping refresh: String?)
        async throws(OAuth2Failure)
        -> ConnectedAccount
    {
        guard let address = WebAddress(oauth2.token) else { throw .noAddress }
        let who = [("client_id", oauth2.clientID)] + (oauth2.clientSecret.map { [("client_secret", $0)] } ?? [])
        var request = WebRequest(method: "POST", address: address, timeout: Self.timeout, maximumBytes: 1 << 20)
        request.headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
        request.body = Array(PercentEncoding.form(form + who).utf8)
        request.host = .trusted
        switch await WebExchange(client: client, allow: []).fetch(request) {
        case .failed(_, _, let detail): throw .unreached(detail: detail)
        case .answered(let answer): return try account(from: answer, keeping: refresh)
        }
    }

    private func account(from answer: ServiceAnswer, keeping refresh: String?) throws(OAuth2Failure) -> ConnectedAccount {
        let data = answer.data
        // Some services refuse with 200.
        let code = data?["error"]?.string
        guard (200...299).contains(answer.status), code == nil else {
            throw .refused(status: answer.status, code: code, complaint: answer.complaint)
        }
        guard let data, let token = data["access_token"]?.string, !token.isEmpty else { throw .unreadable(status: answer.status) }
        let lifetime = Self.seconds(data["expires_in"]).map { Duration.seconds($0) }
        return ConnectedAccount(
            accessToken: token,
            refreshToken: data["refresh_token"]?.string ?? refresh,
            expiresAt: lifetime.map { clock.now().advanced(by: $0) },
            lifetime: lifetime
        )
    }

    /// A number, which some services write as text.
    private static func seconds(_ value: JSON?) -> Int64? {
        let seconds: Int64? =
            switch value {
            case .number(let number): number.int64 ?? Int64(exactly: number.double.rounded())
            case .string(let text): Int64(text)
            default: nil
            }
        return seconds.flatMap { (0...(100 * 365 * 86_400)).contains($0) ? $0 : nil }
    }
}
