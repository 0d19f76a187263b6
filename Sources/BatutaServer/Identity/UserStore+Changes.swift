import BatutaCore
import BatutaStorage

/// What admins change about a user; nil leaves it.
public struct UserChange: Sendable {
    public var role: Role?
    public var name: String?
    public var isDisabled: Bool?

    public init(role: Role? = nil, name: String? = nil, isDisabled: Bool? = nil) {
        self.role = role
        self.name = name
        self.isDisabled = isDisabled
    }
}

/// What users change about themselves.
struct OwnChange: Sendable {
    /// nil leaves it; `.some(nil)` takes it back.
    var name: String??
    var email: String??
    var language: String??
    var theme: String??
    var passwordHash: String?
}

/// What became of a change.
public enum UserChangeOutcome: Sendable {
    case changed
    /// There would be no owner left.
    case lastOwner
    case emailTaken
}

extension UserStore {
    /// Changes a user; whoever is disabled is signed out in the same commit. The rule about the last owner is part of the statement, so
    /// that two changes at once cannot pass it.
    public func change(_ id: String, _ change: UserChange) async throws -> UserChangeOutcome {
        let now = clock.now().milliseconds
        let ends = change.isDisabled == true || (change.role.map { $0 != .owner } ?? false)
        var batch = WriteBatch(order: Self.order)
        // Another node may be about to take the other owner's role.
        if ends { batch.add("SELECT id FROM users WHERE tenant_id = 'default' AND role = 'owner' ORDER BY id {locked}") }
        batch.add(
            """
            UPDATE users SET role = COALESCE(\(change.role?.rawValue), role), name = COALESCE(\(change.name), name),
                disabled_at = CASE WHEN \(change.isDisabled) = 1 THEN COALESCE(disabled_at, \(now)) WHEN \(change.isDisabled) = 0 THEN NULL ELSE disabled_at END
            WHERE tenant_id = 'default' AND id = \(id) AND (\(ends) = 0 OR role <> 'owner' OR disabled_at IS NOT NULL OR EXISTS (
                SELECT 1 FROM users WHERE tenant_id = 'default' AND role = 'owner' AND disabled_at IS NULL AND id <> \(id)))
            """,
            expecting: 1
        )
        if change.isDisabled == true { Self.addSigningOut(id, to: &batch) }
        guard case .committed = try await database.write(batch) else { return .lastOwner }
        return .changed
    }

    /// - Parameter browserSession: What replaces the user's browser sessions when the password changes.
    func change(_ id: String, _ change: OwnChange, replacingSessionsWith browserSession: BrowserSession?) async throws -> UserChangeOutcome
    {
        var batch = WriteBatch(order: Self.order)
        if let name = change.name { batch.add(Self.setting("name", to: name, of: id)) }
        if let language = change.language { batch.add(Self.setting("language", to: language, of: id)) }
        if let theme = change.theme { batch.add(Self.setting("theme", to: theme, of: id)) }
        if let email = change.email { batch.add(Self.settingEmail(to: email, of: id), expecting: 1) }
        if let hash = change.passwordHash {
            batch.add(Self.setting("password", to: hash, of: id))
            Self.addSigningOut(id, to: &batch)
            if let browserSession { batch.add(browserSession.insertion) }
        }
        guard !batch.isEmpty else { return .changed }
        return try await isCommitted(batch) ? .changed : .emailTaken
    }

    /// False when somebody else has the address, also when that came about on another node at the same moment: there the index refuses it.
    func isCommitted(_ batch: WriteBatch) async throws -> Bool {
        do throws(StorageError) {
            if case .committed = try await database.write(batch) { return true }
            return false
        } catch {
            guard error.code == .constraint else { throw error }
            return false
        }
    }

    private static func setting(_ column: StaticString, to value: String?, of id: String) -> SQL {
        "UPDATE users SET \(raw: column) = \(value) WHERE tenant_id = 'default' AND id = \(id)"
    }

    /// Affects no row when somebody else has the address.
    private static func settingEmail(to email: String?, of id: String) -> SQL {
        """
        UPDATE users SET email = \(email) WHERE tenant_id = 'default' AND id = \(id)
            AND NOT EXISTS (SELECT 1 FROM users WHERE tenant_id = 'default' AND email = \(email) AND id <> \(id))
        """
    }

    /// A new password, by whoever holds the machine.
    public func setPassword(_ hash: String, of id: String) async throws {
        _ = try await change(id, OwnChange(passwordHash: hash), replacingSessionsWith: nil)
    }

    func setProfile(_ profile: JSONObject, of id: String) async throws {
        var batch = WriteBatch(order: Self.order)
        batch.add("UPDATE users SET profile = \(JSON.object(profile).text) WHERE tenant_id = 'default' AND id = \(id)")
        _ = try await database.write(batch)
    }

    /// Notes that a user was here; called seldom, never per request.
    func touch(_ id: String) async throws {
        var batch = WriteBatch(order: Self.order)
        batch.add("UPDATE users SET last_seen_at = \(clock.now().milliseconds) WHERE tenant_id = 'default' AND id = \(id)")
        _ = try await database.write(batch)
    }

    /// Ends the user's browser sessions and takes back links that nobody used yet.
    private static func addSigningOut(_ id: String, to batch: inout WriteBatch) {
        batch.add("DELETE FROM browser_sessions WHERE tenant_id = 'default' AND user_id = \(id)")
        batch.add("DELETE FROM sign_in_links WHERE tenant_id = 'default' AND user_id = \(id)")
    }
}
