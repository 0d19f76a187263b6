import Glibc

/// Readers that wait for events that do not come, each of a session of its own.
enum IdleSubscribers {
    private static let count = 2_000
    /// Longer than the 15 s between two comments that keep proxies awake.
    private static let idleSeconds = 16

    static func measure(_ options: Options, into report: inout Report) throws {
        raiseFileLimit()
        let simulator = try RemoteSimulator()
        defer { simulator.stop() }
        let server = try Server(options, simulator: simulator.port)
        defer { server.stop() }
        let key = try server.makeKey()
        let sessions = try makeSessions(server, key)
        let before = try server.statistics()
        let readers = try sessions.map { try reader(of: $0, server, key) }
        sleep(1)
        let held = try server.statistics()
        sleep(UInt32(idleSeconds))
        let idle = try server.statistics()
        withExtendedLifetime(readers) {}
        report.add(
            Row(
                name: "idle SSE subscriber, \(count) held: memory",
                measured: Double(held.residentBytes - before.residentBytes) / 1_000 / Double(count),
                unit: "kB",
                target: .atMost(16),
                comparisons: [.init(name: "uvicorn (recorded)", value: 24)]
            )
        )
        report.add(
            Row(
                name: "  CPU while all are idle",
                measured: (idle.cpuSeconds - held.cpuSeconds) * 100 / Double(idleSeconds),
                unit: "%",
                target: .atMost(1)
            )
        )
    }

    private static func makeSessions(_ server: Server, _ key: String) throws -> [String] {
        let connection = try LoadConnection(port: server.port)
        let request = server.request("POST", "/v1/sessions", key: key, body: "{}")
        return try (0..<count).map { _ in
            let answer = try connection.ask(request, sign: #""id":"ses_"#)
            guard let id = answer.split(separator: "\"").first(where: { $0.hasPrefix("ses_") }) else {
                throw BenchError("no session: \(answer)")
            }
            return String(id)
        }
    }

    /// A connection that has the head of its stream.
    private static func reader(of session: String, _ server: Server, _ key: String) throws -> LoadConnection {
        let connection = try LoadConnection(port: server.port)
        try connection.send(server.request("GET", "/v1/sessions/\(session)/events", key: key, accept: "text/event-stream"))
        try connection.receiveHead()
        return connection
    }

    /// Readers are open files, here and in the server, which inherits the limit.
    private static func raiseFileLimit() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
        limit.rlim_cur = min(limit.rlim_max, 16_384)
        setrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
    }
}
