public import BatutaStorage

/// The tables of schedules: where each stands, what fired, and for whom.
public enum ScheduleMigrations {
    public static let set = MigrationSet(
        capability: "schedules",
        [Migration(1, "schedules and their fires", [schedules, names, fires, open, old, runs, waiting])]
    )

    private static let schedules: StaticString = """
        CREATE TABLE schedules (tenant_id TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, timetable TEXT NOT NULL,
            enabled BIGINT NOT NULL, anchor BIGINT NOT NULL, position BIGINT NOT NULL, gone_at BIGINT, created_at BIGINT NOT NULL,
            PRIMARY KEY (tenant_id, id))
        """
    private static let names: StaticString = "CREATE UNIQUE INDEX schedules_by_name ON schedules (tenant_id, name)"
    /// A row is the claim of a slot: there is one, whoever looked at the clock.
    private static let fires: StaticString = """
        CREATE TABLE schedule_fires (tenant_id TEXT NOT NULL, schedule_id TEXT NOT NULL, slot BIGINT NOT NULL, status TEXT NOT NULL,
            fired_at BIGINT NOT NULL, by_user TEXT, error TEXT, PRIMARY KEY (tenant_id, schedule_id, slot))
        """
    private static let open: StaticString = """
        CREATE INDEX schedule_fires_open ON schedule_fires (tenant_id, schedule_id, slot) WHERE status IN ('queued', 'waiting')
        """
    private static let old: StaticString = "CREATE INDEX schedule_fires_by_time ON schedule_fires (fired_at)"
    /// What a slot came to for one user. A run is in here with the commit that accepts it, so none is begun twice.
    private static let runs: StaticString = """
        CREATE TABLE schedule_runs (tenant_id TEXT NOT NULL, schedule_id TEXT NOT NULL, slot BIGINT NOT NULL, user_id TEXT NOT NULL,
            status TEXT NOT NULL, run_id TEXT, error TEXT, PRIMARY KEY (tenant_id, schedule_id, slot, user_id))
        """
    private static let waiting: StaticString = """
        CREATE INDEX schedule_runs_waiting ON schedule_runs (tenant_id, schedule_id, user_id, slot) WHERE status = 'waiting'
        """
}
