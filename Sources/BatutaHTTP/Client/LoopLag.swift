/// How long the loop was busy between two looks at its sockets: the longest that an event had to wait. Since the last reading.
public struct LoopLag: Sendable, Equatable {
    public var turns: UInt64
    public var maximum: Duration
    /// Upper bound of the bucket that holds the percentile; buckets double from 1 µs.
    public var p50: Duration
    public var p99: Duration
}

/// Counts busy times in buckets that double from 1 µs.
struct LagHistogram: Sendable {
    private var counts = [UInt64](repeating: 0, count: 32)
    private var turns: UInt64 = 0
    private var maximum: UInt64 = 0

    mutating func record(nanoseconds: UInt64) {
        turns += 1
        maximum = max(maximum, nanoseconds)
        let microseconds = nanoseconds / 1_000
        counts[min(counts.count - 1, UInt64.bitWidth - microseconds.leadingZeroBitCount)] += 1
    }

    mutating func take() -> LoopLag {
        let lag = LoopLag(turns: turns, maximum: .nanoseconds(clamping: maximum), p50: percentile(50), p99: percentile(99))
        self = LagHistogram()
        return lag
    }

    private func percentile(_ percent: UInt64) -> Duration {
        let wanted = (turns * percent + 99) / 100
        var seen: UInt64 = 0
        for (bucket, count) in counts.enumerated() {
            seen += count
            if seen >= wanted, count > 0 { return .nanoseconds(clamping: min(maximum, 1_000 << UInt64(bucket))) }
        }
        return .zero
    }
}

extension Duration {
    static func nanoseconds(clamping value: UInt64) -> Duration { .nanoseconds(Int64(clamping: value)) }
}
