public import BatutaCore
import Synchronization

/// Every secret that this process has to do with: masked in logs, in what tools answer and in what models say.
///
/// Those of the project only become more, since a value that was replaced is still nobody's business. Those of connected accounts come and go
/// with their use: a token that has ended, and one that was replaced, is masked for an hour more.
public final class KnownSecrets: Sendable {
    fileprivate struct State {
        var lasting: Set<String> = []
        /// Until when each of an account is masked.
        var passing: [String: Timestamp] = [:]
        var mask = SecretMask(keyShapes: false)
        var nextSweep = Timestamp(milliseconds: 0)
    }

    private let logger: Logger
    private let clock: any ProjectClock
    private let state = Mutex(State())

    /// How much longer than it is worth anything an account's secret is masked: what was fetched with it may still be on its way.
    static let margin = Duration.seconds(3_600)
    /// How long after its last use a secret is masked of which nobody knows when it ends.
    static let patience = Duration.seconds(86_400)
    private static let sweeping = Duration.seconds(60)

    public init(logger: Logger, clock: any ProjectClock) {
        self.logger = logger
        self.clock = clock
    }

    /// Those of the project, sorted.
    public var all: [String] { state.withLock { $0.lasting }.sorted() }

    /// How many there are, those of accounts among them.
    public var count: Int { state.withLock { $0.lasting.count + $0.passing.count } }

    /// Secrets of the project.
    public func add(_ secrets: [String]) {
        state.withLock { state in
            for secret in Set(secrets).subtracting(state.lasting) {
                state.lasting.insert(secret)
                state.mask.register(secret)
                logger.mask(secret: secret)
            }
        }
    }

    /// Secrets of an account that is being used.
    ///
    /// - Parameter expiry: When its token ends; nil when nobody knows.
    public func add(_ secrets: [String], until expiry: Timestamp?) {
        let now = clock.now()
        let until = expiry.map { max($0, now).advanced(by: Self.margin) } ?? now.advanced(by: Self.patience)
        state.withLock { state in
            for secret in secrets where !state.lasting.contains(secret) {
                if let known = state.passing[secret] {
                    state.passing[secret] = max(known, until)
                    continue
                }
                state.passing[secret] = until
                state.mask.register(secret)
                logger.mask(secret: secret)
            }
            guard now >= state.nextSweep else { return }
            state.nextSweep = now.advanced(by: Self.sweeping)
            logger.unmask(secrets: state.sweep(now))
        }
    }

    public func mask(_ text: String) -> String { state.withLock { $0.mask }.mask(text) }
}

extension KnownSecrets.State {
    /// Takes away what is over.
    ///
    /// - Returns: what need not be masked anywhere any more.
    fileprivate mutating func sweep(_ now: Timestamp) -> [String] {
        let over = passing.filter { $0.value < now }.map(\.key)
        for secret in over { passing[secret] = nil }
        let gone = over.filter { !lasting.contains($0) }
        mask.forget(gone)
        return gone
    }
}
