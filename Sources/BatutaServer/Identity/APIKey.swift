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

    public var principal: Principal { Principal(id: userID ?? id.rawValue, role: role, keyID: id.rawValue) }

    public func isValid(at now: Timestamp) -> Bool { revokedAt == nil && (expiresAt.map { now < $0 } ?? true) }

    /// The object of API §5.
    public var json: JSON {
        [
            "id": .string(id.rawValue), "name": .string(name), "role": .string(role.rawValue),
            "created_at": .string(createdAt.rfc3339), "expires_at": expiresAt.map { .string($0.rfc3339) } ?? .null,
            "last_used_at": lastUsedAt.map { .string($0.rfc3339) } ?? .null,
        ]
    }
}

/// The secret of a key: `bat_` and 52 base32 characters, 256 random bits.
public struct APIKeySecret: Sendable {
    public let text: String

    public init(_ text: String) { self.text = text }

    public static func make(at now: Timestamp, random: any RandomSource) -> APIKeySecret {
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        var characters: [UInt8] = []
        while characters.count < 52 {
            var bits = random.next()
            for _ in 0..<12 where characters.count < 52 {
                characters.append(alphabet[Int(bits & 31)])
                bits >>= 5
            }
        }
        return APIKeySecret("bat_" + String(decoding: characters, as: UTF8.self))
    }

    /// What the store keeps. The secret has 256 random bits, so a plain hash cannot be guessed backwards.
    var hash: String { Digest.hex(Digest.sha256(Array(text.utf8))) }
}
