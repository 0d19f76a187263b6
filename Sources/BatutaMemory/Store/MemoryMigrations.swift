public import BatutaStorage

/// The tables of what is known of users.
public enum MemoryMigrations {
    public static let set = MigrationSet(
        capability: "memory",
        [
            Migration(
                1,
                "facts about users",
                [
                    """
                    CREATE TABLE memories (
                        tenant_id TEXT NOT NULL, id TEXT NOT NULL, user_id TEXT NOT NULL, namespace TEXT NOT NULL, agent TEXT, about TEXT,
                        fact TEXT NOT NULL, run_id TEXT, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, revision BIGINT NOT NULL,
                        PRIMARY KEY (tenant_id, id))
                    """,
                    "CREATE INDEX memories_of_user ON memories (tenant_id, user_id, revision)",
                    // How often a user's facts changed, and when one of them was last taken away: what a node has in memory is true up to there.
                    """
                    CREATE TABLE memory_owners (
                        tenant_id TEXT NOT NULL, user_id TEXT NOT NULL, revision BIGINT NOT NULL, dropped BIGINT NOT NULL,
                        PRIMARY KEY (tenant_id, user_id))
                    """,
                    // What people did with what is known of others.
                    """
                    CREATE TABLE memory_audit (
                        serial {serial}, tenant_id TEXT NOT NULL, at BIGINT NOT NULL, by_user TEXT NOT NULL, user_id TEXT NOT NULL,
                        action TEXT NOT NULL, memory_id TEXT)
                    """,
                ]
            ),
            Migration(
                2,
                "what was forgotten stays forgotten",
                [
                    // When a user last had everything forgotten, or what a namespace held; '' stands for all of them.
                    """
                    CREATE TABLE memory_forgettings (
                        tenant_id TEXT NOT NULL, user_id TEXT NOT NULL, namespace TEXT NOT NULL, at BIGINT NOT NULL,
                        PRIMARY KEY (tenant_id, user_id, namespace))
                    """
                ]
            ),
        ]
    )
}
