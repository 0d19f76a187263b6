import BatutaCore

/// A provider as batuta.yaml describes it. Texts may hold `${secret.NAME}` and `${env.NAME}`.
struct ProviderEntry: Sendable {
    var kind: Located<String>?
    var baseURL: Located<String>?
    var apiKey: Located<String>?
    var timeout: Duration?
    var idleTimeout: Duration?

    /// Kinds of the language; those that this version speaks are in `ProviderDefinition.Kind`.
    static let kinds = ["openai", "anthropic", "gemini", "ollama", "rehearsal"]

    static let shape = Shape.record(
        ProviderEntry(),
        "a provider",
        [
            Field("kind", \.kind, .at(.word(kinds)), "How the provider is spoken to; `openai` for every OpenAI-compatible server."),
            Field("base_url", \.baseURL, .at(.text(atMost: 2_000, orEmpty: false)), "The address up to and with `/v1`."),
            Field("api_key", \.apiKey, .at(.text(atMost: 10_000)), "Usually \"${secret.NAME}\"; usual variables are found by themselves."),
            Field(
                "timeout",
                \.timeout,
                .duration(.milliseconds(1)...(.seconds(3_600))),
                "To the first byte of the answer; 60s unless given."
            ),
            Field("idle_timeout", \.idleTimeout, .duration(.milliseconds(1)...(.seconds(3_600))), "Between bytes; 30s unless given."),
        ]
    )
}

/// US dollars per million tokens.
struct PriceEntry: Sendable {
    var input = 0.0
    var cachedInput: Double?
    var output = 0.0

    static let shape = Shape.record(
        PriceEntry(),
        "a price",
        [
            Field("input", \.input, .number(0...100_000), "US dollars per million input tokens.", required: true),
            Field("cached_input", \.cachedInput, .number(0...100_000), "The same for input that the provider had cached."),
            Field("output", \.output, .number(0...100_000), "US dollars per million output tokens.", required: true),
        ]
    )
}
