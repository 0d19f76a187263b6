import Synchronization

/// The metrics of a process, and their text for Prometheus.
///
/// Registering a name again gives the same metric; with another kind or other labels it is a programmer's error and stops the program.
public final class MetricsRegistry: Sendable {
    private struct State {
        var families: [String: MetricFamily] = [:]
        var hooks: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    public init() {}

    public func counter(_ name: String, _ help: String, labels: [String] = []) -> Counter {
        Counter(family: family(name, help, .counter, labels))
    }

    public func gauge(_ name: String, _ help: String, labels: [String] = []) -> Gauge {
        Gauge(family: family(name, help, .gauge, labels))
    }

    /// - Parameter buckets: upper bounds, rising; the last one, infinity, is added.
    public func histogram(
        _ name: String,
        _ help: String,
        labels: [String] = [],
        buckets: [Double] = Histogram.secondsBuckets
    ) -> Histogram {
        precondition(zip(buckets, buckets.dropFirst()).allSatisfy(<), "bucket bounds rise")
        return Histogram(family: family(name, help, .histogram(buckets), labels), bounds: buckets)
    }

    /// Runs `hook` before each text is made: for gauges whose value is read somewhere else.
    public func beforeReading(_ hook: @escaping @Sendable () -> Void) { state.withLock { $0.hooks.append(hook) } }

    /// Prometheus text format 0.0.4 (`text/plain; version=0.0.4`), families and series sorted by name.
    public func prometheusText() -> String {
        for hook in state.withLock({ $0.hooks }) { hook() }
        let families = state.withLock { $0.families }.values.sorted { $0.name < $1.name }
        var text = PrometheusText()
        for family in families { text.append(family) }
        return text.text
    }

    private func family(_ name: String, _ help: String, _ kind: MetricFamily.Kind, _ labels: [String]) -> MetricFamily {
        let family = state.withLock { state in
            let found = state.families[name] ?? MetricFamily(name: name, help: help, kind: kind, labels: labels)
            state.families[name] = found
            return found
        }
        precondition(family.kind == kind && family.labels == labels, "\(name) exists with another kind or other labels")
        return family
    }
}

/// https://prometheus.io/docs/instrumenting/exposition_formats/
struct PrometheusText {
    private(set) var text = ""

    mutating func append(_ family: MetricFamily) {
        text += "# HELP \(family.name) \(PrometheusText.escaped(family.help, quotes: false))\n# TYPE \(family.name) \(family.kind.name)\n"
        for (values, series) in family.snapshot() {
            let labels = Array(zip(family.labels, values))
            guard case .histogram(let bounds) = family.kind else {
                line(family.name, labels, series.value)
                continue
            }
            var below: UInt64 = 0
            for (bound, count) in zip(bounds, series.buckets) {
                below += count
                line(family.name + "_bucket", labels + [("le", PrometheusText.number(bound))], Double(below))
            }
            line(family.name + "_bucket", labels + [("le", "+Inf")], Double(series.count))
            line(family.name + "_sum", labels, series.value)
            line(family.name + "_count", labels, Double(series.count))
        }
    }

    private mutating func line(_ name: String, _ labels: [(String, String)], _ value: Double) {
        text += name
        if !labels.isEmpty {
            text += "{" + labels.map { "\($0.0)=\"\(PrometheusText.escaped($0.1, quotes: true))\"" }.joined(separator: ",") + "}"
        }
        text += " \(PrometheusText.number(value))\n"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return Int64(exactly: value).map(String.init) ?? value.description
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        guard text.utf8.contains(where: { $0 == 0x5C || $0 == 0x0A || $0 == 0x22 }) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": result.append(contentsOf: "\\n".unicodeScalars)
            case "\"" where quotes: result.append(contentsOf: "\\\"".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
