import BatutaCore

/// A provider as batuta.yaml describes it. Texts may hold `${secret.NAME}` and `${env.NAME}`.
struct ProviderEntry: Sendable {
    var kind: Located<String>?
    var baseURL: Located<String>?
    var apiKey: Located<String>?
    var timeout: Duration?
    var idleTimeout: Duration?

    /// Kinds of the language; `ollama` is `openai` with another usual address.
    static let kinds = ["openai", "openai_responses", "anthropic", "gemini", "ollama", "rehearsal"]

    static let shape = Shape.record(
        ProviderEntry(),
        Words("a provider", "um provedor"),
        [
            Field(
                "kind",
                \.kind,
                .at(.word(kinds)),
                Words(
                    "How the provider is spoken to: `openai` is chat completions, which every OpenAI-compatible server has.",
                    "Como se fala com o provedor: `openai` são as chat completions, que todo servidor compatível com a OpenAI tem."
                )
            ),
            Field(
                "base_url",
                \.baseURL,
                .at(.text(atMost: 2_000, orEmpty: false)),
                Words(
                    "The address up to and with the version: `/v1`, for Gemini `/v1beta`.",
                    "O endereço, até a versão inclusive: `/v1`; no Gemini, `/v1beta`."
                )
            ),
            Field(
                "api_key",
                \.apiKey,
                .at(.text(atMost: 10_000)),
                Words(
                    "Usually \"${secret.NAME}\"; usual variables are found by themselves.",
                    "Em geral \"${secret.NOME}\"; as variáveis de costume são achadas sozinhas."
                )
            ),
            Field(
                "timeout",
                \.timeout,
                .duration(.milliseconds(1)...(.seconds(3_600))),
                Words("To the first byte of the answer; 60s unless given.", "Até o primeiro byte da resposta; sem isso, 60s.")
            ),
            Field(
                "idle_timeout",
                \.idleTimeout,
                .duration(.milliseconds(1)...(.seconds(3_600))),
                Words("Between bytes; 30s unless given.", "Entre um byte e outro; sem isso, 30s.")
            ),
        ]
    )
}
