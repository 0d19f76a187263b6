public import BatutaCore
import BatutaStorage

/// A browser that is signed in. The cookie itself is known to the browser only.
struct BrowserSession: Sendable, Hashable {
    /// Of the cookie's value.
    var hash: String
    var userID: String
    var createdAt: Timestamp
    var expiresAt: Timestamp

    /// Sliding: each visit begins it anew, noted at most once an hour.
    static let lifetime = Duration.seconds(30 * 86_400)
    static let extensionInterval = Duration.seconds(3_600)

    func isValid(at now: Timestamp) -> Bool { now < expiresAt }

    /// Whether it is time to begin the thirty days anew.
    func isDueForExtension(at now: Timestamp) -> Bool {
        expiresAt < now.advanced(by: Self.lifetime - Self.extensionInterval)
    }

    var insertion: SQL {
        """
        INSERT INTO browser_sessions (tenant_id, hash, user_id, created_at, expires_at)
        VALUES ('default', \(hash), \(userID), \(createdAt.milliseconds), \(expiresAt.milliseconds))
        """
    }
}

/// A way to sign in once, without a password.
public struct SignInLink: Sendable {
    /// What stands in the address; known to its reader only.
    public var token: String
    public var expiresAt: Timestamp

    static let lifetime = Duration.seconds(86_400)

    /// What follows the server's address.
    public var path: String { "/signin?token=\(token)" }
}
