public import BatutaStorage

/// The tables of sessions, events, messages, runs and approvals, with all columns of DESIGN §9.8 from the first migration.
public enum RunsMigrations {
    public static let set = MigrationSet(
        capability: "runs",
        [first, second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth, eleventh, twelfth, thirteenth, fourteenth, fifteenth]
    )

    private static let first = Migration(
        1,
        "sessions, events, messages, runs, approvals",
        [sessions, events, eventsOfRun, messages, runs, runsOfSession, runsByStatus, approvals, approvalsByState]
    )

    /// What has no end, by a condition that SQLite evaluates without a table of its own for the list of words, and whose columns a change of
    /// state leaves alone.
    private static let second = Migration(
        2,
        "unfinished runs by their missing end",
        [
            "DROP INDEX runs_unfinished",
            "CREATE INDEX runs_without_end ON runs (tenant_id, id) WHERE ended_at IS NULL",
        ]
    )

    /// The order of commits over all sessions, as a number that VACUUM leaves alone; nothing else of `events` changes. Branches and files.
    private static let third = Migration(
        3,
        "events in the order of their commits, branches, files",
        [
            orderedEvents,
            """
            INSERT INTO ordered_events (tenant_id, session_id, seq, run_id, type, v, at, key_id, payload)
            SELECT tenant_id, session_id, seq, run_id, type, v, at, key_id, payload FROM events ORDER BY at, session_id, seq
            """,
            "DROP TABLE events",
            "ALTER TABLE ordered_events RENAME TO events",
            eventsOfRun,
            "ALTER TABLE messages ADD COLUMN seq BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE messages ADD COLUMN attachments TEXT",
            "CREATE INDEX messages_of_parent ON messages (tenant_id, session_id, parent_message_id)",
            "ALTER TABLE runs ADD COLUMN branch_end TEXT",
            files, "CREATE INDEX files_of_session ON files (tenant_id, session_id, id)",
        ]
    )

    /// What a run leaves in doubt; NULL for nearly all of them, and the index holds only the others.
    private static let fourth = Migration(
        4,
        "calls of which nobody knows whether they had their effect",
        [
            "ALTER TABLE runs ADD COLUMN doubts TEXT",
            "CREATE INDEX runs_in_doubt ON runs (tenant_id, session_id, id) WHERE doubts IS NOT NULL",
        ]
    )

    /// The earlier calls that a question names; NULL for nearly all of them.
    private static let fifth = Migration(5, "what a question is in doubt about", ["ALTER TABLE approvals ADD COLUMN doubts TEXT"])

    /// One entry for each run: what it was asked.
    private static let sixth = Migration(
        6,
        "the message that a run answers",
        ["CREATE INDEX messages_of_run ON messages (tenant_id, run_id) WHERE role = 'user'"]
    )

    /// Several nodes: which sessions want somebody who performs their runs, and whose they are. On SQLite both indexes stay empty.
    private static let seventh = Migration(
        7,
        "sessions that want a node, and those that have one",
        [
            "ALTER TABLE sessions ADD COLUMN wanted BIGINT",
            "CREATE INDEX sessions_wanted ON sessions (tenant_id, wanted) WHERE wanted IS NOT NULL",
            "CREATE INDEX sessions_leased ON sessions (tenant_id, lease_owner) WHERE lease_owner IS NOT NULL",
        ]
    )

    /// Where a session was forked from, what its run does otherwise than its agent, and the runs that were copied with it.
    private static let eighth = Migration(
        8,
        "forks",
        [
            "ALTER TABLE sessions ADD COLUMN forked_from TEXT",
            "ALTER TABLE runs ADD COLUMN changes TEXT",
            "ALTER TABLE runs ADD COLUMN copied_from TEXT",
        ]
    )

    /// How far the log was compacted, and the runs that had no end then.
    private static let ninth = Migration(
        9,
        "pieces of text that messages replaced are dropped",
        [
            """
            CREATE TABLE compaction (tenant_id TEXT NOT NULL, kind TEXT NOT NULL, run_id TEXT NOT NULL,
                PRIMARY KEY (tenant_id, kind, run_id))
            """
        ]
    )

    /// With several writers the order of commits is that of the transactions; serial numbers come in that order from one writer only.
    private static let tenth = Migration(
        10,
        "the transactions of events",
        [
            "ALTER TABLE events ADD COLUMN transaction_id {transaction}",
            "{shared} CREATE INDEX events_by_transaction ON events (transaction_id, serial)",
        ]
    )

    /// What policies found out for a question, and who may answer it; NULL without a policy.
    private static let eleventh = Migration(
        11,
        "facts and approvers of questions",
        ["ALTER TABLE approvals ADD COLUMN facts TEXT", "ALTER TABLE approvals ADD COLUMN approvers TEXT"]
    )

    /// Long conversations and long runs: what is known in a few words, and how far a run's log was folded. A session's runs without an end
    /// are found without those that have one.
    private static let twelfth = Migration(
        12,
        "summaries, and where long runs stand",
        [
            """
            CREATE TABLE summaries (tenant_id TEXT NOT NULL, session_id TEXT NOT NULL, message_id TEXT NOT NULL, hash TEXT NOT NULL,
                PRIMARY KEY (tenant_id, session_id, message_id))
            """,
            """
            CREATE TABLE run_checkpoints (tenant_id TEXT NOT NULL, run_id TEXT NOT NULL, session_id TEXT NOT NULL, first_seq BIGINT NOT NULL,
                seq BIGINT NOT NULL, state {bytes} NOT NULL, PRIMARY KEY (tenant_id, run_id))
            """,
            "CREATE INDEX run_checkpoints_of_session ON run_checkpoints (tenant_id, session_id)",
            "DROP INDEX runs_without_end",
            "CREATE INDEX runs_without_end ON runs (tenant_id, session_id, id) WHERE ended_at IS NULL",
        ]
    )

    /// What a run took by the kinds of its tokens, and what it cost to the billionth of a dollar: a thousand of them were one before.
    private static let thirteenth = Migration(
        13,
        "tokens by their kinds, costs to the billionth",
        [
            "ALTER TABLE runs RENAME COLUMN cost_micro_usd TO cost_nano_usd",
            "UPDATE runs SET cost_nano_usd = cost_nano_usd * 1000 WHERE cost_nano_usd > 0",
            "ALTER TABLE runs ADD COLUMN cache_creation_tokens BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE runs ADD COLUMN long_cache_tokens BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE runs ADD COLUMN reasoning_tokens BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE runs ADD COLUMN audio_input_tokens BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE runs ADD COLUMN image_input_tokens BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE runs ADD COLUMN video_input_tokens BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE runs ADD COLUMN audio_output_tokens BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE runs ADD COLUMN image_output_tokens BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE runs ADD COLUMN estimated INTEGER NOT NULL DEFAULT 0",
        ]
    )

    /// The schedule that began a run; NULL for nearly all of them. The index holds only those of schedules that have no end.
    private static let fourteenth = Migration(
        14,
        "runs of schedules",
        [
            "ALTER TABLE runs ADD COLUMN schedule TEXT",
            "CREATE INDEX runs_of_schedule ON runs (tenant_id, schedule, user_id) WHERE schedule IS NOT NULL AND ended_at IS NULL",
        ]
    )

    /// The members of a tree are found without the other runs of their session. The index holds only members.
    private static let fifteenth = Migration(
        15,
        "members of a tree",
        ["CREATE INDEX runs_of_tree ON runs (tenant_id, root_run_id, id) WHERE parent_run_id IS NOT NULL"]
    )

    private static let sessions: StaticString = """
        CREATE TABLE sessions (
            tenant_id TEXT NOT NULL, id TEXT NOT NULL, user_id TEXT NOT NULL, target TEXT NOT NULL, title TEXT,
            metadata TEXT NOT NULL, variables TEXT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
            last_event BIGINT NOT NULL, fence BIGINT NOT NULL, lease_owner TEXT, lease_until BIGINT, epoch BIGINT NOT NULL, leaf TEXT,
            PRIMARY KEY (tenant_id, id))
        """
    private static let events: StaticString = """
        CREATE TABLE events (
            tenant_id TEXT NOT NULL, session_id TEXT NOT NULL, seq BIGINT NOT NULL, run_id TEXT, type TEXT NOT NULL,
            v INTEGER NOT NULL, at BIGINT NOT NULL, key_id BIGINT NOT NULL, payload {bytes} NOT NULL,
            UNIQUE (tenant_id, session_id, seq))
        """
    private static let files: StaticString = """
        CREATE TABLE files (
            tenant_id TEXT NOT NULL, id TEXT NOT NULL, session_id TEXT NOT NULL, user_id TEXT NOT NULL, run_id TEXT, name TEXT NOT NULL,
            media_type TEXT NOT NULL, size BIGINT NOT NULL, hash {bytes}, created_at BIGINT NOT NULL,
            PRIMARY KEY (tenant_id, id))
        """
    private static let orderedEvents: StaticString = """
        CREATE TABLE ordered_events (
            serial {serial}, tenant_id TEXT NOT NULL, session_id TEXT NOT NULL, seq BIGINT NOT NULL, run_id TEXT, type TEXT NOT NULL,
            v INTEGER NOT NULL, at BIGINT NOT NULL, key_id BIGINT NOT NULL, payload {bytes} NOT NULL,
            UNIQUE (tenant_id, session_id, seq))
        """
    /// A run folds only its own events, without deltas (DESIGN §9.10).
    private static let eventsOfRun: StaticString = """
        CREATE INDEX events_of_run ON events (tenant_id, run_id, seq) WHERE type NOT IN ('content', 'reasoning')
        """
    private static let messages: StaticString = """
        CREATE TABLE messages (
            tenant_id TEXT NOT NULL, session_id TEXT NOT NULL, id TEXT NOT NULL, parent_message_id TEXT, run_id TEXT, role TEXT NOT NULL,
            content TEXT NOT NULL, at BIGINT NOT NULL, key_id BIGINT NOT NULL,
            PRIMARY KEY (tenant_id, session_id, id))
        """
    private static let runs: StaticString = """
        CREATE TABLE runs (
            tenant_id TEXT NOT NULL, id TEXT NOT NULL, session_id TEXT NOT NULL, root_run_id TEXT NOT NULL, parent_run_id TEXT,
            user_id TEXT NOT NULL, target TEXT NOT NULL, agent TEXT NOT NULL, status TEXT NOT NULL, project_hash TEXT NOT NULL,
            rehearsal INTEGER NOT NULL, variables TEXT NOT NULL, created_at BIGINT NOT NULL, started_at BIGINT, ended_at BIGINT,
            input_tokens BIGINT NOT NULL, output_tokens BIGINT NOT NULL, cached_tokens BIGINT NOT NULL, cost_micro_usd BIGINT,
            output TEXT, error TEXT,
            PRIMARY KEY (tenant_id, id))
        """
    private static let runsOfSession: StaticString = "CREATE INDEX runs_of_session ON runs (tenant_id, session_id, id)"
    private static let runsByStatus: StaticString = """
        CREATE INDEX runs_unfinished ON runs (tenant_id, status, id) WHERE status NOT IN ('completed', 'failed', 'cancelled')
        """
    private static let approvals: StaticString = """
        CREATE TABLE approvals (
            tenant_id TEXT NOT NULL, id TEXT NOT NULL, session_id TEXT NOT NULL, run_id TEXT NOT NULL, call_id TEXT NOT NULL,
            user_id TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, tool TEXT NOT NULL, params TEXT NOT NULL, warnings TEXT NOT NULL,
            suggested_action TEXT, requested_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, decided_at BIGINT, decided_by TEXT, note TEXT,
            arguments TEXT, result TEXT,
            PRIMARY KEY (tenant_id, id))
        """
    private static let approvalsByState: StaticString = "CREATE INDEX approvals_by_state ON approvals (tenant_id, state, expires_at)"
}
