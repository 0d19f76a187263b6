import Glibc

/// Runs that wait for a human, over a restart: rows of the store and nothing else.
enum WaitingRuns {
    private static let count = 1_000

    static func measure(_ options: Options, into report: inout Report) throws {
        let simulator = try RemoteSimulator()
        defer { simulator.stop() }
        var ready: [Double] = [], bytes: [Double] = [], threads: [Double] = []
        let (empty, full) = (try first(options, simulator, runs: 0), try first(options, simulator, runs: count))
        for _ in 0..<max(5, options.rounds) {
            let before = try again(options, simulator, after: empty), after = try again(options, simulator, after: full)
            ready.append(after.ready)
            bytes.append(Double(after.memory - before.memory) / Double(count))
            threads.append(Double(after.threads - before.threads))
        }
        report.add(
            Row(
                name: "\(count) runs wait for a human: start until /readyz",
                measured: ready.median * 1_000,
                unit: "ms",
                target: .atMost(1_000)
            )
        )
        report.add(Row(name: "  memory of each, after the start", measured: bytes.median, unit: "B", target: .atMost(1_000)))
        report.add(Row(name: "  threads that they hold", measured: threads.median, unit: "", target: .atMost(0)))
    }

    private static let pay = """
        name: pay
        description: Pays.
        effect: critical
        parameters: { type: object, properties: { round: { type: integer } } }
        http: { method: POST, url: "http://127.0.0.1:9/pay" }

        """

    /// A server with so many runs that ask; killed when all of them do.
    private static func first(_ options: Options, _ simulator: RemoteSimulator, runs: Int) throws -> Server {
        let server = try Server(options, simulator: simulator.port, model: "tools-1", tools: [(name: "pay", yaml: pay)])
        let key = try server.makeKey()
        if runs > 0 {
            let body = #"{"content":"Pay, please.","stream":true}"#
            let request = server.request("POST", "/v1/runs", key: key, body: body, accept: "text/event-stream")
            _ = try LoadGenerator(port: server.port, request: request, sign: #""state":"requested""#).perform(runs, atOnce: 16)
        }
        server.kill()
        return server
    }

    private static func again(_ options: Options, _ simulator: RemoteSimulator, after server: Server) throws
        -> (ready: Double, memory: Int, threads: Int)
    {
        let next = try Server(options, simulator: simulator.port, after: server)
        defer { next.kill() }
        // What the start leaves to be done has been done by then.
        sleep(1)
        let statistics = try next.statistics()
        return (next.secondsToReady, statistics.ownBytes, statistics.threads)
    }
}
