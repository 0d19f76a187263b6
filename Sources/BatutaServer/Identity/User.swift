public import BatutaCore

/// A person.
public struct User: Sendable, Hashable {
    /// Whoever holds the machine: the socket, `batuta chat` and the sign-in link of `batuta serve` act as this user.
    public static let localID = "usr_local"

    /// `usr_…`
    public var id: String
    /// In lower case; nil for somebody who signs in by link only.
    public var email: String?
    public var name: String?
    public var role: Role
    /// What texts are shown in: `pt-BR` or `en`; nil leaves it to the browser.
    public var language: String?
    /// `light` or `dark`; nil leaves it to the browser.
    public var theme: String?
    /// The fields of the project's `profile` that the user has set.
    public var profile: JSONObject
    /// Argon2id, in its encoded form.
    var passwordHash: String?
    public var createdAt: Timestamp
    public var lastSeenAt: Timestamp?
    public var disabledAt: Timestamp?

    public var isEnabled: Bool { disabledAt == nil }
    public var hasPassword: Bool { passwordHash != nil }

    /// What the user sees of itself.
    var ownJSON: JSON {
        [
            "id": .string(id), "email": .optional(email), "name": .optional(name), "role": .string(role.rawValue),
            "language": .optional(language), "theme": .optional(theme), "has_password": .bool(hasPassword),
            "created_at": .string(createdAt.rfc3339),
        ]
    }

    /// What admins see of it.
    var json: JSON {
        [
            "id": .string(id), "email": .optional(email), "name": .optional(name), "role": .string(role.rawValue),
            "created_at": .string(createdAt.rfc3339), "last_seen_at": .optional(lastSeenAt?.rfc3339), "disabled": .bool(!isEnabled),
            "has_password": .bool(hasPassword),
        ]
    }
}

extension JSON {
    /// The text, or null.
    static func optional(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }
}
