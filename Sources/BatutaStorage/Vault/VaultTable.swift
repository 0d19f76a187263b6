import BatutaCore

/// A value of the vault as the store holds it.
struct VaultRow: Sendable, Equatable {
    var name: String
    var keyID: String
    var sealed: [UInt8]
    var createdAt: Timestamp
    var updatedAt: Timestamp
}

/// The vault's table.
enum VaultTable {
    static let migrations = MigrationSet(
        capability: "vault",
        [
            Migration(
                1,
                "secrets",
                [
                    """
                    CREATE TABLE vault_secrets (
                        tenant_id TEXT NOT NULL, name TEXT NOT NULL, key_id TEXT NOT NULL, sealed {bytes} NOT NULL,
                        created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
                        PRIMARY KEY (tenant_id, name))
                    """
                ]
            )
        ]
    )

    static func rows(_ connection: any ReadConnection) throws -> [VaultRow] {
        try connection.rows(
            "SELECT name, key_id, sealed, created_at, updated_at FROM vault_secrets WHERE tenant_id = 'default' ORDER BY name"
        ) { row in
            VaultRow(
                name: row.text(0),
                keyID: row.text(1),
                sealed: row.bytes(2),
                createdAt: Timestamp(milliseconds: row.int(3)),
                updatedAt: Timestamp(milliseconds: row.int(4))
            )
        }
    }

    /// Affects no row when another value lies under another key: the vault was rotated since this one was sealed.
    static func put(_ name: String, _ sealed: [UInt8], keyID: String, at now: Timestamp) -> SQL {
        """
        INSERT INTO vault_secrets (tenant_id, name, key_id, sealed, created_at, updated_at)
        SELECT 'default', \(name), \(keyID), \(sealed), \(now), \(now)
        WHERE NOT EXISTS (SELECT 1 FROM vault_secrets WHERE tenant_id = 'default' AND key_id <> \(keyID))
        ON CONFLICT (tenant_id, name) DO UPDATE SET
            key_id = excluded.key_id, sealed = excluded.sealed, updated_at = excluded.updated_at
        """
    }

    /// Affects no row either when the name has a value.
    static func putNew(_ name: String, _ sealed: [UInt8], keyID: String, at now: Timestamp) -> SQL {
        """
        INSERT INTO vault_secrets (tenant_id, name, key_id, sealed, created_at, updated_at)
        SELECT 'default', \(name), \(keyID), \(sealed), \(now), \(now)
        WHERE NOT EXISTS (SELECT 1 FROM vault_secrets WHERE tenant_id = 'default' AND key_id <> \(keyID))
        ON CONFLICT (tenant_id, name) DO NOTHING
        """
    }

    static func remove(_ name: String) -> SQL { "DELETE FROM vault_secrets WHERE tenant_id = 'default' AND name = \(name)" }

    /// Affects no row when the value was changed meanwhile.
    static func reseal(_ row: VaultRow, _ sealed: [UInt8], keyID: String) -> SQL {
        """
        UPDATE vault_secrets SET key_id = \(keyID), sealed = \(sealed)
        WHERE tenant_id = 'default' AND name = \(row.name) AND sealed = \(row.sealed)
        """
    }

    /// Affects every row that lies under another key.
    static func others(than keyID: String) -> SQL {
        "UPDATE vault_secrets SET key_id = key_id WHERE tenant_id = 'default' AND key_id <> \(keyID)"
    }
}
