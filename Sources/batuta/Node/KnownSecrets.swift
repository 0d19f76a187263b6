import BatutaModels
import BatutaTelemetry
import Synchronization

/// Every secret that this process has had to do with: masked in logs, in what tools answer and in what models say. It only grows, since a
/// value that was replaced is still nobody's business.
final class KnownSecrets: Sendable {
    private struct State {
        var values: Set<String> = []
        var patterns = SecretPatterns()
    }

    private let logger: Logger
    private let state = Mutex(State())

    init(logger: Logger) { self.logger = logger }

    /// All of them, sorted.
    var all: [String] { state.withLock { $0.values }.sorted() }

    func add(_ secrets: [String]) {
        let new = state.withLock { state in
            let new = Set(secrets).subtracting(state.values)
            guard !new.isEmpty else { return new }
            state.values.formUnion(new)
            state.patterns = SecretPatterns(Array(state.values))
            return new
        }
        for secret in new { logger.mask(secret: secret) }
    }

    func mask(_ text: String) -> String { state.withLock { $0.patterns }.masked(text) }
}
