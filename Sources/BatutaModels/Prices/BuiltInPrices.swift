import BatutaCore

/// Prices that come with the program. A project's own (`prices:`) go before them.
enum BuiltInPrices {
    /// Standard prices (no batch, no priority) from the providers' public price lists.
    static let table: [String: PriceHistory] = current.mapValues(PriceHistory.init).merging(changed) { $1 }

    /// Those that changed under the same name.
    private static let changed: [String: PriceHistory] = [
        "o3": PriceHistory([
            (from: nil, price: ModelPrice(input: 10, cachedInput: 2.5, output: 40)),
            (from: CalendarDay("2025-06-10"), price: ModelPrice(input: 2, cachedInput: 0.5, output: 8)),
        ])
    ]

    /// Anthropic's caches in parts of the price of input: read a tenth, written for five minutes five quarters, for an hour twice as much.
    private static func claude(input: Double, output: Double) -> ModelPrice {
        ModelPrice(input: input, cachedInput: input / 10, cacheWrite: input * 1.25, longCacheWrite: input * 2, output: output)
    }

    /// Google's classes of prompts up to 200,000 tokens and above, by which the whole call is charged (ai.google.dev/gemini-api/docs/pricing,
    /// as of 2026-01-02).
    private static func gemini(_ short: ModelPrice, above long: ModelPrice) -> ModelPrice { short.above(200_000, long) }

    /// Sonnet 4 and 4.5 with the beta of a million tokens: above 200,000, those of the cache among them, all input costs twice and all output
    /// half as much again; the cache in the same parts (Anthropic, "Claude Sonnet 4 now supports 1M tokens of context", 2025-08-12).
    private static let longSonnet = claude(input: 3, output: 15).above(200_000, claude(input: 6, output: 22.5))

    private static let current: [String: ModelPrice] = [
        "text-embedding-3-small": ModelPrice(input: 0.02, output: 0),
        "text-embedding-3-large": ModelPrice(input: 0.13, output: 0),
        "text-embedding-ada-002": ModelPrice(input: 0.1, output: 0),
        "gemini-embedding-001": ModelPrice(input: 0.15, output: 0),
        "gpt-5.2": ModelPrice(input: 1.75, cachedInput: 0.175, output: 14),
        "gpt-5.1": ModelPrice(input: 1.25, cachedInput: 0.125, output: 10),
        "gpt-5": ModelPrice(input: 1.25, cachedInput: 0.125, output: 10),
        "gpt-5-chat": ModelPrice(input: 1.25, cachedInput: 0.125, output: 10),
        "gpt-5-mini": ModelPrice(input: 0.25, cachedInput: 0.025, output: 2),
        "gpt-5-nano": ModelPrice(input: 0.05, cachedInput: 0.005, output: 0.4),
        "gpt-4.1": ModelPrice(input: 2, cachedInput: 0.5, output: 8),
        "gpt-4.1-mini": ModelPrice(input: 0.4, cachedInput: 0.1, output: 1.6),
        "gpt-4.1-nano": ModelPrice(input: 0.1, cachedInput: 0.025, output: 0.4),
        "gpt-4o": ModelPrice(input: 2.5, cachedInput: 1.25, output: 10),
        "gpt-4o-mini": ModelPrice(input: 0.15, cachedInput: 0.075, output: 0.6),
        "o1": ModelPrice(input: 15, cachedInput: 7.5, output: 60),
        "o3-mini": ModelPrice(input: 1.1, cachedInput: 0.55, output: 4.4),
        "o4-mini": ModelPrice(input: 1.1, cachedInput: 0.275, output: 4.4),
        "claude-opus-4-7": claude(input: 5, output: 25),
        "claude-opus-4-6": claude(input: 5, output: 25),
        "claude-opus-4-5": claude(input: 5, output: 25),
        "claude-opus-4-1": claude(input: 15, output: 75),
        "claude-opus-4": claude(input: 15, output: 75),
        "claude-sonnet-4-6": claude(input: 3, output: 15),
        "claude-sonnet-4-5": longSonnet,
        "claude-sonnet-4": longSonnet,
        "claude-haiku-4-5": claude(input: 1, output: 5),
        "claude-3-7-sonnet": claude(input: 3, output: 15),
        "claude-3-5-haiku": claude(input: 0.8, output: 4),
        "gemini-3-pro-preview": gemini(
            ModelPrice(input: 2, cachedInput: 0.2, output: 12),
            above: ModelPrice(input: 4, cachedInput: 0.4, output: 18)
        ),
        "gemini-2.5-pro": gemini(
            ModelPrice(input: 1.25, cachedInput: 0.125, output: 10),
            above: ModelPrice(input: 2.5, cachedInput: 0.25, output: 15)
        ),
        "gemini-2.5-flash": ModelPrice(input: 0.3, cachedInput: 0.03, output: 2.5, media: MediaPrice(audioInput: 1)),
        "gemini-2.5-flash-lite": ModelPrice(input: 0.1, cachedInput: 0.01, output: 0.4, media: MediaPrice(audioInput: 0.3)),
        "gemini-2.0-flash": ModelPrice(input: 0.1, cachedInput: 0.025, output: 0.4, media: MediaPrice(audioInput: 0.7)),
        "llama-3.3-70b": ModelPrice(input: 0.59, output: 0.79),
        "llama-3.3-70b-versatile": ModelPrice(input: 0.59, output: 0.79),
        "llama-3.1-8b-instant": ModelPrice(input: 0.05, output: 0.08),
        "openai/gpt-oss-120b": ModelPrice(input: 0.15, output: 0.6),
        "openai/gpt-oss-20b": ModelPrice(input: 0.075, output: 0.3),
        "deepseek-chat": ModelPrice(input: 0.28, cachedInput: 0.028, output: 0.42),
        "deepseek-reasoner": ModelPrice(input: 0.28, cachedInput: 0.028, output: 0.42),
    ]
}
