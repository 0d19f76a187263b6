import BatutaHTTP
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ServerTimeoutTests {
    private func routes(_ router: inout Router) {
        router.inline(.get, "/healthz") { _ in .text("ok") }
        router.post("/echo", bodyLimit: 10_000_000) { request in .text("\(try await request.body.collect(upTo: 10_000_000).count)") }
        router.get("/flood") { _ in
            HTTPResponse(
                body: .stream { writer in
                    while true { try await writer.write([UInt8](repeating: 0x61, count: 65_536)) }
                }
            )
        }
    }

    private func quick(_ configuration: inout HTTPServer.Configuration) {
        configuration.timeouts.header = .milliseconds(200)
        configuration.timeouts.body = .milliseconds(200)
        configuration.timeouts.write = .milliseconds(200)
        configuration.timeouts.linger = .milliseconds(200)
    }

    @Test func `a head that stops coming gets 408`() async throws {
        try await serving(routes, configure: quick) { _, port in
            let answer = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("GET /healthz HTTP/1.1\r\nHo")
                return try socket.response()
            }
            #expect(answer.status == 408)
            #expect(answer.body.contains("header_too_slow"))
        }
    }

    @Test(arguments: ["Content-Length: 10\r\n\r\nabc", "Content-Length: 1000000\r\n\r\n" + String(repeating: "b", count: 100_000)])
    func `a body that stops coming gets 408, whether its handler runs already or not`(_ rest: String) async throws {
        try await serving(routes, configure: quick) { _, port in
            let answer = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("POST /echo HTTP/1.1\r\nHost: a\r\n" + rest)
                return try socket.response()
            }
            #expect(answer.status == 408)
            #expect(answer.body.contains("body_too_slow"))
        }
    }

    @Test func `a connection that stays silent is closed without a word, before and after a request`() async throws {
        let configure: (inout HTTPServer.Configuration) -> Void = { $0.timeouts.idle = .seconds(2) }
        try await serving(routes, configure: configure) { _, port in
            let (first, second) = try await blocking {
                let silent = try RawSocket(port: port).readToEnd()
                let socket = try RawSocket(port: port)
                try socket.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try socket.response()
                return try (silent, socket.readToEnd())
            }
            #expect(first == "")
            #expect(second == "")
        }
    }

    @Test func `a reader that takes nothing is cut off and its handler cancelled`() async throws {
        let ended = Occurrence()
        try await serving(
            { router in
                router.get("/flood") { _ in
                    HTTPResponse(
                        body: .stream { writer in
                            defer { ended.set() }
                            while true { try await writer.write([UInt8](repeating: 0x61, count: 65_536)) }
                        }
                    )
                }
            },
            configure: quick,
            { _, port in
                let socket = try RawSocket(port: port, receiveBuffer: 4_096)
                try socket.send("GET /flood HTTP/1.1\r\nHost: a\r\n\r\n")
                await ended.wait()
            }
        )
    }
}
