import BatutaStorage

/// The statements of the queue. States stand in them as words, because the databases find the indexes of the states only so.
enum JobStatements {
    static let columns: StaticString = """
        id, tenant_id, user_id, queue, kind, payload, unique_key, priority, status, attempts, max_attempts, every_ms, run_at, fence, lease_owner,
        cancel_at, reason, error, created_at, started_at, ended_at
        """

    static let insert = PreparedSQL(
        """
        INSERT INTO jobs (tenant_id, id, user_id, queue, kind, payload, unique_key, priority, status, attempts, max_attempts, every_ms, run_at, fence,
            created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, {clock} + ?, 0, {clock}) ON CONFLICT DO NOTHING
        """
    )

    /// Takes the jobs of a lane that come first. Rows that another node is taking are left to it.
    static let claim = PreparedSQL(
        """
        WITH picked (picked_id) AS MATERIALIZED (
            SELECT id FROM jobs WHERE status = 'queued' AND queue = ? AND tenant_id = ? ORDER BY priority, run_at LIMIT ? {unlocked})
        UPDATE jobs SET status = 'running', fence = fence + 1, attempts = attempts + 1, lease_owner = ?, lease_until = {clock} + ?,
            started_at = {clock} FROM picked WHERE tenant_id = ? AND id = picked_id
        RETURNING id, tenant_id, user_id, queue, kind, payload, unique_key, priority, status, attempts, max_attempts, every_ms, run_at, fence,
            lease_owner, cancel_at, reason, error, created_at, started_at, ended_at
        """
    )

    /// The same within limits that hold over all nodes: so many at most, of the queue, and of the tenant in it.
    static let claimLimited = PreparedSQL(
        """
        WITH picked (picked_id) AS MATERIALIZED (
            SELECT id FROM jobs WHERE status = 'queued' AND queue = ? AND tenant_id = ? ORDER BY priority, run_at
            LIMIT (SELECT CASE WHEN MIN(room) > 0 THEN MIN(room) ELSE 0 END FROM (
                SELECT ? AS room
                UNION ALL SELECT ? - COUNT(*) FROM jobs WHERE status = 'running' AND queue = ?
                UNION ALL SELECT ? - COUNT(*) FROM jobs WHERE status = 'running' AND queue = ? AND tenant_id = ?) AS rooms) {unlocked})
        UPDATE jobs SET status = 'running', fence = fence + 1, attempts = attempts + 1, lease_owner = ?, lease_until = {clock} + ?,
            started_at = {clock} FROM picked WHERE tenant_id = ? AND id = picked_id
        RETURNING id, tenant_id, user_id, queue, kind, payload, unique_key, priority, status, attempts, max_attempts, every_ms, run_at, fence,
            lease_owner, cancel_at, reason, error, created_at, started_at, ended_at
        """
    )
    static let lockLimit = PreparedSQL("SELECT queue FROM job_limits WHERE queue = ? {locked}")
    static let addLimit = PreparedSQL("INSERT INTO job_limits (queue) VALUES (?) ON CONFLICT DO NOTHING")

    static let succeed = PreparedSQL(
        """
        UPDATE jobs SET status = 'succeeded', ended_at = {clock}, lease_owner = NULL, lease_until = NULL
        WHERE tenant_id = ? AND id = ? AND fence = ? AND status = 'running'
        """
    )

    /// The same for so many at once; names those that were this worker's.
    static let groupSize = 16
    static let succeedGroup = PreparedSQL(
        """
        UPDATE jobs SET status = 'succeeded', ended_at = {clock}, lease_owner = NULL, lease_until = NULL
        WHERE status = 'running' AND (tenant_id, id, fence) IN (VALUES (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?),
            (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?))
        RETURNING id
        """
    )

    /// Dead or cancelled.
    static let end = PreparedSQL(
        """
        UPDATE jobs SET status = ?, reason = ?, error = COALESCE(?, error), ended_at = {clock}, lease_owner = NULL, lease_until = NULL
        WHERE tenant_id = ? AND id = ? AND fence = ? AND status = 'running'
        """
    )

    /// Back among those that wait, unless somebody wants it to end.
    static let putBack = PreparedSQL(
        """
        UPDATE jobs SET status = CASE WHEN cancel_at IS NULL THEN ? ELSE 'cancelled' END, attempts = ?, run_at = {clock} + ?,
            error = COALESCE(?, error), ended_at = CASE WHEN cancel_at IS NULL THEN NULL ELSE {clock} END, lease_owner = NULL, lease_until = NULL
        WHERE tenant_id = ? AND id = ? AND fence = ? AND status = 'running'
        """
    )

    /// After the end of a job that recurs: the next of its kind.
    static let next = PreparedSQL(
        """
        INSERT INTO jobs (tenant_id, id, user_id, queue, kind, payload, unique_key, priority, status, attempts, max_attempts, every_ms, run_at, fence,
            created_at)
        SELECT tenant_id, ?, user_id, queue, kind, payload, unique_key, priority, 'scheduled', 0, max_attempts, every_ms, {clock} + every_ms, 0, {clock}
        FROM jobs WHERE tenant_id = ? AND id = ? AND fence = ? AND every_ms IS NOT NULL AND status IN ('succeeded', 'dead', 'cancelled')
        ON CONFLICT DO NOTHING
        """
    )

    static let renew = PreparedSQL(
        """
        UPDATE jobs SET lease_until = {clock} + ? WHERE status = 'running' AND lease_owner = ? RETURNING id, fence, cancel_at, tenant_id
        """
    )

    /// Whose time has come goes among those that wait for a worker.
    static let stage = PreparedSQL(
        """
        WITH due (due_tenant, due_id) AS MATERIALIZED (
            SELECT tenant_id, id FROM jobs WHERE status = 'scheduled' AND run_at <= {clock} ORDER BY run_at LIMIT 500 {unlocked})
        UPDATE jobs SET status = 'queued' FROM due WHERE tenant_id = due_tenant AND id = due_id RETURNING queue, tenant_id
        """
    )

    /// The same before its time, for the fires of a schedule that wait for runs. That it is of a state in which keys are unique stands there for
    /// the sake of the index.
    static let hurryFires = PreparedSQL(
        """
        UPDATE jobs SET status = 'queued', run_at = {clock} WHERE (tenant_id, id) IN (
            SELECT tenant_id, id FROM jobs WHERE tenant_id = 'default' AND kind = ? AND status IN ('scheduled', 'queued', 'running')
                AND status = 'scheduled' AND unique_key IN (
                    SELECT f.schedule_id || ':' || CAST(f.slot AS TEXT) FROM schedule_fires f
                    JOIN schedules s ON s.tenant_id = f.tenant_id AND s.id = f.schedule_id
                    WHERE f.tenant_id = 'default' AND s.name = ? AND f.status IN ('queued', 'waiting') AND f.status = 'waiting') {unlocked})
        """
    )

    static let cancelWaiting = PreparedSQL(
        """
        UPDATE jobs SET status = 'cancelled', cancel_at = {clock}, ended_at = {clock}
        WHERE tenant_id = ? AND id = ? AND status IN ('scheduled', 'queued') RETURNING fence
        """
    )
    static let cancelRunning = PreparedSQL(
        "UPDATE jobs SET cancel_at = COALESCE(cancel_at, {clock}) WHERE tenant_id = ? AND id = ? AND status = 'running'"
    )

    /// A job that recurs goes on by itself meanwhile: what is retried of it is done once and stands in nobody's way.
    static let retry = PreparedSQL(
        """
        UPDATE jobs SET status = 'queued', attempts = 0, run_at = {clock}, reason = NULL, cancel_at = NULL, started_at = NULL, ended_at = NULL,
            unique_key = CASE WHEN every_ms IS NULL THEN unique_key END, every_ms = NULL
        WHERE tenant_id = ? AND id = ? AND status IN ('dead', 'cancelled')
        """
    )

    /// What is wanted of a node that looks around.
    static let wishes = PreparedSQL("SELECT id, fence FROM jobs WHERE status = 'running' AND lease_owner = ? AND cancel_at IS NOT NULL")

    /// Tenants that have work in a queue, each by one step in the index.
    static let tenants = PreparedSQL(
        """
        WITH RECURSIVE found (tenant) AS (
            SELECT MIN(tenant_id) FROM jobs WHERE status = 'queued' AND queue = ?
            UNION ALL
            SELECT (SELECT MIN(tenant_id) FROM jobs WHERE status = 'queued' AND queue = ? AND tenant_id > found.tenant) FROM found
            WHERE found.tenant IS NOT NULL)
        SELECT tenant FROM found WHERE tenant IS NOT NULL
        """
    )

    /// Milliseconds until the next job's time comes.
    static let due = PreparedSQL("SELECT MIN(run_at) - {clock} FROM jobs WHERE status = 'scheduled'")

    /// Milliseconds until the next lease of another process is over.
    static let expiry = PreparedSQL("SELECT MIN(lease_until) - {clock} FROM jobs WHERE status = 'running' AND lease_owner <> ?")

    /// Jobs whose worker is gone: its lease is over, or it is another than the only one.
    static let orphans = PreparedSQL(
        """
        SELECT id, tenant_id, user_id, queue, kind, payload, unique_key, priority, status, attempts, max_attempts, every_ms, run_at, fence,
            lease_owner, cancel_at, reason, error, created_at, started_at, ended_at
        FROM jobs WHERE status = 'running' AND (lease_until < {clock} OR (? = 1 AND lease_owner <> ?)) LIMIT 100
        """
    )
    static let takeOver = PreparedSQL(
        """
        UPDATE jobs SET status = ?, reason = ?, error = COALESCE(?, error), run_at = {clock}, ended_at = CASE WHEN ? = 1 THEN {clock} END,
            lease_owner = NULL, lease_until = NULL
        WHERE tenant_id = ? AND id = ? AND fence = ? AND status = 'running' AND (lease_until < {clock} OR (? = 1 AND lease_owner <> ?))
        """
    )

    static let pruneSucceeded = PreparedSQL(
        """
        DELETE FROM jobs WHERE (tenant_id, id) IN (
            SELECT tenant_id, id FROM jobs WHERE status = 'succeeded' AND ended_at < {clock} - ? ORDER BY ended_at LIMIT ? {unlocked})
        """
    )
    static let pruneCancelled = PreparedSQL(
        """
        DELETE FROM jobs WHERE (tenant_id, id) IN (
            SELECT tenant_id, id FROM jobs WHERE status = 'cancelled' AND ended_at < {clock} - ? LIMIT ? {unlocked})
        """
    )
    static let pruneDead = PreparedSQL(
        """
        DELETE FROM jobs WHERE (tenant_id, id) IN (
            SELECT tenant_id, id FROM jobs WHERE status = 'dead' AND ended_at < {clock} - ? LIMIT ? {unlocked})
        """
    )
}
