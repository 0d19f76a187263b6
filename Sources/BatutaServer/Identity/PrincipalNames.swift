import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaStorage

/// What belongs to somebody, and can say what people call its owner.
protocol Owned {
    var owner: String { get }
    var ownerName: String? { get set }
}

extension Session: Owned {}
extension Run: Owned {}
extension Approval: Owned {}

extension API {
    /// The same with what people call their owners. What is the caller's own needs no name, so a list of nothing else asks nobody.
    func named<Thing: Owned>(_ things: [Thing], for caller: Principal) async throws -> [Thing] {
        things.named(try await names(of: things.owners(besides: caller)), for: caller)
    }

    /// Also with what people call whoever decided them, and with what their tools do.
    func named(_ approvals: [Approval], for caller: Principal) async throws -> [Approval] {
        let names = try await names(of: approvals.owners(besides: caller).union(approvals.compactMap(\.by)))
        return await engine.described(approvals).named(names, for: caller).map { approval in
            var approval = approval
            approval.byName = approval.by.flatMap { names[$0] }
            return approval
        }
    }

    func named<Thing: Owned>(_ thing: Thing, for caller: Principal) async throws -> Thing {
        try await named([thing], for: caller).first ?? thing
    }

    /// The principal that somebody means by an identifier, or by a person's e-mail address; nil when there is none.
    func principal(named text: String) async throws -> String? {
        if let key = KeyID(text) { return try await keys.find(id: key)?.id.rawValue }
        return try await users.find(named: text)?.id
    }

    /// A person's name or else e-mail address, a key's name. Whoever holds the machine has none here.
    func names(of principals: Set<String>) async throws -> [String: String] {
        let people = principals.filter { $0.hasPrefix(UserID.prefix) && $0 != User.localID }
        let keys = principals.filter { $0.hasPrefix(KeyID.prefix) }
        return try await users.names(of: people).merging(try await self.keys.names(of: keys)) { first, _ in first }
    }
}

extension Sequence where Element: Owned {
    fileprivate func owners(besides caller: Principal) -> Set<String> { Set(map(\.owner)).subtracting([caller.id]) }

    fileprivate func named(_ names: [String: String], for caller: Principal) -> [Element] {
        map { thing in
            var thing = thing
            thing.ownerName = thing.owner == caller.id ? nil : names[thing.owner]
            return thing
        }
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
