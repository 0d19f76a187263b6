public import BatutaStorage

/// The tables of keys and of answers that were given to `Idempotency-Key`s.
public enum IdentityMigrations {
    public static let set = MigrationSet(capability: "identity", [Migration(1, "keys, idempotency", [keys, keysByHash, answers])])

    private static let keys: StaticString = """
        CREATE TABLE api_keys (
            tenant_id TEXT NOT NULL, id TEXT NOT NULL, user_id TEXT, name TEXT NOT NULL, role TEXT NOT NULL, hash TEXT NOT NULL,
            created_at BIGINT NOT NULL, expires_at BIGINT, last_used_at BIGINT, revoked_at BIGINT,
            PRIMARY KEY (tenant_id, id))
        """
    private static let keysByHash: StaticString = "CREATE UNIQUE INDEX api_keys_by_hash ON api_keys (hash)"
    private static let answers: StaticString = """
        CREATE TABLE idempotent_answers (
            tenant_id TEXT NOT NULL, principal TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, run_id TEXT,
            status INTEGER, body {bytes}, at BIGINT NOT NULL,
            PRIMARY KEY (tenant_id, principal, key))
        """
}
