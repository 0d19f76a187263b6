public import BatutaCore
public import BatutaHTTP

/// The providers of a project: made once per load, asked for every model call.
public struct ModelRegistry: Sendable {
    private let providers: [String: any ModelProvider]
    /// Plays every model's part when the project rehearses.
    private let rehearsal: RehearsalProvider
    /// Whether every model is played by the rehearsal, whatever its settings say (`--rehearse`).
    public let rehearses: Bool

    /// - Parameters:
    ///   - configurations: what the project names under `providers:` and the known ones that it uses; a later one of the same name wins.
    ///   - rehearsal: plays the part of `rehearsal` and, with `rehearses`, of everybody.
    ///   - breakers: What is known of models that fail.
    public init(
        _ configurations: [ProviderConfiguration],
        client: HTTPClient,
        rehearsal: RehearsalProvider,
        rehearses: Bool = false,
        breakers: ModelBreakers = ModelBreakers()
    ) {
        var providers: [String: any ModelProvider] = ["rehearsal": rehearsal]
        for configuration in configurations {
            switch configuration.kind {
            case .openai:
                providers[configuration.name] = GuardedProvider(
                    provider: OpenAIProvider(configuration, client: client),
                    name: configuration.name,
                    baseURL: configuration.baseURL,
                    breakers: breakers
                )
            case .rehearsal: providers[configuration.name] = rehearsal
            }
        }
        self.providers = providers
        self.rehearsal = rehearsal
        self.rehearses = rehearses
    }

    /// Who answers for a model. Throws `rejected` when its provider is not known.
    public func provider(for settings: ModelSettings) throws(ModelError) -> any ModelProvider {
        if rehearses { return rehearsal }
        if let provider = providers[settings.provider] { return provider }
        let names = nearestNames(to: settings.provider, among: providers.keys)
        let hint = names.isEmpty ? "" : " Did you mean \(names.joined(separator: " or "))?"
        throw ModelError(
            .rejected,
            "The model “\(settings.name)” names the provider “\(settings.provider)”, which does not exist.\(hint) Known: \(providers.keys.sorted().joined(separator: ", "))."
        )
    }

    /// Whether a model's answers come from a script.
    public func isRehearsed(_ settings: ModelSettings) -> Bool { rehearses || providers[settings.provider] is RehearsalProvider }
}
