public import BatutaCore
public import BatutaStorage

/// Makes, finds and revokes API keys.
public struct KeyStore: Sendable {
    let database: any Database
    private let clock: any ProjectClock
    private let random: any RandomSource

    public init(database: any Database, clock: any ProjectClock, random: any RandomSource = SystemRandom()) {
        self.database = database
        self.clock = clock
        self.random = random
    }

    /// Makes a key; its secret is known only to the answer.
    public func create(name: String, role: Role, user: String? = nil, lifetime: Duration? = nil) async throws -> (APIKey, APIKeySecret) {
        let now = clock.now()
        let secret = APIKeySecret.make(random: random)
        let key = APIKey(
            id: KeyID.make(at: now, random: random),
            name: name,
            role: role,
            userID: user,
            createdAt: now,
            expiresAt: lifetime.map { now.advanced(by: $0) }
        )
        var batch = WriteBatch(order: key.id.rawValue)
        batch.add(
            """
            INSERT INTO api_keys (tenant_id, id, user_id, name, role, hash, created_at, expires_at)
            VALUES ('default', \(key.id.rawValue), \(user), \(name), \(role.rawValue), \(secret.hash), \(now.milliseconds),
                \(key.expiresAt?.milliseconds))
            """
        )
        _ = try await database.write(batch)
        return (key, secret)
    }

    public func find(secret: APIKeySecret) async throws -> APIKey? {
        let hash = secret.hash
        return try await database.read { connection in
            try connection.first("SELECT \(raw: Self.columns) FROM api_keys WHERE hash = \(hash)", Self.key)
        }
    }

    public func find(id: KeyID) async throws -> APIKey? {
        try await database.read { connection in
            try connection.first("SELECT \(raw: Self.columns) FROM api_keys WHERE tenant_id = 'default' AND id = \(id.rawValue)", Self.key)
        }
    }

    /// Newest first, revoked ones left out. `before` is the cursor.
    public func list(before: String? = nil, limit: Int = 100) async throws -> [APIKey] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT \(raw: Self.columns) FROM api_keys
                WHERE tenant_id = 'default' AND revoked_at IS NULL AND (\(before) IS NULL OR id < \(before)) ORDER BY id DESC LIMIT \(limit)
                """,
                Self.key
            )
        }
    }

    /// False when there is no such key, or it is revoked already.
    public func revoke(_ id: KeyID) async throws -> Bool {
        var batch = WriteBatch(order: id.rawValue)
        batch.add(
            """
            UPDATE api_keys SET revoked_at = \(clock.now().milliseconds)
            WHERE tenant_id = 'default' AND id = \(id.rawValue) AND revoked_at IS NULL
            """,
            expecting: 1
        )
        if case .committed = try await database.write(batch) { return true }
        return false
    }

    /// Notes that a key was used; called seldom, never per request.
    public func touch(_ id: KeyID) async throws {
        var batch = WriteBatch(order: id.rawValue)
        batch.add("UPDATE api_keys SET last_used_at = \(clock.now().milliseconds) WHERE tenant_id = 'default' AND id = \(id.rawValue)")
        _ = try await database.write(batch)
    }

    private static let columns: StaticString = "id, name, role, user_id, created_at, expires_at, last_used_at, revoked_at"

    private static func key(_ row: Row) -> APIKey {
        APIKey(
            id: KeyID(trusted: row.text(0)),
            name: row.text(1),
            role: Role(rawValue: row.text(2)) ?? .viewer,
            userID: row.optionalText(3),
            createdAt: Timestamp(milliseconds: row.int(4)),
            expiresAt: row.optionalInt(5).map(Timestamp.init(milliseconds:)),
            lastUsedAt: row.optionalInt(6).map(Timestamp.init(milliseconds:)),
            revokedAt: row.optionalInt(7).map(Timestamp.init(milliseconds:))
        )
    }
}
