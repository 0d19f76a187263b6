public import BatutaAgents
import BatutaCore

extension UserStore {
    /// What runs may know of a user; nil for a key that acts as nobody.
    public func person(_ owner: String) async throws -> Person? {
        guard owner.hasPrefix(UserID.prefix), let user = try await find(owner) else { return nil }
        return Person(
            user: [
                "id": .string(user.id), "email": .optional(user.email), "name": .optional(user.name), "role": .string(user.role.rawValue),
                "language": .optional(user.language),
            ],
            profile: user.profile
        )
    }
}
