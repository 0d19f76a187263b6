public import BatutaCore

/// What runs may know of whoever owns them.
public struct Person: Sendable {
    /// `user` in expressions.
    public var user: JSON
    /// The project's fields about the person, as they are stored.
    public var profile: JSONObject

    public init(user: JSON, profile: JSONObject) {
        self.user = user
        self.profile = profile
    }

    /// Finds a person by what rows are owned by; nil for a key that acts as nobody.
    public typealias Source = @Sendable (_ owner: String) async throws -> Person?
}
