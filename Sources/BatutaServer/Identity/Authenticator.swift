public import BatutaCore
import Synchronization

/// Finds out who makes a request. Keys that were seen a moment ago are remembered for two seconds, so that a revocation, also one made by
/// another process, takes effect within that time and a busy key costs no query.
public final class Authenticator: Sendable {
    private let keys: KeyStore
    private let clock: any ProjectClock
    private let monotonic = ContinuousClock()
    private let seen = Mutex<[String: Seen]>([:])

    private struct Seen {
        var key: APIKey
        var until: ContinuousClock.Instant
        var touchAfter: ContinuousClock.Instant
    }

    static let memory = Duration.seconds(2)
    static let touchInterval = Duration.seconds(60)

    public init(keys: KeyStore, clock: any ProjectClock) {
        self.keys = keys
        self.clock = clock
    }

    /// The principal of a key's secret; nil when it is unknown, expired or revoked.
    public func principal(secret: String) async throws -> Principal? {
        if let principal = remembered(secret) { return principal }
        guard secret.hasPrefix("bat_"), secret.utf8.count <= 200, let key = try await keys.find(secret: APIKeySecret(secret)),
            key.isValid(at: clock.now())
        else {
            seen.withLock { $0[secret] = nil }
            return nil
        }
        if remember(secret, key) { try await keys.touch(key.id) }
        return key.principal
    }

    /// Lets go of a key that was revoked here, so that it counts no more from now on.
    func forget(_ id: KeyID) {
        seen.withLock { seen in seen = seen.filter { $0.value.key.id != id } }
    }

    /// Whether the principal's key still counts; open streams ask now and then.
    public func isStillValid(_ principal: Principal) async throws -> Bool {
        guard let id = principal.keyID else { return true }
        return try await keys.find(id: KeyID(trusted: id))?.isValid(at: clock.now()) ?? false
    }

    private func remembered(_ secret: String) -> Principal? {
        let now = monotonic.now
        return seen.withLock { seen in
            guard let entry = seen[secret], now < entry.until, entry.key.isValid(at: clock.now()) else { return nil }
            return entry.key.principal
        }
    }

    /// True when the key's last use should be noted.
    private func remember(_ secret: String, _ key: APIKey) -> Bool {
        let now = monotonic.now
        return seen.withLock { seen in
            if seen.count > 10_000 { seen = [:] }
            let touchAfter = seen[secret]?.touchAfter ?? now
            let isDue = now >= touchAfter
            seen[secret] = Seen(key: key, until: now + Self.memory, touchAfter: isDue ? now + Self.touchInterval : touchAfter)
            return isDue
        }
    }
}
