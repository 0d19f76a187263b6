import Synchronization

/// Token buckets, one a caller: `count` in `period`, refilled evenly. Creating runs is the costly thing that it guards (API §4).
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var at: ContinuousClock.Instant
    }

    private let count: Double
    private let perSecond: Double
    private let buckets = Mutex<[String: Bucket]>([:])

    init(count: Int, per period: Duration) {
        self.count = Double(count)
        perSecond = Double(count) / max(Double(period.components.seconds), 1)
    }

    /// nil when the caller may go on; else the time until it may.
    func take(_ caller: String, at now: ContinuousClock.Instant = .now) -> Duration? {
        buckets.withLock { buckets in
            if buckets.count > 50_000 { buckets = buckets.filter { refilled($0.value, now) < count } }
            var bucket = buckets[caller] ?? Bucket(tokens: count, at: now)
            bucket.tokens = refilled(bucket, now)
            bucket.at = now
            defer { buckets[caller] = bucket }
            guard bucket.tokens >= 1 else { return .seconds((1 - bucket.tokens) / perSecond) }
            bucket.tokens -= 1
            return nil
        }
    }

    private func refilled(_ bucket: Bucket, _ now: ContinuousClock.Instant) -> Double {
        let passed = bucket.at.duration(to: now)
        let seconds = Double(passed.components.seconds) + Double(passed.components.attoseconds) / 1e18
        return min(count, bucket.tokens + seconds * perSecond)
    }
}
