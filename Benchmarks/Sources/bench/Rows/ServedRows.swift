import Glibc

/// The program itself, as it is installed: `batuta serve` in a process of its own, asked over loopback. All CPU is the server's.
enum ServedRows {
    static func measure(_ options: Options, into report: inout Report) throws {
        let simulator = try RemoteSimulator()
        defer { simulator.stop() }
        try start(options, simulator, into: &report)
        let server = try Server(options, simulator: simulator.port)
        defer { server.stop() }
        let key = try server.makeKey()
        try chat(options, server, key, atOnce: 1, into: &report)
        try chat(options, server, key, atOnce: 32, into: &report)
        try health(options, server, into: &report)
    }

    /// From nothing: no store yet, every migration to be made.
    private static func start(_ options: Options, _ simulator: RemoteSimulator, into report: inout Report) throws {
        var seconds: [Double] = [], memory: [Double] = []
        for _ in 0..<options.rounds {
            let server = try Server(options, simulator: simulator.port)
            defer { server.stop() }
            seconds.append(server.secondsToReady)
            memory.append(Double(try server.statistics().residentBytes) / 1_048_576)
        }
        report.add(
            Row(
                name: "start until /readyz, with migrations",
                measured: seconds.median * 1_000,
                unit: "ms",
                target: .atMost(230),
                comparisons: [.init(name: "AgentOS (recorded)", value: 2_300)]
            )
        )
        report.add(
            Row(
                name: "  memory then",
                measured: memory.median,
                unit: "MiB",
                target: .atMost(45),
                comparisons: [.init(name: "AgentOS (recorded)", value: 132)]
            )
        )
    }

    private struct ChatSample {
        var cpuMilliseconds: Double
        var firstEvent: Double
        var firstText: Double
        var end: Double
    }

    /// A message in a new session, its run streamed to the end: 20 tokens of the simulator.
    private static func chat(_ options: Options, _ server: Server, _ key: String, atOnce: Int, into report: inout Report) throws {
        let body = #"{"content":"Hello. How are you today?","stream":true}"#
        let load = LoadGenerator(
            port: server.port,
            request: server.request("POST", "/v1/runs", key: key, body: body, accept: "text/event-stream"),
            sign: #""type":"complete""#
        )
        _ = try load.perform(300, atOnce: atOnce)
        let count = atOnce == 1 ? 500 : 2_000
        let samples = try (0..<options.rounds).map { _ in
            let cpu = try server.statistics().cpuSeconds
            let answers = try load.perform(count, atOnce: atOnce)
            return ChatSample(
                cpuMilliseconds: (try server.statistics().cpuSeconds - cpu) * 1_000 / Double(count),
                firstEvent: answers.map(\.firstEvent).median * 1_000,
                firstText: answers.map(\.firstText).median * 1_000,
                end: answers.map(\.end).median * 1_000
            )
        }
        addChatRows(samples, atOnce: atOnce, into: &report)
    }

    private static func addChatRows(_ samples: [ChatSample], atOnce: Int, into report: inout Report) {
        let who = atOnce == 1 ? "1 client" : "\(atOnce) clients"
        report.add(
            Row(
                name: "served chat, 20 tokens streamed, \(who): CPU",
                measured: samples.map(\.cpuMilliseconds).median,
                unit: "ms",
                target: .atMost(0.9),
                comparisons: [.init(name: "AgentOS + SQLite (recorded)", value: atOnce == 1 ? 20 : 25.8)]
            )
        )
        report.add(
            Row(
                name: "  first event p50",
                measured: samples.map(\.firstEvent).median,
                unit: "ms",
                target: .atMost(atOnce == 1 ? 1.2 : 9),
                comparisons: [.init(name: "AgentOS + SQLite (recorded)", value: atOnce == 1 ? 4.6 : 183)]
            )
        )
        report.add(Row(name: "  first text p50", measured: samples.map(\.firstText).median, unit: "ms", target: .none))
        report.add(Row(name: "  whole answer p50", measured: samples.map(\.end).median, unit: "ms", target: .none))
    }

    private static func health(_ options: Options, _ server: Server, into report: inout Report) throws {
        let load = LoadGenerator(port: server.port, request: server.request("GET", "/healthz"), sign: #"{"status":"ok"}"#)
        let count = 100_000
        let rates = try (0..<options.rounds).map { _ in
            let cpu = try server.statistics().cpuSeconds
            _ = try load.perform(count, atOnce: 64)
            return Double(count) / (try server.statistics().cpuSeconds - cpu)
        }
        report.add(
            Row(
                name: "GET /healthz per CPU second, 64 connections",
                measured: rates.median,
                unit: "/s",
                target: .atLeast(50_000),
                comparisons: [.init(name: "uvicorn (recorded)", value: 19_700)]
            )
        )
    }
}
