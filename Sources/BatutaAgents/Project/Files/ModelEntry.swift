import BatutaCore

/// A model as batuta.yaml or an agent writes it out.
struct ModelEntry: Sendable {
    var provider: Located<String>?
    var model = ""
    var temperature: Double?
    var maxOutputTokens = 4_096
    var fallback: [Located<String>] = []
    var reasoning: ReasoningEffort?
    var accepts: [ModelFile.Kind]?
    var breaker = BreakerEntry.on(HTTPToolDefinition.Breaker())
    var extra: JSONObject = [:]

    func settings(named name: String) -> ModelSettings {
        var settings = ModelSettings(
            name: name,
            provider: provider?.value ?? "",
            model: model,
            temperature: temperature,
            maxOutputTokens: maxOutputTokens,
            fallback: fallback.map(\.value),
            extra: extra
        )
        settings.reasoning = reasoning
        settings.accepts = accepts.map(Set.init)
        settings.breaker = breaker.breaker
        return settings
    }

    static let shape = Shape.record(
        ModelEntry(),
        Words("a model", "um modelo"),
        [
            Field(
                "provider",
                \.provider,
                .at(.text(atMost: 64, orEmpty: false)),
                Words("A name under `providers`, or a built-in one.", "Um nome de `providers`, ou um que já vem pronto."),
                required: true
            ),
            Field(
                "model",
                \.model,
                .text(atMost: 200, orEmpty: false),
                Words("The provider's own name for the model.", "O nome que o provedor dá ao modelo."),
                required: true
            ),
            Field(
                "temperature",
                \.temperature,
                .number(0...2),
                Words("From 0 (the likeliest words) to 2.", "De 0 (as palavras mais prováveis) a 2.")
            ),
            Field(
                "max_output_tokens",
                \.maxOutputTokens,
                .whole(1...1_000_000),
                Words(
                    "The longest answer; 4096 unless given. It is always sent.",
                    "A resposta mais longa; sem isso, 4096. Vai em toda chamada."
                )
            ),
            Field(
                "fallback",
                \.fallback,
                .list(of: .at(.text)),
                Words(
                    "Names of models to ask, in order, when this one fails for good.",
                    "Modelos a chamar, em ordem, quando este falha de vez."
                )
            ),
            Field(
                "reasoning",
                \.reasoning,
                .word,
                Words(
                    "How much it thinks before it answers; unless given, as much as the provider chooses.",
                    "Quanto o modelo pensa antes de responder; sem isso, o provedor decide."
                )
            ),
            Field(
                "accepts",
                \.accepts,
                .list(of: .word),
                Words(
                    "The kinds of files that it can see; unless given, what the provider's models usually take. `[]` for none.",
                    "Os tipos de arquivo que o modelo enxerga; sem isso, os que os modelos do provedor costumam aceitar. `[]` para nenhum."
                )
            ),
            Field(
                "breaker",
                \.breaker,
                BreakerEntry.shape,
                Words(
                    "When it is left alone for a while because it keeps failing, or `off`; unless given, after 5 failures for 30s.",
                    "Quando o modelo é deixado em paz por um tempo porque vive falhando, ou `off`; sem isso, após 5 falhas, por 30s."
                )
            ),
            Field(
                "extra",
                \.extra,
                jsonObject,
                Words("Further fields, passed to the provider as they are.", "Outros campos, que vão ao provedor como estão.")
            ),
        ]
    )

    static let jsonObject = Shape<YAMLNode>.mapping.map { $0.json.object ?? [:] }
}

/// A name under `models`, or a model written out.
enum ModelReference: Sendable {
    case named(Located<String>)
    case written(Located<ModelEntry>)

    static let shape = Shape<Located<ModelEntry>>.at(ModelEntry.shape).map(ModelReference.written).orPlain(
        Shape<Located<String>>.at(.text(atMost: 200, orEmpty: false)).map(ModelReference.named)
    )
}
