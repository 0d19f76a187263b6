import Synchronization

/// Redis for speed, PostgreSQL for certainty: both are rung and both are heard.
///
/// While Redis is there PostgreSQL is rung once a second at most, so that a node without Redis, or one that lost it, is late by a second and no more;
/// while Redis is away PostgreSQL is rung at once. Every node rings PostgreSQL, so a node hears all of them while it hears that.
public final class PairedDoorbell: Doorbell {
    /// No later than a node would look by itself.
    private static let lateness = Duration.seconds(1)

    private let redis: RedisDoorbell
    private let postgres: PostgresDoorbell
    private let ears = Mutex(PairedEars())

    public init(_ redis: RedisDoorbell, _ postgres: PostgresDoorbell) {
        (self.redis, self.postgres) = (redis, postgres)
    }

    public func ring(_ ring: BellRing) {
        redis.ring(ring)
        postgres.ring(ring, within: redis.isHearing ? Self.lateness : .zero)
    }

    public func listen(_ heard: @escaping @Sendable (BellNews) -> Void) {
        // Told under the lock: what one bell says last must not be overtaken by what the other said before.
        redis.listen { [self] news in ears.withLock { for news in $0.hear(news, fromSure: false) { heard(news) } } }
        postgres.listen { [self] news in ears.withLock { for news in $0.hear(news, fromSure: true) { heard(news) } } }
    }

    public func close() {
        redis.close()
        postgres.close()
    }
}

/// What two bells say, as one would say it.
struct PairedEars {
    /// Whether the bell that everybody rings is heard.
    private var hearsSure = false

    /// - Parameter isSure: Whether everybody rings that bell.
    mutating func hear(_ news: BellNews, fromSure isSure: Bool) -> [BellNews] {
        switch (news, isSure) {
        case (.rings, _): return [news]
        case (.everything, true):
            hearsSure = true
            return [.everything]
        case (.silence, true):
            hearsSure = false
            return [.silence]
        // `everything` promises that nothing will be missed from now on, which this bell alone cannot.
        case (.everything, false): return hearsSure ? [.everything] : [.everything, .silence]
        case (.silence, false): return []
        }
    }
}
