import BatutaCore
import BatutaHTTP

/// Talks to the token endpoint of a service (RFC 6749 §4.1.3 and §6, with PKCE, RFC 7636).
struct OAuth2Client: Sendable {
    let client: HTTPClient
    let clock: any ProjectClock

    /// Why there is no token.
    struct Failure: Error, Sendable, Hashable {
        var words: String
        /// Asking again later may help; otherwise a person has to connect again.
        var isPassing: Bool
    }

    private static let timeout = Duration.seconds(20)

    func exchange(_ code: String, verifier: String, redirect: String, _ oauth2: ConnectionDefinition.OAuth2) async throws(Failure)
        -> ConnectedAccount
    {
        try await ask(
            oauth2,
            [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect), ("code_verifier", verifier)],
            keeping: nil
        )
    }

    /// A service may give a new token for renewing, or leave the old one in force.
    func renew(_ account: ConnectedAccount, _ oauth2: ConnectionDefinition.OAuth2) async throws(Failure) -> ConnectedAccount {
        guard let refresh = account.refreshToken else { throw Failure(words: "there is nothing to renew it with", isPassing: false) }
        var renewed = try await ask(oauth2, [("grant_type", "refresh_token"), ("refresh_token", refresh)], keeping: refresh)
        renewed.fields = account.fields
        return renewed
    }

    private func ask(_ oauth2: ConnectionDefinition.OAuth2, _ form: [(String, String)], keeping refresh: String?) async throws(Failure)
        -> ConnectedAccount
    {
        guard let address = WebAddress(oauth2.token) else { throw Failure(words: "`token` is no address", isPassing: false) }
        let who = [("client_id", oauth2.clientID)] + (oauth2.clientSecret.map { [("client_secret", $0)] } ?? [])
        var request = WebRequest(method: "POST", address: address, timeout: Self.timeout, maximumBytes: 1 << 20)
        request.headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
        request.body = Array(PercentEncoding.form(form + who).utf8)
        request.host = .trusted
        switch await WebExchange(client: client, allow: []).fetch(request) {
        case .failed(_, _, let words): throw Failure(words: words, isPassing: true)
        case .answered(let answer): return try account(from: answer, host: address.origin.host, keeping: refresh)
        }
    }

    private func account(from answer: ServiceAnswer, host: String, keeping refresh: String?) throws(Failure) -> ConnectedAccount {
        guard (200...299).contains(answer.status) else {
            let passing = answer.status == 429 || answer.status >= 500
            throw Failure(words: "\(host) answered \(answer.status): \(answer.complaint)", isPassing: passing)
        }
        guard let data = answer.data, let token = data["access_token"]?.string, !token.isEmpty else {
            throw Failure(words: "\(host) answered without an access_token", isPassing: false)
        }
        var expiry: Timestamp?
        if let seconds = Self.seconds(data["expires_in"]) { expiry = clock.now().advanced(by: .seconds(seconds)) }
        return ConnectedAccount(accessToken: token, refreshToken: data["refresh_token"]?.string ?? refresh, expiresAt: expiry)
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
