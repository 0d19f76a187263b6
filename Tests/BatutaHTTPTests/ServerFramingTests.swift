import BatutaHTTP
import Testing

/// One malformed or odd request and the status it gets.
struct FramingCase: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: [UInt8]
    var status: Int
    var testDescription: String { name }

    init(_ name: String, _ text: String, _ status: Int) {
        self.name = name
        bytes = Array(text.utf8)
        self.status = status
    }
}

@Suite(.timeLimit(.minutes(5)))
struct ServerFramingTests {
    static let post = "POST /echo HTTP/1.1\r\nHost: a\r\n"

    static let cases: [FramingCase] = [
        FramingCase("a plain request", "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", 200),
        FramingCase("an empty line first", "\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", 200),
        FramingCase("no Host", "GET /healthz HTTP/1.1\r\n\r\n", 400),
        FramingCase("two Hosts", "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        FramingCase("a Host that is none", "GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        FramingCase("an IPv6 Host with port", "GET /healthz HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 200),
        FramingCase("no Host in HTTP/1.0", "GET /healthz HTTP/1.0\r\n\r\n", 200),
        FramingCase("length and encoding", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        FramingCase("encoding and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400),
        FramingCase("two different lengths", post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        FramingCase("the same length twice", post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400),
        FramingCase("a list of lengths", post + "Content-Length: 1, 1\r\n\r\na", 400),
        FramingCase("a length with a sign", post + "Content-Length: +3\r\n\r\nabc", 400),
        FramingCase("a negative length", post + "Content-Length: -1\r\n\r\n", 400),
        FramingCase("a hexadecimal length", post + "Content-Length: 0x3\r\n\r\nabc", 400),
        FramingCase("a length beyond 64 bits", post + "Content-Length: 99999999999999999999\r\n\r\n", 400),
        FramingCase("an empty length", post + "Content-Length:\r\n\r\n", 400),
        FramingCase("chunked", post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200),
        FramingCase(
            "chunked with extension and trailer",
            post + "Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nX-T: 1\r\n\r\n",
            200
        ),
        FramingCase("chunked, identity", post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400),
        FramingCase("identity", post + "Transfer-Encoding: identity\r\n\r\n", 400),
        FramingCase("gzip, chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
        FramingCase("xchunked", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
        FramingCase("chunked twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        FramingCase("chunked in HTTP/1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        FramingCase("a chunk size that is none", post + "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n", 400),
        FramingCase("a chunk that is longer than said", post + "Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n", 400),
        FramingCase("a chunk size beyond 64 bits", post + "Transfer-Encoding: chunked\r\n\r\n11111111111111111\r\n", 400),
        FramingCase("bare line feeds", "GET /healthz HTTP/1.1\nHost: a\n\n", 400),
        FramingCase("a bare line feed in the head", "GET /healthz HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400),
        FramingCase("a bare carriage return", "GET /healthz HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", 400),
        FramingCase("NUL in a value", "GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400),
        FramingCase("NUL in the target", "GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        FramingCase("a space before the colon", "GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        FramingCase("a field without a name", "GET /healthz HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400),
        FramingCase("a method that is no token", "G@T /healthz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        FramingCase("a target that is no path", "GET healthz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        FramingCase("CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        FramingCase("HTTP/2 by itself", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        FramingCase("HTTP/0.9", "GET /healthz\r\n\r\n", 400),
        FramingCase("a broken escape", "GET /a%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        FramingCase("an encoded NUL", "GET /a%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        FramingCase("half a UTF-8 sequence", "GET /a%C3 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        FramingCase("a way up", "GET /a/../b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        FramingCase("a hidden way up", "GET /a/%2e%2E/b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        FramingCase("nothing there", "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        FramingCase("an unmet expectation", post + "Expect: banana\r\nContent-Length: 1\r\n\r\na", 417),
        FramingCase("a large field", "GET /healthz HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n", 431),
        FramingCase("a large target", "GET /\(String(repeating: "x", count: 20_000)) HTTP/1.1\r\nHost: a\r\n\r\n", 431),
        FramingCase(
            "many small fields",
            "GET /healthz HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X-Y: 12345678\r\n", count: 1_200) + "\r\n",
            431
        ),
        FramingCase("a declared body over the limit", post + "Content-Length: 1001\r\n\r\n", 413),
        FramingCase("chunks over the limit", post + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n", 413),
        FramingCase("a body at the limit", post + "Content-Length: 1000\r\n\r\n" + String(repeating: "b", count: 1_000), 200),
    ]

    static func routes(_ router: inout Router) {
        router.inline(.get, "/healthz") { _ in .text("ok") }
        router.post("/echo", bodyLimit: 1_000) { request in HTTPResponse(body: .bytes(try await request.body.collect(upTo: 1_000))) }
    }

    @Test(arguments: cases)
    func `framing is strict`(_ framing: FramingCase) async throws {
        try await serving(Self.routes) { _, port in
            let answer = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send(framing.bytes)
                return try socket.response()
            }
            #expect(answer.status == framing.status)
            guard framing.status >= 400 else { return }
            #expect(answer.fields["content-type"] == "application/problem+json")
            #expect(answer.body.contains("\"status\":\(framing.status)"))
            #expect(answer.body.contains("\"request_id\":\"req_"))
            if framing.status != 404, !framing.name.hasPrefix("a way"), !framing.name.hasPrefix("a hidden"),
                framing.name != "half a UTF-8 sequence",
                framing.name != "a broken escape", framing.name != "an encoded NUL"
            {
                #expect(answer.fields["connection"] == "close")
            }
        }
    }

    @Test(arguments: cases)
    func `framing does not depend on how the bytes arrive`(_ framing: FramingCase) async throws {
        try await serving(Self.routes) { _, port in
            let answer = try await blocking {
                let socket = try RawSocket(port: port)
                for start in stride(from: 0, to: framing.bytes.count, by: 7) {
                    // The server may answer and close before all is sent.
                    do { try socket.send(Array(framing.bytes[start..<min(start + 7, framing.bytes.count)])) } catch { break }
                }
                return try socket.response()
            }
            #expect(answer.status == framing.status)
        }
    }

    @Test func `the bytes of TLS are refused`() async throws {
        try await serving(Self.routes) { _, port in
            let answer = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03] + [UInt8](repeating: 0x41, count: 200))
                return try socket.response()
            }
            #expect(answer.status == 400)
        }
    }

    @Test func `what follows a refused request is never read as a request`() async throws {
        try await serving(Self.routes) { _, port in
            let text = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send(Self.post + "Transfer-Encoding: chunked, identity\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                return try socket.readToEnd()
            }
            #expect(text.components(of: "HTTP/1.1 ") == 1)
            #expect(text.hasPrefix("HTTP/1.1 400"))
        }
    }

    @Test func `100 Continue comes before the body, and not when the body is refused`() async throws {
        try await serving(Self.routes) { _, port in
            let (first, second, third) = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send(Self.post + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
                let first = try socket.read(upTo: "\r\n\r\n")
                try socket.send("abc")
                let second = try socket.response()
                try socket.send(Self.post + "Expect: 100-continue\r\nContent-Length: 3000\r\n\r\n")
                return try (first, second, socket.response())
            }
            #expect(first == "HTTP/1.1 100 Continue\r\n\r\n")
            #expect(second.body == "abc")
            #expect(third.status == 413)
        }
    }
}
