public import BatutaCore
public import BatutaHTTP

/// The providers of a project: made once per load, asked for every model call.
public struct ModelRegistry: Sendable {
    private let providers: [String: any ModelProvider]
    private let configurations: [String: ProviderConfiguration]
    private let client: HTTPClient
    private let breakers: ModelBreakers
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
            guard let provider = configuration.provider(client: client) else {
                providers[configuration.name] = rehearsal
                continue
            }
            providers[configuration.name] = GuardedProvider(
                provider: provider,
                name: configuration.name,
                baseURL: configuration.baseURL,
                breakers: breakers
            )
        }
        self.providers = providers
        self.configurations = Dictionary(configurations.map { ($0.name, $0) }) { $1 }
        self.rehearsal = rehearsal
        self.rehearses = rehearses
        self.client = client
        self.breakers = breakers
    }

    /// Who turns texts into vectors; nil in a rehearsal, and for a provider that cannot.
    public func embeddings(_ settings: ModelSettings) -> (any EmbeddingModel)? {
        guard !rehearses else { return nil }
        return configurations[settings.provider]?.embeddings(settings, client: client, breakers: breakers)
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

    /// The kinds of files that a model sees; none in a rehearsal.
    public func accepts(_ settings: ModelSettings) -> Set<ModelFile.Kind> {
        isRehearsed(settings) ? [] : configurations[settings.provider]?.accepts(settings) ?? []
    }

    /// Where a model is asked; nil when its answers come from a script, or nobody knows its provider.
    public func place(of settings: ModelSettings) -> ModelPlace? {
        guard !isRehearsed(settings), let provider = configurations[settings.provider] else { return nil }
        return ModelPlace(provider: provider.name, baseURL: provider.baseURL, model: settings.model)
    }

    /// Who answers under each provider's name: its protocol and address.
    public var addresses: [String: String] { configurations.mapValues { "\($0.kind.rawValue) \($0.baseURL)" } }

    /// Whether a model's answers come from a script.
    public func isRehearsed(_ settings: ModelSettings) -> Bool { rehearses || providers[settings.provider] is RehearsalProvider }
}
