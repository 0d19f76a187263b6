import BatutaCore

extension API {
    /// The role of whoever owns rows under this name, a key's own or a user's; nil when there is nobody of that name.
    func role(of owner: String) async throws -> Role? {
        if let key = KeyID(owner) { return try await keys.find(id: key)?.role }
        return try await users.find(owner)?.role
    }
}
