public import BatutaCore
import BatutaStorage

/// A key for programs. The secret itself is shown once and never stored.
public struct APIKey: Sendable, Hashable {
    public var id: KeyID
    public var name: String
    public var role: Role
    /// The user as whom the key acts; without one it is a principal of its own.
    public var userID: String?
    public var createdAt: Timestamp
    public var expiresAt: Timestamp?
    public var lastUsedAt: Timestamp?
    public var revokedAt: Timestamp?

    /// Who the key is, once it is known as whom it acts. A key never does more than its user may.
    func principal(actingAs user: User?) -> Principal? {
        guard userID != nil else { return Principal(id: id.rawValue, role: role, keyID: id.rawValue) }
        guard let user, user.isEnabled else { return nil }
        return Principal(id: user.id, role: min(role, user.role), keyID: id.rawValue, language: user.language)
    }

    public func isValid(at now: Timestamp) -> Bool { revokedAt == nil && (expiresAt.map { now < $0 } ?? true) }

    /// The object of API §5.
    public var json: JSON {
        [
            "id": .string(id.rawValue), "name": .string(name), "role": .string(role.rawValue),
            "user": .optional(userID), "created_at": .string(createdAt.rfc3339),
            "expires_at": expiresAt.map { .string($0.rfc3339) } ?? .null,
            "last_used_at": lastUsedAt.map { .string($0.rfc3339) } ?? .null,
        ]
    }
}

/// The secret of a key: `bat_` and 52 base32 characters, 256 random bits.
public struct APIKeySecret: Sendable {
    public let text: String

    public init(_ text: String) { self.text = text }

    public static func make(random: any RandomSource) -> APIKeySecret { APIKeySecret("bat_" + OneTimeSecret.text(random)) }

    var hash: String { OneTimeSecret.hash(text) }
}

/// Secrets that are shown once and stored as their hash: keys, cookies, sign-in links.
enum OneTimeSecret {
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// 52 base32 characters, 256 random bits.
    static func text(_ random: any RandomSource) -> String {
        var characters: [UInt8] = []
        while characters.count < 52 {
            var bits = random.next()
            for _ in 0..<12 where characters.count < 52 {
                characters.append(alphabet[Int(bits & 31)])
                bits >>= 5
            }
        }
        return String(decoding: characters, as: UTF8.self)
    }

    /// What the store keeps. The secret has 256 random bits, so a plain hash cannot be guessed backwards, and a look-up by hash tells
    /// nothing by the time it takes.
    static func hash(_ text: String) -> String { Digest.hex(Digest.sha256(Array(text.utf8))) }
}
