public import BatutaCore
public import BatutaStorage

/// Browser sessions, and the links that begin them.
public struct SignInStore: Sendable {
    private let database: any Database
    private let clock: any ProjectClock
    private let random: any RandomSource

    public init(database: any Database, clock: any ProjectClock, random: any RandomSource = SystemRandom()) {
        self.database = database
        self.clock = clock
        self.random = random
    }

    /// A session with a secret of its own, not stored yet. Every sign-in makes a new one: a cookie that was there before it never counts
    /// for more than it did.
    func makeSession(for user: String) -> (session: BrowserSession, cookie: String) {
        let now = clock.now()
        let cookie = OneTimeSecret.text(random)
        let session = BrowserSession(
            hash: OneTimeSecret.hash(cookie),
            userID: user,
            createdAt: now,
            expiresAt: now.advanced(by: BrowserSession.lifetime)
        )
        return (session, cookie)
    }

    /// Signs a browser in; gives its cookie.
    /// - Parameter old: The cookie that the browser came with; it ends.
    func signIn(_ user: String, replacing old: String?) async throws -> String {
        let (session, cookie) = makeSession(for: user)
        var batch = WriteBatch(order: UserStore.order)
        if let old { batch.add(Self.deletion(of: OneTimeSecret.hash(old))) }
        batch.add(session.insertion)
        _ = try await database.write(batch)
        return cookie
    }

    func find(cookie: String) async throws -> BrowserSession? { try await find(hash: OneTimeSecret.hash(cookie)) }

    func find(hash: String) async throws -> BrowserSession? {
        try await database.read { connection in
            try connection.first(
                "SELECT hash, user_id, created_at, expires_at FROM browser_sessions WHERE tenant_id = 'default' AND hash = \(hash)"
            ) { row in
                BrowserSession(
                    hash: row.text(0),
                    userID: row.text(1),
                    createdAt: Timestamp(milliseconds: row.int(2)),
                    expiresAt: Timestamp(milliseconds: row.int(3))
                )
            }
        }
    }

    func extend(_ session: BrowserSession) async throws {
        let expiry = clock.now().advanced(by: BrowserSession.lifetime).milliseconds
        var batch = WriteBatch(order: UserStore.order)
        batch.add("UPDATE browser_sessions SET expires_at = \(expiry) WHERE tenant_id = 'default' AND hash = \(session.hash)")
        _ = try await database.write(batch)
    }

    func end(hash: String) async throws {
        var batch = WriteBatch(order: UserStore.order)
        batch.add(Self.deletion(of: hash))
        _ = try await database.write(batch)
    }

    // MARK: Links

    public func makeLink(for user: String) async throws -> SignInLink {
        let now = clock.now()
        let link = SignInLink(token: OneTimeSecret.text(random), expiresAt: now.advanced(by: SignInLink.lifetime))
        var batch = WriteBatch(order: UserStore.order)
        batch.add(
            """
            INSERT INTO sign_in_links (tenant_id, hash, user_id, created_at, expires_at)
            VALUES ('default', \(OneTimeSecret.hash(link.token)), \(user), \(now.milliseconds), \(link.expiresAt.milliseconds))
            """
        )
        _ = try await database.write(batch)
        return link
    }

    /// Signs a browser in by a link. The link is gone in the same commit, so of two that use it at once one gets in.
    /// - Returns: The cookie; nil when the link is unknown, used or expired, or its user is disabled.
    func signIn(token: String, replacing old: String?) async throws -> String? {
        let hash = OneTimeSecret.hash(token)
        let now = clock.now().milliseconds
        let user = try await database.read { connection in
            try connection.first(
                """
                SELECT l.user_id FROM sign_in_links l JOIN users u ON u.tenant_id = l.tenant_id AND u.id = l.user_id
                WHERE l.tenant_id = 'default' AND l.hash = \(hash) AND l.expires_at > \(now) AND u.disabled_at IS NULL
                """
            ) { $0.text(0) }
        }
        guard let user else { return nil }
        let (session, cookie) = makeSession(for: user)
        var batch = WriteBatch(order: UserStore.order)
        batch.add("DELETE FROM sign_in_links WHERE tenant_id = 'default' AND hash = \(hash)", expecting: 1)
        if let old { batch.add(Self.deletion(of: OneTimeSecret.hash(old))) }
        batch.add(session.insertion)
        guard case .committed = try await database.write(batch) else { return nil }
        return cookie
    }

    /// Removes what expired.
    package func sweep() async throws {
        let now = clock.now().milliseconds
        var batch = WriteBatch(order: UserStore.order)
        batch.add("DELETE FROM browser_sessions WHERE tenant_id = 'default' AND expires_at <= \(now)")
        batch.add("DELETE FROM sign_in_links WHERE tenant_id = 'default' AND expires_at <= \(now)")
        _ = try await database.write(batch)
    }

    private static func deletion(of hash: String) -> SQL {
        "DELETE FROM browser_sessions WHERE tenant_id = 'default' AND hash = \(hash)"
    }
}
