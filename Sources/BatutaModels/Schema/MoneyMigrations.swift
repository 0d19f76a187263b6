public import BatutaStorage

/// The tables of what models cost: the bill by days, and what nodes hold of budgets.
public enum MoneyMigrations {
    public static let set = MigrationSet(capability: "money", [Migration(1, "usage by days, budgets", [usageDays, accounts, holds])])

    private static let usageDays: StaticString = """
        CREATE TABLE usage_days (tenant_id TEXT NOT NULL, day BIGINT NOT NULL, user_id TEXT NOT NULL, agent TEXT NOT NULL,
            model TEXT NOT NULL, node TEXT NOT NULL, calls BIGINT NOT NULL, cache_hits BIGINT NOT NULL, unpriced BIGINT NOT NULL,
            cost_micro_usd BIGINT NOT NULL, saved_micro_usd BIGINT NOT NULL, input_tokens BIGINT NOT NULL, output_tokens BIGINT NOT NULL,
            cached_tokens BIGINT NOT NULL, cache_creation_tokens BIGINT NOT NULL, reasoning_tokens BIGINT NOT NULL,
            audio_input_tokens BIGINT NOT NULL, image_input_tokens BIGINT NOT NULL, video_input_tokens BIGINT NOT NULL,
            audio_output_tokens BIGINT NOT NULL, image_output_tokens BIGINT NOT NULL,
            PRIMARY KEY (tenant_id, day, user_id, agent, model, node))
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
