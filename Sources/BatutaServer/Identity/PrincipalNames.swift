import BatutaCore
import BatutaRuns
import BatutaStorage

extension API {
    /// The approvals with what people call whoever decided them.
    func named(_ approvals: [Approval]) async throws -> [Approval] {
        let names = try await names(of: Set(approvals.compactMap(\.by)))
        return approvals.map { approval in
            var approval = approval
            approval.byName = approval.by.flatMap { names[$0] }
            return approval
        }
    }

    /// A person's name or else e-mail address, a key's name. Whoever holds the machine has none here.
    private func names(of principals: Set<String>) async throws -> [String: String] {
        let people = principals.filter { $0.hasPrefix(UserID.prefix) && $0 != User.localID }
        let keys = principals.filter { $0.hasPrefix(KeyID.prefix) }
        return try await users.names(of: people).merging(try await self.keys.names(of: keys)) { first, _ in first }
    }
}

extension UserStore {
    /// Asks the store once, and not for nobody.
    fileprivate func names(of ids: Set<String>) async throws -> [String: String] {
        guard !ids.isEmpty else { return [:] }
        let binds = ids.sorted().map(Bind.text)
        let rows = try await database.read { connection in
            try connection.rows(
                "SELECT id, COALESCE(name, email) FROM users WHERE tenant_id = 'default' AND id IN (\(list: binds))"
            ) { ($0.text(0), $0.optionalText(1)) }
        }
        return Dictionary(rows.compactMap { id, name in name.map { (id, $0) } }) { first, _ in first }
    }
}

extension KeyStore {
    /// Also of keys that were revoked since.
    fileprivate func names(of ids: Set<String>) async throws -> [String: String] {
        guard !ids.isEmpty else { return [:] }
        let binds = ids.sorted().map(Bind.text)
        let rows = try await database.read { connection in
            try connection.rows("SELECT id, name FROM api_keys WHERE tenant_id = 'default' AND id IN (\(list: binds))") {
                ($0.text(0), $0.text(1))
            }
        }
        return Dictionary(rows) { first, _ in first }
    }
}
