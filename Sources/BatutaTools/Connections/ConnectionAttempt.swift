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

/// RFC 4648 §5, without padding.
enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for index in 0...group.count { text.append(alphabet[bits >> (18 - 6 * index) & 63]) }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
