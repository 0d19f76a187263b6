public import BatutaCore
public import BatutaStorage

/// Keeps the model that an admin connected, together with its key in the vault.
public struct ModelConnectionStore: Sendable {
    private let database: any Database
    private let clock: any ProjectClock

    public init(database: any Database, clock: any ProjectClock) {
        self.database = database
        self.clock = clock
    }

    public static let migrations = MigrationSet(
        capability: "models",
        [
            Migration(
                1,
                "the connected model",
                [
                    """
                    CREATE TABLE model_connections (
                        tenant_id TEXT NOT NULL, provider TEXT NOT NULL, model TEXT, base_url TEXT, key_name TEXT, at BIGINT NOT NULL,
                        PRIMARY KEY (tenant_id))
                    """
                ]
            )
        ]
    )

    public func find() async throws -> ModelConnection? {
        try await database.read { connection in
            try connection.first("SELECT provider, model, base_url, key_name FROM model_connections WHERE tenant_id = 'default'") { row in
                ModelConnection(
                    provider: row.text(0),
                    model: row.optionalText(1),
                    baseURL: row.optionalText(2),
                    keyName: row.optionalText(3)
                )
            }
        }
    }

    /// Makes a connection the one in force, its key with it, in one commit. The key of the connection before goes unless it is this one's too.
    ///
    /// - Parameter key: A new key, for the connection's `keyName`.
    public func save(_ connection: ModelConnection, key: String?, in vault: Vault) async throws {
        var batch = WriteBatch(order: "vault")
        if let stale = try await find()?.keyName, stale != connection.keyName { vault.remove(stale, in: &batch) }
        if let key, let name = connection.keyName { try vault.add(name, key, to: &batch) }
        batch.add(
            """
            INSERT INTO model_connections (tenant_id, provider, model, base_url, key_name, at)
            VALUES ('default', \(connection.provider), \(connection.model), \(connection.baseURL), \(connection.keyName), \(clock.now()))
            ON CONFLICT (tenant_id) DO UPDATE SET provider = excluded.provider, model = excluded.model, base_url = excluded.base_url,
                key_name = excluded.key_name, at = excluded.at
            """
        )
        try await commit(batch, vault)
    }

    /// Takes the connection back, and the key that came with it.
    public func remove(from vault: Vault) async throws {
        var batch = WriteBatch(order: "vault")
        if let name = try await find()?.keyName { vault.remove(name, in: &batch) }
        batch.add("DELETE FROM model_connections WHERE tenant_id = 'default'")
        try await commit(batch, vault)
    }

    private func commit(_ batch: WriteBatch, _ vault: Vault) async throws {
        guard case .committed = try await database.write(batch) else { throw Vault.changedMeanwhile }
        try await vault.refresh()
    }
}
