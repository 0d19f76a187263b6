import Testing

@testable import BatutaTelemetry

@Suite struct `Metrics of a process` {
    @Test func `S3.58 the text is what Prometheus reads`() {
        let registry = MetricsRegistry()
        let calls = registry.counter("calls_total", "Calls,\nwith \\ and \"quotes\".", labels: ["tool", "success"])
        calls.increment("b", "true")
        calls.increment(by: 2.5, "a", "fal\"se\n\\")
        calls.increment(by: -1, "b", "true")
        calls.increment(by: .nan, "b", "true")
        registry.gauge("depth", "Depth.").set(-3)
        let wait = registry.histogram("wait_seconds", "Wait.", labels: ["q"], buckets: [0.1, 1])
        wait.observe(0.1, "x")
        wait.observe(Duration.milliseconds(500), "x")
        wait.observe(7, "x")
        wait.observe(Double.nan, "x")
        #expect(
            registry.prometheusText() == #"""
                # HELP calls_total Calls,\nwith \\ and "quotes".
                # TYPE calls_total counter
                calls_total{tool="a",success="fal\"se\n\\"} 2.5
                calls_total{tool="b",success="true"} 1
                # HELP depth Depth.
                # TYPE depth gauge
                depth -3
                # HELP wait_seconds Wait.
                # TYPE wait_seconds histogram
                wait_seconds_bucket{q="x",le="0.1"} 1
                wait_seconds_bucket{q="x",le="1"} 2
                wait_seconds_bucket{q="x",le="+Inf"} 3
                wait_seconds_sum{q="x"} 7.6
                wait_seconds_count{q="x"} 3

                """#
        )
    }

    @Test func `API 5 the names that clients rely on are there`() {
        let registry = MetricsRegistry()
        let metrics = BatutaMetrics(in: registry)
        metrics.runs.increment("completed", "chat")
        metrics.eventLoopLag.set(0.002, "network", "0.99")
        let text = registry.prometheusText()
        #expect(text.contains("batuta_runs_total{status=\"completed\",target=\"chat\"} 1\n"))
        #expect(text.contains("batuta_event_loop_lag_seconds{loop=\"network\",quantile=\"0.99\"} 0.002\n"))
        #expect(text.contains("batuta_cost_usd_total 0\n"))
        for name in ["model_tokens_total", "tool_calls_total", "cache_requests_total", "approvals_total"] {
            #expect(text.contains("# TYPE batuta_\(name) counter\n"))
        }
    }

    @Test func `the same name gives the same metric`() {
        let registry = MetricsRegistry()
        registry.counter("c", "C.").increment()
        registry.counter("c", "C.").increment()
        #expect(registry.prometheusText().hasSuffix("\nc 2\n"))
    }

    @Test func `label values from outside cannot fill the memory`() {
        let registry = MetricsRegistry()
        let counter = registry.counter("c", "C.", labels: ["x"])
        for number in 0..<(MetricFamily.maximumSeries + 50) { counter.increment("\(number)") }
        #expect(counter.family.snapshot().count <= MetricFamily.maximumSeries + 1)
        #expect(registry.prometheusText().contains("c{x=\"other\"} 50\n"))
    }

    @Test func `increments from many tasks are all counted`() async {
        let registry = MetricsRegistry()
        let counter = registry.counter("c", "C.", labels: ["x"])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { for _ in 0..<100 { counter.increment("a") } } }
        }
        #expect(registry.prometheusText().hasSuffix("c{x=\"a\"} 10000\n"))
    }

    @Test func `the process shows its own state`() throws {
        let registry = MetricsRegistry()
        ProcessMetrics.register(in: registry)
        let lines = registry.prometheusText().split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count == 6)
        for line in lines {
            let value = try #require(Double(line.split(separator: " ")[1]))
            #expect(value > 0, "\(line)")
        }
    }

    @Test func `a process whose name holds anything is read all the same`() throws {
        let tail = "S 1 1 1 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 4 0 1000 4096000 25 18446744073709551615"
        let reading = ProcessReading(stat: "7 (a) b (c)) \(tail)", system: "cpu 1\nbtime 1700000000\n", ticks: 100, page: 4_096)
        let found = try #require(reading)
        #expect(found.cpuSeconds == 3)
        #expect(found.startSeconds == 1_700_000_010)
        #expect(found.virtualBytes == 4_096_000)
        #expect(found.residentBytes == 102_400)
    }

    @Test(arguments: ["", "7 (a", "7 (a) S 1", "7 (a) S x x x x x x x x x x x x x x x x x x x x x x x x"])
    func `a stat file that makes no sense gives nothing`(stat: String) {
        #expect(ProcessReading(stat: stat, system: "btime 1\n", ticks: 100, page: 4_096) == nil)
    }
}
