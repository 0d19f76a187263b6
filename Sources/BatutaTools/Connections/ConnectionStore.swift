public import BatutaCore
public import BatutaStorage

/// The tables of connected accounts. What is secret in them is sealed under a key that lies in the vault.
public struct ConnectionStore: Sendable {
    /// The vault's value under which accounts are sealed.
    static let keyName = "BATUTA_CONNECTIONS_KEY"

    let database: any Database
    let vault: Vault
    let clock: any ProjectClock

    public init(database: any Database, vault: Vault, clock: any ProjectClock) {
        self.database = database
        self.vault = vault
        self.clock = clock
    }

    public static let migrations = MigrationSet(
        capability: "connections",
        [
            Migration(
                1,
                "accounts and the way to them",
                [
                    """
                    CREATE TABLE connected_accounts (
                        tenant_id TEXT NOT NULL, name TEXT NOT NULL, owner TEXT NOT NULL, sealed {bytes} NOT NULL, version BIGINT NOT NULL,
                        trouble TEXT, renewing_until BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
                        PRIMARY KEY (tenant_id, name, owner))
                    """,
                    """
                    CREATE TABLE connection_attempts (
                        tenant_id TEXT NOT NULL, state_hash TEXT NOT NULL, sealed {bytes} NOT NULL, expires_at BIGINT NOT NULL,
                        PRIMARY KEY (tenant_id, state_hash))
                    """,
                ]
            )
        ]
    )

    struct Row: Sendable {
        var account: ConnectedAccount
        /// Counts the changes of the account.
        var version: Int64
        /// Why it cannot be used any more, although it is there.
        var trouble: String?
        var renewingUntil: Timestamp
        var updatedAt: Timestamp
    }

    // MARK: Accounts

    /// nil when there is none, or its key is gone.
    func find(_ name: String, owner: String) async throws -> Row? {
        typealias Found = (sealed: [UInt8], row: Row)
        let found: Found? = try await database.read { connection in
            try connection.first(
                """
                SELECT sealed, version, trouble, renewing_until, updated_at FROM connected_accounts
                WHERE tenant_id = 'default' AND name = \(name) AND owner = \(owner)
                """
            ) { row in
                let bare = Row(
                    account: ConnectedAccount(),
                    version: row.int(1),
                    trouble: row.optionalText(2),
                    renewingUntil: Timestamp(milliseconds: row.int(3)),
                    updatedAt: Timestamp(milliseconds: row.int(4))
                )
                return (row.bytes(0), bare)
            }
        }
        guard let (sealed, bare) = found, let text = await envelope()?.open(sealed, as: Self.label(name, owner)) else { return nil }
        var row = bare
        row.account = ConnectedAccount(try JSON.parse(text))
        return row
    }

    /// In place of whatever was there.
    func put(_ account: ConnectedAccount, _ name: String, owner: String) async throws {
        let sealed = try await makeEnvelope().seal(account.json.text, as: Self.label(name, owner))
        let now = clock.now()
        var batch = WriteBatch(order: "connections")
        batch.add(
            """
            INSERT INTO connected_accounts (tenant_id, name, owner, sealed, version, trouble, renewing_until, created_at, updated_at)
            VALUES ('default', \(name), \(owner), \(sealed), 1, NULL, 0, \(now), \(now))
            ON CONFLICT (tenant_id, name, owner) DO UPDATE SET sealed = excluded.sealed, version = connected_accounts.version + 1,
                trouble = NULL, renewing_until = 0, updated_at = excluded.updated_at
            """
        )
        _ = try await database.write(batch)
    }

    /// False when there was none.
    func remove(_ name: String, owner: String) async throws -> Bool {
        var batch = WriteBatch(order: "connections")
        batch.add("DELETE FROM connected_accounts WHERE tenant_id = 'default' AND name = \(name) AND owner = \(owner)", expecting: 1)
        return try await database.write(batch).results != nil
    }

    // MARK: Renewing, by one node at a time

    /// How long a node may take to renew a token before another may try; longer than a request to the service takes.
    static let renewal = Duration.seconds(30)

    /// Takes the right to renew this version of an account; false when somebody else has it, or has done it.
    func beginRenewal(of row: Row, _ name: String, owner: String) async throws -> Bool {
        var batch = WriteBatch(order: "connections")
        batch.add(
            """
            UPDATE connected_accounts SET renewing_until = {clock} + \(Self.renewal.inMilliseconds)
            WHERE tenant_id = 'default' AND name = \(name) AND owner = \(owner) AND version = \(row.version) AND renewing_until <= {clock}
            """,
            expecting: 1
        )
        return try await database.write(batch).results != nil
    }

    /// What came of it. Nothing happens when the account was changed or removed meanwhile.
    func endRenewal(of row: Row, _ account: ConnectedAccount, _ name: String, owner: String) async throws {
        let sealed = try await makeEnvelope().seal(account.json.text, as: Self.label(name, owner))
        var batch = WriteBatch(order: "connections")
        batch.add(
            """
            UPDATE connected_accounts SET sealed = \(sealed), version = version + 1, trouble = NULL, renewing_until = 0, updated_at = \(clock.now())
            WHERE tenant_id = 'default' AND name = \(name) AND owner = \(owner) AND version = \(row.version)
            """
        )
        _ = try await database.write(batch)
    }

    /// - Parameter trouble: Why only a person can help; nil: another try may.
    func giveUpRenewal(of row: Row, trouble: String?, _ name: String, owner: String) async throws {
        var batch = WriteBatch(order: "connections")
        batch.add(
            """
            UPDATE connected_accounts SET version = version + 1, trouble = \(trouble), renewing_until = 0, updated_at = \(clock.now())
            WHERE tenant_id = 'default' AND name = \(name) AND owner = \(owner) AND version = \(row.version)
            """
        )
        _ = try await database.write(batch)
    }

    // MARK: Attempts

    func keep(_ attempt: ConnectionAttempt, state: String) async throws {
        let hash = ConnectionAttempt.hash(state)
        let text: JSON = [
            "name": .string(attempt.name), "owner": .string(attempt.owner), "browser": .string(attempt.browser),
            "redirect": .string(attempt.redirect), "verifier": .string(attempt.verifier),
        ]
        let sealed = try await makeEnvelope().seal(text.text, as: "attempt \(hash)")
        let now = clock.now()
        var batch = WriteBatch(order: "connections")
        batch.add("DELETE FROM connection_attempts WHERE tenant_id = 'default' AND expires_at <= \(now)")
        batch.add(
            """
            INSERT INTO connection_attempts (tenant_id, state_hash, sealed, expires_at)
            VALUES ('default', \(hash), \(sealed), \(now.advanced(by: ConnectionAttempt.lifetime)))
            """
        )
        _ = try await database.write(batch)
    }

    /// Uses an attempt up; nil when there is none (any more).
    func take(state: String) async throws -> ConnectionAttempt? {
        let hash = ConnectionAttempt.hash(state)
        var batch = WriteBatch(order: "connections")
        batch.add(
            """
            DELETE FROM connection_attempts WHERE tenant_id = 'default' AND state_hash = \(hash) AND expires_at > \(clock.now()) RETURNING sealed
            """,
            expecting: 1
        )
        guard let row = try await database.write(batch).results?.first?.returned.first,
            let text = await envelope()?.open(row.bytes(0), as: "attempt \(hash)")
        else { return nil }
        let json = try JSON.parse(text)
        func part(_ key: String) -> String { json[key]?.string ?? "" }
        return ConnectionAttempt(
            name: part("name"),
            owner: part("owner"),
            browser: part("browser"),
            redirect: part("redirect"),
            verifier: part("verifier")
        )
    }

    // MARK: Sealing

    private static func label(_ name: String, _ owner: String) -> String { "connection \(name) of \(owner)" }

    /// A node that has not seen the key yet looks once.
    private func envelope() async -> VaultEnvelope? {
        if let known = vault.envelope(Self.keyName) { return known }
        // What cannot be read is as if it were not there; the vault says so itself.
        _ = try? await vault.refresh()
        return vault.envelope(Self.keyName)
    }

    private func makeEnvelope() async throws -> VaultEnvelope { try await vault.makeEnvelope(Self.keyName) }
}
