public import BatutaStorage

/// The tables of what runs came to: their variants, ratings and numbers.
public enum ExperimentMigrations {
    public static let set = MigrationSet(
        capability: "experiments",
        [
            Migration(
                1,
                "what runs of each variant came to",
                [
                    // One row for each prompt with variants that a run had, written with its end.
                    """
                    CREATE TABLE experiment_runs (
                        tenant_id TEXT NOT NULL, prompt TEXT NOT NULL, variant TEXT NOT NULL, run_id TEXT NOT NULL, session_id TEXT NOT NULL,
                        user_id TEXT NOT NULL, agent TEXT NOT NULL, rehearsal INTEGER NOT NULL, status TEXT NOT NULL, duration_ms BIGINT NOT NULL,
                        cost_micro_usd BIGINT, project_hash TEXT NOT NULL, ended_at BIGINT NOT NULL,
                        PRIMARY KEY (tenant_id, prompt, variant, run_id))
                    """,
                    "CREATE INDEX experiment_runs_by_duration ON experiment_runs (tenant_id, prompt, variant, rehearsal, duration_ms)",
                    "CREATE INDEX experiment_runs_of_run ON experiment_runs (tenant_id, run_id)",
                    "CREATE INDEX experiment_runs_of_session ON experiment_runs (tenant_id, session_id)",
                    // Numbers that runs recorded.
                    """
                    CREATE TABLE run_outcomes (
                        tenant_id TEXT NOT NULL, run_id TEXT NOT NULL, name TEXT NOT NULL, value DOUBLE PRECISION NOT NULL, at BIGINT NOT NULL,
                        PRIMARY KEY (tenant_id, run_id, name))
                    """,
                    // What people thought of runs.
                    """
                    CREATE TABLE run_ratings (
                        tenant_id TEXT NOT NULL, run_id TEXT NOT NULL, session_id TEXT NOT NULL, user_id TEXT NOT NULL, rating INTEGER NOT NULL,
                        comment TEXT, at BIGINT NOT NULL,
                        PRIMARY KEY (tenant_id, run_id))
                    """,
                    "CREATE INDEX run_ratings_of_session ON run_ratings (tenant_id, session_id)",
                ]
            ),
            Migration(
                2,
                "what a team's run came to counts for its members' variants",
                ["ALTER TABLE experiment_runs ADD COLUMN root_run_id TEXT"]
            ),
            Migration(
                3,
                "costs to the billionth of a dollar",
                [
                    "ALTER TABLE experiment_runs RENAME COLUMN cost_micro_usd TO cost_nano_usd",
                    "UPDATE experiment_runs SET cost_nano_usd = cost_nano_usd * 1000 WHERE cost_nano_usd > 0",
                ]
            ),
        ]
    )
}
