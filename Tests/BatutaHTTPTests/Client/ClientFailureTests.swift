import BatutaHTTP
import Testing

/// The error that `body` must throw.
func clientError(_ body: () async throws -> Void) async throws -> HTTPClientError {
    do {
        try await body()
    } catch let error as HTTPClientError {
        return error
    }
    Issue.record("nothing was thrown")
    return HTTPClientError(.cancelled, "")
}

@Suite struct `HTTP client: failures` {
    let client: HTTPClient
    init() throws { client = try HTTPClient() }

    private func failure(_ request: ClientRequest) async throws -> HTTPClientError {
        try await clientError { _ = try await client.fetch(request) }
    }

    // MARK: Time-outs

    @Test func `API 5 silence before the first byte has its own code`() async throws {
        let server = RawServer { connection in
            _ = connection.readRequest()
            connection.waitForClose()
        }
        defer { server.stop() }
        let error = try await failure(ClientRequest(url: server.url, timeouts: .init(firstByte: .seconds(1))))
        #expect(error.code == .firstByteTimeout)
        #expect(error.wasSent)
    }

    @Test func `interim responses do not count as a first byte`() async throws {
        let server = RawServer { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 102 Processing\r\n\r\n")
            connection.waitForClose()
        }
        defer { server.stop() }
        let error = try await failure(ClientRequest(url: server.url, timeouts: .init(firstByte: .seconds(1))))
        #expect(error.code == .firstByteTimeout)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
    ])
    func `API 5 silence inside a response has its own code`(beginning: String) async throws {
        let server = RawServer { connection in
            _ = connection.readRequest()
            connection.write(beginning)
            connection.waitForClose()
        }
        defer { server.stop() }
        let error = try await failure(ClientRequest(url: server.url, timeouts: .init(betweenBytes: .milliseconds(500))))
        #expect(error.code == .idleTimeout)
        #expect(error.wasSent)
    }

    @Test func `a server that drips for ever meets the total time-out`() async throws {
        let server = RawServer { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\n\r\n")
            connection.waitForClose()
        }
        defer { server.stop() }
        let error = try await failure(ClientRequest(url: server.url, timeouts: .init(total: .milliseconds(80))))
        #expect(error.code == .totalTimeout)
    }

    @Test func `a TLS handshake without an answer meets the connect time-out, and nothing was sent`() async throws {
        let server = RawServer { $0.waitForClose() }
        defer { server.stop() }
        let request = ClientRequest(url: "https://127.0.0.1:\(server.port)", timeouts: .init(connect: .milliseconds(80)))
        let error = try await failure(request)
        #expect(error.code == .connectTimeout)
        #expect(!error.wasSent)
    }

    // MARK: Connecting

    @Test func `a closed port, a wrong name and a server without TLS each have their code`() async throws {
        let server = RawServer { connection in
            connection.write("this is no TLS\r\n\r\n")
            connection.waitForClose()
        }
        let noTLS = try await failure(ClientRequest(url: "https://127.0.0.1:\(server.port)"))
        #expect(noTLS.code == .tlsFailed)
        #expect(!noTLS.wasSent)
        let refused = try await failure(ClientRequest(url: "http://127.0.0.1:1"))
        #expect(refused.code == .connectionRefused)
        #expect(!refused.wasSent)
        // Too long for a name, so that no resolver is asked, which may be slow.
        let unknown = try await failure(ClientRequest(url: "http://\(String(repeating: "x", count: 64)).invalid"))
        #expect(unknown.code == .unknownHost)
        server.stop()
    }

    @Test(arguments: [
        "", "example.com", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://", "http://[::1", "http://a b/", "javascript:alert(1)",
        "http://127.0.0.1:99999/", "gopher://127.0.0.1:70/_x", "http:/127.0.0.1", "http://exa\u{0}mple/",
    ])
    func `what is no http URL is refused before anything happens`(url: String) async throws {
        let error = try await failure(ClientRequest(url: url))
        #expect(error.code == .badURL)
        #expect(!error.wasSent)
    }

    @Test(arguments: [("X-A", "1\r\nX-B: 2"), ("X-A", "1\nB"), ("X A", "1"), ("", "1"), ("X-A:", "1"), ("X-A", "a\u{0}b"), ("X\r\nY", "1")])
    func `a header that would become something else is refused`(name: String, value: String) async throws {
        let error = try await failure(ClientRequest(url: "http://127.0.0.1:1", headers: [name: value]))
        #expect(error.code == .badRequest)
    }

    @Test(arguments: ["", "GET /x", "GE\r\nT"])
    func `a method that is no token is refused`(method: String) async throws {
        #expect(try await failure(ClientRequest(method: method, url: "http://127.0.0.1:1")).code == .badRequest)
    }

    // MARK: Bad servers

    @Test(arguments: [
        ("garbage\r\n\r\n", HTTPClientError.Code.badResponse),
        ("\u{0}\u{1}\u{2}\u{3}\r\n\r\n", .badResponse),
        ("HTTP/9.9 200 OK\r\n\r\n", .badResponse),
        ("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", .badResponse),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\nabc", .badResponse),
        ("", .connectionLost),
        ("HTTP/1.1 200 OK\r\nContent-Le", .connectionLost),
        ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", .connectionLost),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", .connectionLost),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", .connectionLost),
        ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 6\r\n\r\nno gz!", .badResponse),
    ])
    func `a server that lies, cuts or babbles gives an error, never a body`(answer: String, code: HTTPClientError.Code) async throws {
        let server = RawServer { connection in
            _ = connection.readRequest()
            connection.write(answer)
        }
        defer { server.stop() }
        let error = try await failure(ClientRequest(url: server.url))
        #expect(error.code == code, "\(error)")
        #expect(error.wasSent)
    }

    // MARK: Limits

    @Test func `bodies and heads over their limit are cut off, bombs after unpacking`() async throws {
        let server = RawServer { connection in
            let request = connection.readRequest() ?? ""
            if request.contains("GET /announced") {
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n")
                connection.waitForClose()
            } else if request.contains("GET /chunked") {
                connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                for _ in 0..<20 { connection.write("1000\r\n" + String(repeating: "x", count: 4096) + "\r\n") }
                connection.waitForClose()
            } else if request.contains("GET /bomb") {
                connection.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(Samples.gzipBomb.count)\r\n\r\n")
                connection.write(Samples.gzipBomb)
            } else if request.contains("GET /head") {
                connection.write("HTTP/1.1 200 OK\r\n" + String(repeating: "X-Filler: 0123456789\r\n", count: 400))
                connection.waitForClose()
            } else if request.contains("GET /exact") {
                connection.respond(String(repeating: "x", count: 65_536))
            }
        }
        defer { server.stop() }
        for path in ["announced", "chunked", "bomb", "head"] {
            var request = ClientRequest(url: server.url + "/" + path)
            request.maximumBody = 65_536
            request.maximumHeader = 4_096
            #expect(try await failure(request).code == .tooLarge, "\(path)")
        }
        var exact = ClientRequest(url: server.url + "/exact")
        exact.maximumBody = 65_536
        #expect(try await client.fetch(exact).body.count == 65_536)
    }

    // MARK: Secrets

    @Test(arguments: [
        "http://user:sesame@127.0.0.1:1/bot-sesame/x?key=sesame#sesame", "https://sesame@127.0.0.1:1/", "nonsense://sesame",
        "http://sesame:@:/",
    ])
    func `messages hold no part of a URL that may be a credential`(url: String) async throws {
        let error = try await failure(ClientRequest(url: url, headers: ["Authorization": "Bearer sesame"]))
        #expect(!error.message.contains("sesame"))
        #expect(!error.description.contains("sesame"))
    }
}
