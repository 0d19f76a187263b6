/// What somebody may do (API §5, Roles). Each includes the ones before it.
public enum Role: String, Sendable, CaseIterable, Comparable {
    case viewer, member, builder, admin, owner

    public static func < (left: Role, right: Role) -> Bool { left.level < right.level }

    private var level: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
