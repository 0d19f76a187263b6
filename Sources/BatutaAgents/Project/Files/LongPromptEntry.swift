import BatutaCore

/// `above` of a price: what holds for calls that are told more than so many tokens, for all of their tokens.
struct LongPromptEntry: Sendable {
    var tokens: Int?
    var input: Double?
    var cachedInput: Double?
    var cacheWrite: Double?
    var longCacheWrite: Double?
    var output: Double?
    var reasoning: Double?

    /// The price of such a call: what is not given here is as below.
    func filled(from price: PriceEntry) -> PriceEntry {
        var filled = price
        filled.above = nil
        filled.input = input ?? price.input
        filled.cachedInput = cachedInput ?? price.cachedInput
        filled.cacheWrite = cacheWrite ?? price.cacheWrite
        filled.longCacheWrite = longCacheWrite ?? price.longCacheWrite
        filled.output = output ?? price.output
        filled.reasoning = reasoning ?? price.reasoning
        return filled
    }

    static let shape = Shape.record(
        LongPromptEntry(),
        Words("a price for long prompts", "um preço para prompts longos"),
        [
            Field(
                "tokens",
                \.tokens,
                .whole(1...100_000_000),
                Words("Input tokens above which it holds, such as 200000.", "Tokens de entrada acima dos quais vale, como 200000."),
                required: true
            )
        ] + [
            Field("input", \.input, PriceEntry.dollars, note("input", "entrada")),
            Field("cached_input", \.cachedInput, PriceEntry.dollars, note("cached input", "entrada em cache")),
            Field("cache_write", \.cacheWrite, PriceEntry.dollars, note("input that is put into the cache", "entrada posta em cache")),
            Field("cache_write_1h", \.longCacheWrite, PriceEntry.dollars, note("what is kept for an hour", "o que fica por uma hora")),
            Field("output", \.output, PriceEntry.dollars, note("output", "saída")),
            Field("reasoning", \.reasoning, PriceEntry.dollars, note("reasoning", "raciocínio")),
        ]
    )

    private static func note(_ english: String, _ portuguese: String) -> Words {
        Words("US dollars per million tokens of \(english), then.", "Dólares por milhão de tokens: \(portuguese), nesse caso.")
    }
}
