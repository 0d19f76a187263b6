public import BatutaStorage

/// The tables of what models cost: the bill by days, and what nodes hold of budgets.
public enum MoneyMigrations {
    public static let set = MigrationSet(capability: "money", [first, second, third])

    private static let first = Migration(1, "usage by days, budgets", [usageDays, accounts, holds])

    private static let usageDays: StaticString = """
        CREATE TABLE usage_days (tenant_id TEXT NOT NULL, day BIGINT NOT NULL, user_id TEXT NOT NULL, agent TEXT NOT NULL,
            model TEXT NOT NULL, node TEXT NOT NULL, calls BIGINT NOT NULL, cache_hits BIGINT NOT NULL, unpriced BIGINT NOT NULL,
            cost_micro_usd BIGINT NOT NULL, saved_micro_usd BIGINT NOT NULL, input_tokens BIGINT NOT NULL, output_tokens BIGINT NOT NULL,
            cached_tokens BIGINT NOT NULL, cache_creation_tokens BIGINT NOT NULL, reasoning_tokens BIGINT NOT NULL,
            audio_input_tokens BIGINT NOT NULL, image_input_tokens BIGINT NOT NULL, video_input_tokens BIGINT NOT NULL,
            audio_output_tokens BIGINT NOT NULL, image_output_tokens BIGINT NOT NULL,
            PRIMARY KEY (tenant_id, day, user_id, agent, model, node))
        """
    /// The bill by teams and providers, what of it is supposed, and all of it to the billionth of a dollar: a thousand of them were one before.
    private static let second = Migration(
        2,
        "usage by teams and providers, to the billionth of a dollar",
        [
            finerDays,
            """
            INSERT INTO finer_days (tenant_id, day, user_id, agent, model, node, cost_nano_usd, saved_nano_usd,
                calls, cache_hits, unpriced, input_tokens, output_tokens, cached_tokens, cache_creation_tokens, reasoning_tokens,
                audio_input_tokens, image_input_tokens, video_input_tokens, audio_output_tokens, image_output_tokens)
            SELECT tenant_id, day, user_id, agent, model, node, cost_micro_usd * 1000, saved_micro_usd * 1000,
                calls, cache_hits, unpriced, input_tokens, output_tokens, cached_tokens, cache_creation_tokens, reasoning_tokens,
                audio_input_tokens, image_input_tokens, video_input_tokens, audio_output_tokens, image_output_tokens
            FROM usage_days
            """,
            "DROP TABLE usage_days",
            "ALTER TABLE finer_days RENAME TO usage_days",
            "UPDATE budget_holds SET amount = amount * 1000",
        ]
    )
    /// Calls of which the log of an ended run can say nothing.
    private static let third = Migration(
        3,
        "calls after a run of which nobody knows what became",
        [
            """
            CREATE TABLE later_calls (tenant_id TEXT NOT NULL, run_id TEXT NOT NULL, day BIGINT NOT NULL, model TEXT NOT NULL,
                provider TEXT NOT NULL, worst_nano_usd BIGINT NOT NULL, PRIMARY KEY (tenant_id, run_id))
            """
        ]
    )
    private static let finerDays: StaticString = """
        CREATE TABLE finer_days (tenant_id TEXT NOT NULL, day BIGINT NOT NULL, user_id TEXT NOT NULL, agent TEXT NOT NULL,
            team TEXT NOT NULL DEFAULT '', model TEXT NOT NULL, provider TEXT NOT NULL DEFAULT '', node TEXT NOT NULL,
            calls BIGINT NOT NULL DEFAULT 0, cache_hits BIGINT NOT NULL DEFAULT 0, unpriced BIGINT NOT NULL DEFAULT 0,
            estimated BIGINT NOT NULL DEFAULT 0, cost_nano_usd BIGINT NOT NULL DEFAULT 0, estimated_nano_usd BIGINT NOT NULL DEFAULT 0,
            saved_nano_usd BIGINT NOT NULL DEFAULT 0, input_tokens BIGINT NOT NULL DEFAULT 0, output_tokens BIGINT NOT NULL DEFAULT 0,
            cached_tokens BIGINT NOT NULL DEFAULT 0, cache_creation_tokens BIGINT NOT NULL DEFAULT 0,
            long_cache_tokens BIGINT NOT NULL DEFAULT 0, reasoning_tokens BIGINT NOT NULL DEFAULT 0,
            audio_input_tokens BIGINT NOT NULL DEFAULT 0, image_input_tokens BIGINT NOT NULL DEFAULT 0,
            video_input_tokens BIGINT NOT NULL DEFAULT 0, audio_output_tokens BIGINT NOT NULL DEFAULT 0,
            image_output_tokens BIGINT NOT NULL DEFAULT 0,
            PRIMARY KEY (tenant_id, day, user_id, agent, team, model, provider, node))
        """
    /// A row per budget and period: who takes a slice holds it meanwhile.
    private static let accounts: StaticString = """
        CREATE TABLE budget_accounts (tenant_id TEXT NOT NULL, account TEXT NOT NULL, PRIMARY KEY (tenant_id, account))
        """
    /// What a node holds of a budget for calls that are not on the bill yet.
    private static let holds: StaticString = """
        CREATE TABLE budget_holds (tenant_id TEXT NOT NULL, account TEXT NOT NULL, node TEXT NOT NULL, amount BIGINT NOT NULL,
            lease_until BIGINT NOT NULL, PRIMARY KEY (tenant_id, account, node))
        """
}
