import Synchronization

/// All series of one metric name. Values are found by their label values, so a series appears with its first use.
final class MetricFamily: Sendable {
    enum Kind: Equatable, Sendable {
        case counter
        case gauge
        case histogram([Double])

        var name: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// A histogram's buckets are counts of their own interval here, not yet cumulative.
    struct Series: Sendable {
        var value: Double = 0
        var buckets: [UInt64] = []
        var count: UInt64 = 0
    }

    /// Label values may come from outside: beyond this number, new combinations gather under `other`.
    static let maximumSeries = 2_000

    let name: String
    let help: String
    let kind: Kind
    let labels: [String]
    private let series = Mutex<[[String]: Series]>([:])

    init(name: String, help: String, kind: Kind, labels: [String]) {
        precondition(MetricFamily.isName(name), "a metric name is [a-zA-Z_:][a-zA-Z0-9_:]*")
        precondition(
            labels.allSatisfy { MetricFamily.isName($0) && $0 != "le" && !$0.contains(":") },
            "a label name is [a-zA-Z_][a-zA-Z0-9_]*"
        )
        self.name = name
        self.help = help
        self.kind = kind
        self.labels = labels
        if labels.isEmpty { update([]) { _ in } }
    }

    func update(_ values: [String], _ change: (inout Series) -> Void) {
        precondition(values.count == labels.count, "\(name) has \(labels.count) labels")
        series.withLock { all in
            let isFull = all.count >= MetricFamily.maximumSeries && all[values] == nil
            let key = isFull ? [String](repeating: "other", count: values.count) : values
            change(&all[key, default: emptySeries])
        }
    }

    func remove(_ values: [String]) { series.withLock { $0[values] = nil } }

    /// Sorted by label values, so that two readings compare.
    func snapshot() -> [(labels: [String], series: Series)] {
        let all = series.withLock { $0 }
        return all.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { (labels: $0.key, series: $0.value) }
    }

    private var emptySeries: Series {
        guard case .histogram(let bounds) = kind else { return Series() }
        return Series(buckets: [UInt64](repeating: 0, count: bounds.count))
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x3A: true
            default: false
            }
        }
    }
}

/// A number that only grows.
public struct Counter: Sendable {
    let family: MetricFamily

    /// `labels` are the values in the order of the metric's label names. A negative or undefined amount is ignored.
    public func increment(by amount: Double = 1, _ labels: String...) {
        guard amount >= 0 else { return }
        family.update(labels) { $0.value += amount }
    }
}

/// A number that goes up and down.
public struct Gauge: Sendable {
    let family: MetricFamily

    public func set(_ value: Double, _ labels: String...) { family.update(labels) { $0.value = value } }
    public func add(_ amount: Double, _ labels: String...) { family.update(labels) { $0.value += amount } }
    /// What the labels name is not there any more, and nobody is told of it.
    public func remove(_ labels: String...) { family.remove(labels) }
}

/// How often values fell into which range.
public struct Histogram: Sendable {
    let family: MetricFamily
    let bounds: [Double]

    /// Seconds from 1 ms to 1 min, the usual range of calls.
    public static let secondsBuckets: [Double] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    /// A value that is not a number is ignored.
    public func observe(_ value: Double, _ labels: String...) { record(value, labels) }

    /// In seconds.
    public func observe(_ duration: Duration, _ labels: String...) {
        let parts = duration.components
        record(Double(parts.seconds) + Double(parts.attoseconds) * 1e-18, labels)
    }

    private func record(_ value: Double, _ labels: [String]) {
        guard !value.isNaN else { return }
        let bucket = bounds.firstIndex { value <= $0 }
        family.update(labels) { series in
            series.count += 1
            series.value += value
            if let bucket { series.buckets[bucket] += 1 }
        }
    }
}
