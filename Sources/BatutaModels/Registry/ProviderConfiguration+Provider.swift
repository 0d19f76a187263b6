public import BatutaCore
public import BatutaHTTP

extension ProviderConfiguration {
    /// Who asks its models; nil for the rehearsal, which asks nobody.
    public func provider(client: HTTPClient) -> (any ModelProvider)? {
        switch kind {
        case .openai: WireProvider(self, ChatWire(baseURL: baseURL), client: client)
        case .openaiResponses: WireProvider(self, ResponsesWire(baseURL: baseURL), client: client)
        case .anthropic: WireProvider(self, MessagesWire(baseURL: baseURL), client: client)
        case .gemini: WireProvider(self, GeminiWire(baseURL: baseURL), client: client)
        case .rehearsal: nil
        }
    }

    /// The kinds of files that a model of it sees, as its protocol and its server let suppose; a model's own `accepts` goes before.
    public func accepts(_ settings: ModelSettings) -> Set<ModelFile.Kind> {
        if let own = settings.accepts { return own }
        switch kind {
        case .openai: return ChatDialect(baseURL: baseURL).accepts
        case .openaiResponses, .anthropic: return [.image, .document]
        case .gemini: return [.image, .document, .audio, .video]
        case .rehearsal: return []
        }
    }
}
