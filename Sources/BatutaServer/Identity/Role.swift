/// What somebody may do (API §5, Roles). Each includes the ones before it.
public enum Role: String, Sendable, CaseIterable, Comparable {
    case viewer, member, builder, admin, owner

    public static func < (left: Role, right: Role) -> Bool { left.level < right.level }

    private var level: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// Who makes a request.
public struct Principal: Sendable, Hashable {
    /// `usr_…` or `key_…`: what rows are owned by.
    public var id: String
    public var role: Role
    /// The key that the request came with; nil for the local socket.
    public var keyID: String?

    public init(id: String, role: Role, keyID: String? = nil) {
        self.id = id
        self.role = role
        self.keyID = keyID
    }

    /// Whoever can open the store's own socket or files: the operator on this machine.
    public static let local = Principal(id: "usr_local", role: .owner)

    /// What row queries take as owner: nil sees every row.
    public var rowOwner: String? { role >= .admin ? nil : id }
}
