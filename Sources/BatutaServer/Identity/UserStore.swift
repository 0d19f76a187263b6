public import BatutaCore
public import BatutaStorage

/// Makes, finds and changes people.
public struct UserStore: Sendable {
    let database: any Database
    let clock: any ProjectClock
    private let random: any RandomSource

    public init(database: any Database, clock: any ProjectClock, random: any RandomSource = SystemRandom()) {
        self.database = database
        self.clock = clock
        self.random = random
    }

    /// - Parameter passwordHash: From `PasswordHasher`.
    /// - Returns: nil when somebody has the address already.
    public func create(email: EmailAddress, role: Role, name: String? = nil, passwordHash: String? = nil) async throws -> User? {
        let now = clock.now()
        let user = User(
            id: UserID.make(at: now, random: random).rawValue,
            email: email.text,
            name: name,
            role: role,
            profile: [:],
            passwordHash: passwordHash,
            createdAt: now
        )
        var batch = WriteBatch(order: Self.order)
        batch.add(
            """
            INSERT INTO users (tenant_id, id, email, name, role, password, profile, created_at)
            SELECT 'default', \(user.id), \(user.email), \(name), \(role.rawValue), \(passwordHash), '{}', \(now.milliseconds)
            WHERE NOT EXISTS (SELECT 1 FROM users WHERE tenant_id = 'default' AND email = \(user.email))
            """,
            expecting: 1
        )
        return try await isCommitted(batch) ? user : nil
    }

    public func find(_ id: String) async throws -> User? {
        try await database.read { connection in
            try connection.first("SELECT \(raw: Self.columns) FROM users WHERE tenant_id = 'default' AND id = \(id)", Self.user)
        }
    }

    public func find(email: EmailAddress) async throws -> User? {
        try await database.read { connection in
            try connection.first("SELECT \(raw: Self.columns) FROM users WHERE tenant_id = 'default' AND email = \(email.text)", Self.user)
        }
    }

    /// By identifier or e-mail address, whichever the text is.
    public func find(named text: String) async throws -> User? {
        if let email = EmailAddress(text) { return try await find(email: email) }
        return try await find(text)
    }

    /// By identifier, newest first (`usr_local` comes first of all). `before` is the cursor.
    public func list(before: String? = nil, limit: Int = 100) async throws -> [User] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT \(raw: Self.columns) FROM users
                WHERE tenant_id = 'default' AND (\(before) IS NULL OR id < \(before)) ORDER BY id DESC LIMIT \(limit)
                """,
                Self.user
            )
        }
    }

    /// Who is not disabled, by identifier.
    func enabled(after id: String?, limit: Int) async throws -> [User] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT \(raw: Self.columns) FROM users WHERE tenant_id = 'default' AND disabled_at IS NULL AND id > \(id ?? "")
                ORDER BY id LIMIT \(limit)
                """,
                Self.user
            )
        }
    }

    /// Whoever holds the machine; when that is nobody any more, the first of the owners.
    func firstOwner() async throws -> User? {
        try await database.read { connection in
            try connection.first(
                """
                SELECT \(raw: Self.columns) FROM users WHERE tenant_id = 'default' AND role = 'owner' AND disabled_at IS NULL
                ORDER BY CASE WHEN id = \(User.localID) THEN 0 ELSE 1 END, id LIMIT 1
                """,
                Self.user
            )
        }
    }

    /// Whether anybody can sign in with a password.
    public func somebodyHasPassword() async throws -> Bool {
        try await database.read { connection in
            try connection.first(
                """
                SELECT 1 FROM users
                WHERE tenant_id = 'default' AND password IS NOT NULL AND email IS NOT NULL AND disabled_at IS NULL LIMIT 1
                """
            ) { _ in true } ?? false
        }
    }

    /// Writes about people go one after the other.
    static let order = "users"

    private static let columns: StaticString = """
        id, email, name, role, password, language, theme, profile, created_at, last_seen_at, disabled_at
        """

    private static func user(_ row: Row) -> User {
        User(
            id: row.text(0),
            email: row.optionalText(1),
            name: row.optionalText(2),
            role: Role(rawValue: row.text(3)) ?? .viewer,
            language: row.optionalText(5),
            theme: row.optionalText(6),
            profile: (try? JSON.parse(row.text(7)))?.object ?? [:],
            passwordHash: row.optionalText(4),
            createdAt: Timestamp(milliseconds: row.int(8)),
            lastSeenAt: row.optionalInt(9).map(Timestamp.init(milliseconds:)),
            disabledAt: row.optionalInt(10).map(Timestamp.init(milliseconds:))
        )
    }
}
