public import BatutaCore
public import BatutaHTTP

/// One real, small call, to find out whether a model can be asked.
public enum ModelProbe {
    /// How long a person waits.
    public static let patience = Duration.seconds(10)

    /// Asks through the provider's own code, as a run would.
    ///
    /// - Parameter patience: For all of it, from the name's lookup to the last byte.
    /// - Returns: how long the answer took.
    public static func ask(
        _ configuration: ProviderConfiguration,
        _ settings: ModelSettings,
        client: HTTPClient,
        patience: Duration = patience
    ) async throws(ModelError) -> Duration {
        var configuration = configuration
        configuration.timeout = patience
        configuration.idleTimeout = patience
        guard let provider = configuration.provider(client: client) else { return .zero }
        let (request, name) = (question(settings), configuration.name)
        let began = ContinuousClock.now
        let outcome = await withTaskGroup(of: Result<Void, ModelError>.self) { group in
            group.addTask { await answer(provider, request) }
            group.addTask {
                try? await Task.sleep(for: patience)
                return .failure(ModelError(.timeout, "\(name) did not finish its answer within \(patience)."))
            }
            defer { group.cancelAll() }
            return await group.next() ?? .success(())
        }
        try outcome.get()
        return ContinuousClock.now - began
    }

    private static func answer(_ provider: any ModelProvider, _ request: ModelRequest) async -> Result<Void, ModelError> {
        do throws(ModelError) {
            _ = try await provider.answer(request) { _ in }
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    /// Streamed, since that is how runs ask, and some accounts may not. An answer that the bound cuts short is an answer.
    private static func question(_ settings: ModelSettings) -> ModelRequest {
        var settings = settings
        settings.maxOutputTokens = 64
        return ModelRequest(settings: settings, agent: "", system: "", turns: [.user("Say OK.")], tools: [])
    }
}
