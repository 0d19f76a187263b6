import BatutaHTTP
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ServerDrainTests {
    private func start(_ build: (inout Router) -> Void) throws -> (HTTPServer, UInt16) {
        var router = Router()
        build(&router)
        let server = try HTTPServer(router: router)
        return (server, try server.start().port)
    }

    /// Returns when nobody listens on the port any more; another server may be given the same number, but not for long.
    private func refuses(_ port: UInt16) async throws {
        for _ in 0..<1_000 {
            if (try? RawSocket(port: port)) == nil { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("the port still takes connections")
    }

    @Test func `a request in flight is finished, then its connection closed, and new ones are refused`() async throws {
        let started = Occurrence()
        let release = Occurrence()
        let (server, port) = try start { router in
            router.get("/slow") { _ in
                started.set()
                await release.wait()
                return .text("whole")
            }
        }
        let socket = try RawSocket(port: port)
        try socket.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        await started.wait()
        async let drained: Void = server.drain(deadline: .seconds(30))
        try await refuses(port)
        release.set()
        let text = try await blocking { try socket.readToEnd() }
        #expect(text.hasPrefix("HTTP/1.1 200"))
        #expect(text.contains("Connection: close"))
        #expect(text.hasSuffix("whole"))
        await drained
        #expect(server.connectionCount == 0)
    }

    @Test func `S0.7 idle connections and quiet event streams end by themselves`() async throws {
        let closed = Occurrence()
        let isThere = Occurrence()
        let (server, port) = try start { router in
            router.get("/events") { _ in
                .events { writer in
                    writer.onClose { closed.set() }
                    writer.tryWrite(ServerSentEvent(id: "1", data: "x").bytes)
                    isThere.set()
                }
            }
            router.inline(.get, "/ws") { _ in HTTPResponse(body: .detachedWebSocket { _ in }) }
        }
        let stream = try RawSocket(port: port)
        let idle = try RawSocket(port: port)
        try stream.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
        await isThere.wait()
        let webSocket = try await blocking { try RawWebSocket.open(port: port) }
        async let code = blocking {
            let code = try webSocket.closeCode()
            try webSocket.send(0x8, [0x03, 0xE9])
            return code
        }
        await server.drain(deadline: .seconds(30))
        let (events, rest) = try await blocking { try (stream.readToEnd(), idle.readToEnd()) }
        #expect(events.hasSuffix("data: x\n\n\r\n0\r\n\r\n"))
        #expect(rest == "")
        #expect(try await code == 1001)
        await closed.wait()
    }

    @Test func `an event stream that a handler writes ends when it is quiet, and the handler is cancelled`() async throws {
        let cancelled = Occurrence()
        let (server, port) = try start { router in
            router.get("/events") { _ in
                .eventStream { writer in
                    defer { cancelled.set() }
                    try await writer.write(ServerSentEvent(id: "1", data: "x").bytes)
                    try await Task.sleep(for: .seconds(600))
                }
            }
        }
        let socket = try RawSocket(port: port)
        try socket.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try await blocking { try socket.read(upTo: "data: x\n\n") }
        async let rest = blocking { try socket.readToEnd() }
        await server.drain(deadline: .seconds(30))
        #expect(try await rest == "\r\n0\r\n\r\n")
        await cancelled.wait()
    }

    @Test func `what does not end is cut at the deadline, and its handler cancelled`() async throws {
        let cancelled = Occurrence()
        let (server, port) = try start { router in
            router.get("/endless") { _ in
                HTTPResponse(
                    body: .stream { writer in
                        defer { cancelled.set() }
                        while true {
                            try await writer.write(Array("x".utf8))
                            try await Task.sleep(for: .milliseconds(20))
                        }
                    }
                )
            }
        }
        let socket = try RawSocket(port: port)
        try socket.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try await blocking { try socket.read(upTo: "x") }
        await server.drain(deadline: .milliseconds(300))
        await cancelled.wait()
        #expect(server.connectionCount == 0)
    }

    @Test func `run returns when its task is cancelled`() async throws {
        var router = Router()
        router.inline(.get, "/") { _ in .text("root") }
        let server = try HTTPServer(router: router)
        let address = try server.start()
        let running = Task { try await server.run() }
        let body = try await blocking {
            let socket = try RawSocket(port: address.port)
            try socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            return try socket.response().body
        }
        #expect(body == "root")
        running.cancel()
        try await running.value
        try await refuses(address.port)
    }

    @Test func `a port in use is said so, and a server starts once`() async throws {
        let (server, port) = try start { _ in }
        var configuration = HTTPServer.Configuration()
        configuration.port = port
        let second = try HTTPServer(configuration: configuration, router: Router())
        let error = #expect(throws: HTTPServerError.self) { try second.start() }
        #expect(error?.code == .addressInUse)
        #expect(error?.message.contains("\(port)") == true)
        #expect(throws: HTTPServerError.self) { try server.start() }
        await server.drain(deadline: .zero)
    }

    @Test(arguments: ["::1", "localhost", "0.0.0.0"])
    func `it listens on names and on both families`(_ host: String) async throws {
        var configuration = HTTPServer.Configuration()
        configuration.host = host
        let server = try HTTPServer(configuration: configuration, router: Router())
        #expect(try server.start().port > 0)
        await server.drain(deadline: .zero)
    }

    @Test func `a host that does not exist is an error with words`() throws {
        var configuration = HTTPServer.Configuration()
        configuration.host = "192.0.2.1"
        let server = try HTTPServer(configuration: configuration, router: Router())
        let error = #expect(throws: HTTPServerError.self) { try server.start() }
        #expect(error?.code == .bindFailed)
    }

    @Test func `2,000 connections dropped half-way leave nothing behind`() async throws {
        let router: (inout Router) -> Void = { router in
            router.get("/sleep") { _ in
                try await Task.sleep(for: .seconds(600))
                return .text("")
            }
            router.get("/events") { _ in .events { writer in writer.tryWrite([0x3A, 0x0A, 0x0A]) } }
            router.get("/ws") { _ in
                HTTPResponse(body: .webSocket { socket in for try await message in socket.messages { try await socket.send(message) } })
            }
            router.on(.post, "/up", bodyLimit: 10_000_000) { request in .text("\(try await request.body.collect(upTo: 10_000_000).count)") }
        }
        var made = Router()
        router(&made)
        var configuration = HTTPServer.Configuration()
        configuration.loops = 2
        configuration.timeouts.linger = .milliseconds(100)
        let server = try HTTPServer(configuration: configuration, router: made)
        let port = try server.start().port
        try await blocking { try Self.churn(port) }
        while server.connectionCount > 0 { try await Task.sleep(for: .milliseconds(10)) }
        let answer = try await blocking {
            let socket = try RawSocket(port: port)
            try socket.send("POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab")
            return try socket.response().body
        }
        #expect(answer == "2")
        await server.drain(deadline: .zero)
        #expect(server.connectionCount == 0)
    }

    private static func churn(_ port: UInt16) throws {
        for round in 0..<20 {
            var open: [RawSocket] = []
            for index in 0..<100 {
                let socket = try RawSocket(port: port)
                switch index % 5 {
                case 0: try socket.send("GET /sleep HTTP/1.1\r\nHost: a\r\n\r\n")
                case 1: try socket.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
                case 2:
                    try socket.send(
                        "POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n" + String(repeating: "x", count: 100_000)
                    )
                case 3:
                    let client = try RawWebSocket.open(port: port)
                    try client.send(0x1, Array("hello".utf8))
                    open.append(client.socket)
                default: try socket.send("GET /he")
                }
                open.append(socket)
            }
            if round % 2 == 0 { for socket in open { socket.reset() } }
        }
    }
}
