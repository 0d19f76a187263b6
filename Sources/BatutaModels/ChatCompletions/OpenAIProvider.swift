public import BatutaCore
public import BatutaHTTP

/// Asks models that speak OpenAI's chat completions, for programs that embed Batuta; `ProviderConfiguration.provider` makes one of any kind.
public struct OpenAIProvider: ModelProvider {
    private let wire: WireProvider<ChatWire>

    public init(_ configuration: ProviderConfiguration, client: HTTPClient) {
        wire = WireProvider(configuration, ChatWire(baseURL: configuration.baseURL), client: client)
    }

    public func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
        try await wire.answer(request, onDelta: onDelta)
    }
}
