public import BatutaStorage

/// The tables of the queue.
public enum QueueMigrations {
    public static let set = MigrationSet(
        capability: "queue",
        [Migration(1, "jobs", [jobs, unique, ready, scheduled, running, succeeded, dead, cancelled, limits])]
    )

    private static let jobs: StaticString = """
        CREATE TABLE jobs (tenant_id TEXT NOT NULL, id TEXT NOT NULL, user_id TEXT, queue TEXT NOT NULL, kind TEXT NOT NULL,
            payload TEXT NOT NULL, unique_key TEXT, priority BIGINT NOT NULL, status TEXT NOT NULL, attempts BIGINT NOT NULL,
            max_attempts BIGINT NOT NULL, every_ms BIGINT, run_at BIGINT NOT NULL, fence BIGINT NOT NULL, lease_owner TEXT,
            lease_until BIGINT, cancel_at BIGINT, reason TEXT, error TEXT, created_at BIGINT NOT NULL, started_at BIGINT,
            ended_at BIGINT, PRIMARY KEY (tenant_id, id))
        """
    private static let unique: StaticString = """
        CREATE UNIQUE INDEX jobs_unique ON jobs (tenant_id, kind, unique_key)
        WHERE unique_key IS NOT NULL AND status IN ('scheduled', 'queued', 'running')
        """
    // Each state has an index of its own, so that what ended long ago costs the others nothing.
    private static let ready: StaticString = """
        CREATE INDEX jobs_ready ON jobs (queue, tenant_id, priority, run_at) WHERE status = 'queued'
        """
    private static let scheduled: StaticString = "CREATE INDEX jobs_scheduled ON jobs (run_at) WHERE status = 'scheduled'"
    private static let running: StaticString = "CREATE INDEX jobs_running ON jobs (queue, tenant_id) WHERE status = 'running'"
    private static let succeeded: StaticString = "CREATE INDEX jobs_succeeded ON jobs (ended_at) WHERE status = 'succeeded'"
    private static let dead: StaticString = "CREATE INDEX jobs_dead ON jobs (tenant_id, id) WHERE status = 'dead'"
    private static let cancelled: StaticString = "CREATE INDEX jobs_cancelled ON jobs (tenant_id, id) WHERE status = 'cancelled'"
    /// A row per queue that is limited over all nodes: who counts what runs in it holds the row meanwhile.
    private static let limits: StaticString = "CREATE TABLE job_limits (queue TEXT NOT NULL PRIMARY KEY)"
}
