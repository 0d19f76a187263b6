import BatutaCore
public import BatutaHTTP

/// A model as its breaker knows it.
public struct ModelPlace: Hashable, Sendable {
    public var provider: String
    public var baseURL: String
    /// The provider's own name for it.
    public var model: String

    public init(provider: String, baseURL: String, model: String) {
        self.provider = provider
        self.baseURL = baseURL
        self.model = model
    }
}

extension ModelPlace: CustomStringConvertible {
    /// `openai/gpt-5-mini (https://api.openai.com/v1)`.
    public var description: String { "\(provider)/\(model) (\(baseURL))" }
}

/// The breakers of all models of a node; they outlive a reload of the project.
public typealias ModelBreakers = BreakerBoard<ModelPlace>

/// Asks a provider's models, except one that failed too often just now.
///
/// A time-out, a failed connection, 5xx and an answer that cannot be read count as failures. Whoever says no (401, 404, 429) is well.
struct GuardedProvider: ModelProvider {
    let provider: any ModelProvider
    let name: String
    let baseURL: String
    let breakers: ModelBreakers

    func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
        guard let policy = request.settings.breaker else { return try await provider.answer(request, onDelta: onDelta) }
        let place = ModelPlace(provider: name, baseURL: baseURL, model: request.settings.model)
        if case .refuse(let pause) = breakers.admit(place, policy: policy) { throw Self.refusal(of: place, policy, pause) }
        do throws(ModelError) {
            let answer = try await provider.answer(request, onDelta: onDelta)
            breakers.succeeded(place)
            return answer
        } catch {
            report(error, of: place, policy)
            throw error
        }
    }

    private func report(_ error: ModelError, of place: ModelPlace, _ policy: BreakerPolicy) {
        switch error.code {
        // It may have been at work all the time.
        case _ where error.reason == .outOfTime: breakers.abandoned(place)
        case .timeout, .unavailable, .badAnswer: breakers.failed(place, policy: policy)
        case .rateLimited: breakers.succeeded(place)
        case .rejected where error.statusCode != nil: breakers.succeeded(place)
        case .rejected, .script, .cancelled: breakers.abandoned(place)
        }
    }

    private static func refusal(of place: ModelPlace, _ policy: BreakerPolicy, _ pause: Duration) -> ModelError {
        ModelError(
            .unavailable,
            "\(place.provider) was not asked: \(place.model) failed \(policy.failures) times in a row. It is tried again in "
                + "\(max(1, pause.components.seconds)) s.",
            retryAfter: pause,
            reason: .openCircuit
        )
    }
}
