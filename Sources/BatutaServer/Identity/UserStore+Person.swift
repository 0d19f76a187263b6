public import BatutaAgents
import BatutaCore

extension UserStore {
    /// Everybody for whom schedules may begin runs.
    public var audience: ScheduleAudience {
        ScheduleAudience(
            page: { try await enabled(after: $0, limit: $1).map(\.person) },
            find: { name in try await find(named: name).flatMap { $0.isEnabled ? $0.person : nil } },
            owner: { try await firstOwner()?.person }
        )
    }

    /// What runs may know of a user; nil for a key that acts as nobody.
    public func person(_ owner: String) async throws -> Person? {
        guard owner.hasPrefix(UserID.prefix), let user = try await find(owner) else { return nil }
        return user.person
    }
}

extension User {
    fileprivate var person: Person {
        Person(
            user: [
                "id": .string(id), "email": .optional(email), "name": .optional(name), "role": .string(role.rawValue),
                "language": .optional(language),
            ],
            profile: profile
        )
    }
}
