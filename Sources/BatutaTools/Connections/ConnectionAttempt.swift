import BatutaCore
import BatutaStorage

/// Somebody on the way to a service's page, until they come back: bound to their browser session, for ten minutes, once (RFC 6749 §10.12).
struct ConnectionAttempt: Sendable {
    static let lifetime = Duration.seconds(600)

    var name: String
    var owner: String
    /// The hash of the cookie with which it was begun.
    var browser: String
    var redirect: String
    /// PKCE: who comes back with the code must know it.
    var verifier: String

    /// What goes into the address, and lies hashed in the store.
    struct Secrets {
        var state: String
        var verifier: String

        /// 256 bits each, as base64url: 43 characters, which is what PKCE wants.
        init(_ random: any RandomSource) {
            state = Self.text(random)
            verifier = Self.text(random)
        }

        private static func text(_ random: any RandomSource) -> String {
            let bytes = (0..<4).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
            return Base64URL.encode(bytes)
        }
    }

    static func hash(_ state: String) -> String { Digest.hex(Digest.sha256(Array(state.utf8))) }

    /// `code_challenge` of the method S256.
    static func challenge(_ verifier: String) -> String { Base64URL.encode(Digest.sha256(Array(verifier.utf8))) }

    /// Where the browser is sent.
    static func address(_ oauth2: ConnectionDefinition.OAuth2, _ secrets: Secrets, redirect: String) -> String {
        var query = [
            ("response_type", "code"), ("client_id", oauth2.clientID), ("redirect_uri", redirect), ("state", secrets.state),
            ("code_challenge", challenge(secrets.verifier)), ("code_challenge_method", "S256"),
        ]
        if !oauth2.scopes.isEmpty { query.append(("scope", oauth2.scopes.joined(separator: " "))) }
        return oauth2.authorize + (oauth2.authorize.contains("?") ? "&" : "?") + PercentEncoding.query(query)
    }
}
