public import BatutaStorage

/// The tables of people, of what they sign in with, of keys, and of answers that were given to `Idempotency-Key`s.
public enum IdentityMigrations {
    public static let set = MigrationSet(
        capability: "identity",
        [
            Migration(1, "keys, idempotency", [keys, keysByHash, answers]),
            Migration(2, "people", [users, usersByEmail, localUser, browserSessions, browserSessionsByUser, signInLinks]),
            Migration(3, "answers that tell of a session go with it", [sessionOfAnswer, answersOfSession]),
        ]
    )

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

    private static let sessionOfAnswer: StaticString = "ALTER TABLE idempotent_answers ADD COLUMN session_id TEXT"
    private static let answersOfSession: StaticString = """
        CREATE INDEX answers_of_session ON idempotent_answers (tenant_id, session_id) WHERE session_id IS NOT NULL
        """

    /// `email` is in lower case; `profile` is a JSON object of the project's own fields.
    private static let users: StaticString = """
        CREATE TABLE users (
            tenant_id TEXT NOT NULL, id TEXT NOT NULL, email TEXT, name TEXT, role TEXT NOT NULL, password TEXT, language TEXT, theme TEXT,
            profile TEXT NOT NULL, created_at BIGINT NOT NULL, last_seen_at BIGINT, disabled_at BIGINT,
            PRIMARY KEY (tenant_id, id))
        """
    private static let usersByEmail: StaticString = "CREATE UNIQUE INDEX users_by_email ON users (tenant_id, email)"
    /// Whoever holds the machine. Here with the table, so that there is no moment without an owner; its age is the store's.
    private static let localUser: StaticString = """
        INSERT INTO users (tenant_id, id, role, profile, created_at)
        SELECT 'default', 'usr_local', 'owner', '{}', COALESCE(MIN(at), 0) FROM schema_migrations
        """
    private static let browserSessions: StaticString = """
        CREATE TABLE browser_sessions (
            tenant_id TEXT NOT NULL, hash TEXT NOT NULL, user_id TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
            PRIMARY KEY (tenant_id, hash))
        """
    private static let browserSessionsByUser: StaticString = """
        CREATE INDEX browser_sessions_by_user ON browser_sessions (tenant_id, user_id)
        """
    private static let signInLinks: StaticString = """
        CREATE TABLE sign_in_links (
            tenant_id TEXT NOT NULL, hash TEXT NOT NULL, user_id TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
            PRIMARY KEY (tenant_id, hash))
        """
}
