import BatutaCore

/// Whose runs schedules begin. People who are disabled are nobody's.
public struct ScheduleAudience: Sendable {
    /// Everybody after an identifier, in the order of identifiers.
    public var page: @Sendable (_ after: String?, _ limit: Int) async throws -> [Person]
    /// By identifier or e-mail address.
    public var find: @Sendable (_ name: String) async throws -> Person?
    /// Whoever owns what files say.
    public var owner: @Sendable () async throws -> Person?

    public init(
        page: @escaping @Sendable (_ after: String?, _ limit: Int) async throws -> [Person],
        find: @escaping @Sendable (_ name: String) async throws -> Person?,
        owner: @escaping @Sendable () async throws -> Person?
    ) {
        self.page = page
        self.find = find
        self.owner = owner
    }
}

extension Person {
    /// What rows of the person are owned by.
    var id: String { user["id"]?.string ?? "" }
}
