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
        /// What the service said when it renewed the account no more.
        var trouble: String?
        /// Until when somebody has the right to renew it, by the database's clock; the beginning of time: nobody has.
        var renewingUntil: Timestamp
        var updatedAt: Timestamp
    }

    // MARK: Accounts

    static let order = "connections"

    /// An account as it lies in the store.
    struct SealedRow: Sendable {
        var sealed: [UInt8]
        /// Its account is still empty.
        var row: Row
    }

    /// nil when there is none, or its key is gone.
    func find(_ name: String, owner: String) async throws -> Row? {
        guard let found = try await sealedRow(name, owner) else { return nil }
        return try await opened(found, name, owner)
    }

    /// Decides by what is there, and writes only while that is still so: nobody's change is lost under another's.
    ///
    /// - Parameters:
    ///   - isGrant: Whether the tokens are new, which ends any trouble and any renewal under way.
    ///   - edit: Changes the account, an empty one where there is none that can be read; false leaves everything as it is.
    func change(_ name: String, owner: String, isGrant: Bool = false, _ edit: (inout ConnectedAccount) -> Bool) async throws {
        for _ in 0..<Self.mostAttempts {
            let found = try await sealedRow(name, owner)
            var account = ConnectedAccount()
            if let found, let row = try await opened(found, name, owner) { account = row.account }
            guard edit(&account) else { return }
            let sealed = try await makeEnvelope().seal(account.json.text, as: Self.label(name, owner))
            var batch = WriteBatch(order: Self.order)
            batch.add(writing(sealed, name, owner, over: found?.row.version, isGrant: isGrant), expecting: 1)
            if case .committed = try await database.write(batch) { return }
        }
        throw StorageError(.busy, "the account is being changed by others; try again in a moment")
    }

    /// Changes that others may get in the way of before this one is given up.
    private static let mostAttempts = 100

    private func writing(_ sealed: [UInt8], _ name: String, _ owner: String, over version: Int64?, isGrant: Bool) -> SQL {
        let now = clock.now()
        guard let version else {
            return """
                INSERT INTO connected_accounts (tenant_id, name, owner, sealed, version, trouble, renewing_until, created_at, updated_at)
                VALUES ('default', \(name), \(owner), \(sealed), 1, NULL, 0, \(now), \(now)) ON CONFLICT (tenant_id, name, owner) DO NOTHING
                """
        }
        return """
            UPDATE connected_accounts SET sealed = \(sealed), version = version + 1, updated_at = \(now),
                trouble = CASE WHEN \(isGrant) = 1 THEN NULL ELSE trouble END,
                renewing_until = CASE WHEN \(isGrant) = 1 THEN 0 ELSE renewing_until END
            WHERE tenant_id = 'default' AND name = \(name) AND owner = \(owner) AND version = \(version)
            """
    }

    private func sealedRow(_ name: String, _ owner: String) async throws -> SealedRow? {
        try await database.read { connection in
            try connection.first(
                """
                SELECT sealed, version, trouble, renewing_until, updated_at FROM connected_accounts
                WHERE tenant_id = 'default' AND name = \(name) AND owner = \(owner)
                """,
                Self.sealedRow
            )
        }
    }

    static func sealedRow(_ row: BatutaStorage.Row) -> SealedRow {
        let bare = Row(
            account: ConnectedAccount(),
            version: row.int(1),
            trouble: row.optionalText(2),
            renewingUntil: Timestamp(milliseconds: row.int(3)),
            updatedAt: Timestamp(milliseconds: row.int(4))
        )
        return SealedRow(sealed: row.bytes(0), row: bare)
    }

    /// nil when its key is gone.
    func opened(_ found: SealedRow, _ name: String, _ owner: String) async throws -> Row? {
        guard let text = await envelope()?.open(found.sealed, as: Self.label(name, owner)) else { return nil }
        var row = found.row
        row.account = ConnectedAccount(try JSON.parse(text))
        return row
    }

    /// False when there was none.
    func remove(_ name: String, owner: String) async throws -> Bool {
        var batch = WriteBatch(order: Self.order)
        batch.add("DELETE FROM connected_accounts WHERE tenant_id = 'default' AND name = \(name) AND owner = \(owner)", expecting: 1)
        return try await database.write(batch).results != nil
    }

    // MARK: Sealing

    private static func label(_ name: String, _ owner: String) -> String { "connection \(name) of \(owner)" }

    /// A node that has not seen the key yet looks once.
    func envelope() async -> VaultEnvelope? {
        if let known = vault.envelope(Self.keyName) { return known }
        // What cannot be read is as if it were not there; the vault says so itself.
        _ = try? await vault.refresh()
        return vault.envelope(Self.keyName)
    }

    func makeEnvelope() async throws -> VaultEnvelope { try await vault.makeEnvelope(Self.keyName) }
}
