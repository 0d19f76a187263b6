/// Who makes a request.
public struct Principal: Sendable, Hashable {
    /// `usr_…` or `key_…`: what rows are owned by.
    public var id: String
    public var role: Role
    /// The key that the request came with.
    public var keyID: String?
    /// The hash of the cookie that the request came with.
    public var browserSession: String?
    /// `pt-BR` or `en`, when the user has chosen one.
    public var language: String?

    public init(id: String, role: Role, keyID: String? = nil, browserSession: String? = nil, language: String? = nil) {
        self.id = id
        self.role = role
        self.keyID = keyID
        self.browserSession = browserSession
        self.language = language
    }

    /// Whoever can open the store's own socket or files: the operator on this machine.
    public static let local = Principal(id: User.localID, role: .owner)

    /// Whether nothing but the socket vouches for it.
    var holdsTheMachine: Bool { keyID == nil && browserSession == nil }

    /// What row queries take as owner: nil sees every row.
    public var rowOwner: String? { role >= .admin ? nil : id }
}
