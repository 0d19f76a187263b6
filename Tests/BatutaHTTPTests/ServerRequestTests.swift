import BatutaCore
import BatutaHTTP
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ServerRequestTests {
    private func routes(_ router: inout Router) {
        router.inline(.get, "/healthz") { _ in .text("ok") }
        router.get("/later") { request in .text(request.query["name"] ?? "nobody") }
        router.post("/echo") { request in .text(String(decoding: try await request.body.collect(upTo: 1_000_000), as: UTF8.self)) }
        router.get("/items/{id}/parts/{part}") { request in .text(request.parameters["id"] + "|" + request.parameters["part"]) }
        router.get("/problem") { _ in
            throw Problem(
                .conflict,
                code: "taken",
                detail: Words("Taken.", "Ocupado."),
                errors: [.init(field: "name", message: Words("is \"taken\"", "está \"ocupado\""))],
                headers: ["Retry-After": "3"]
            )
        }
        router.get("/crash") { _ in throw RawFailure(what: "secret") }
        router.get("/split") { _ in HTTPResponse(headers: ["X-A": "1\r\nX-B: 2", "X-C": "3", "Content-Length": "9"], body: .bytes([0x61])) }
        router.get("/nothing") { _ in .noContent() }
        router.get("/stream") { _ in HTTPResponse(body: .stream { try await $0.write(Array("abc".utf8)) }) }
    }

    private func answer(_ request: String) async throws -> RawResponse {
        try await serving(routes) { _, port in
            try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send(request)
                return try socket.response()
            }
        }
    }

    @Test func `an inline handler answers with Date and Content-Length, and the connection stays`() async throws {
        try await serving(routes) { _, port in
            let answers = try await blocking {
                let socket = try RawSocket(port: port)
                return try (0..<3).map { _ in
                    try socket.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                    return try socket.response()
                }
            }
            for answer in answers {
                #expect(answer.status == 200)
                #expect(answer.body == "ok")
                #expect(answer.fields["content-length"] == "2")
                #expect(answer.fields["content-type"] == "text/plain; charset=utf-8")
                #expect(answer.fields["date"]?.hasSuffix(" GMT") == true)
                #expect(answer.fields["connection"] == nil)
            }
        }
    }

    @Test(arguments: [
        ("GET", "/later?name=Ana%20Lu%C3%ADsa", "", "Ana Luísa"),
        ("GET", "/later?name=a+b&name=c", "", "a b"),
        ("GET", "/later?name=100%", "", "100%"),
        ("GET", "http://elsewhere/later?name=x", "", "x"),
        ("POST", "/echo", "hello", "hello"),
        ("GET", "/items/7/parts/a%2Fb", "", "7|a/b"),
    ])
    func `requests reach their handler decoded`(_ row: (String, String, String, String)) async throws {
        let answer = try await answer("\(row.0) \(row.1) HTTP/1.1\r\nHost: a\r\nContent-Length: \(row.2.utf8.count)\r\n\r\n\(row.2)")
        #expect(answer.status == 200)
        #expect(answer.body == row.3)
    }

    @Test func `a thrown problem becomes problem+json with the request's id`() async throws {
        let answer = try await answer("GET /problem HTTP/1.1\r\nHost: a\r\nX-Request-Id: trace-7\r\n\r\n")
        #expect(answer.status == 409)
        #expect(answer.fields["content-type"] == "application/problem+json")
        #expect(answer.fields["retry-after"] == "3")
        #expect(answer.fields["x-request-id"] == "trace-7")
        let expected =
            #"{"type":"about:blank","title":"Conflict","status":409,"detail":"Taken.","code":"taken","request_id":"trace-7","#
            + #""errors":[{"field":"name","message":"is \"taken\""}]}"#
        #expect(answer.body == expected)
    }

    @Test func `a request id that is no plain word is not taken over`() async throws {
        let answer = try await answer("GET /problem HTTP/1.1\r\nHost: a\r\nX-Request-Id: a\"b\r\n\r\n")
        #expect(answer.fields["x-request-id"]?.hasPrefix("req_") == true)
    }

    @Test func `an unknown error tells the client nothing and the log everything`() async throws {
        let told = Occurrence()
        let answer = try await serving(
            routes,
            configure: { $0.onError = { _, error in if "\(error)" == "secret" { told.set() } } },
            { _, port in
                try await blocking {
                    let socket = try RawSocket(port: port)
                    try socket.send("GET /crash HTTP/1.1\r\nHost: a\r\n\r\n")
                    return try socket.response()
                }
            }
        )
        #expect(answer.status == 500)
        #expect(answer.body.contains(#""code":"internal""#))
        #expect(!answer.body.contains("secret"))
        await told.wait()
    }

    @Test func `a field that would break the head apart is left out`() async throws {
        let answer = try await answer("GET /split HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(answer.fields["x-b"] == nil)
        #expect(answer.fields["x-c"] == "3")
        #expect(answer.fields["content-length"] == "1")
    }

    @Test func `204 has neither body nor length`() async throws {
        let answer = try await answer("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(answer.status == 204)
        #expect(answer.fields["content-length"] == nil)
        #expect(answer.fields["transfer-encoding"] == nil)
    }

    @Test func `HEAD is answered as GET without the body`() async throws {
        try await serving(routes) { _, port in
            let text = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\nHEAD /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                return try socket.readToEnd()
            }
            #expect(text.contains("Content-Length: 2\r\n"))
            #expect(!text.contains("ok"))
            #expect(!text.contains("abc"))
            #expect(text.hasSuffix("\r\n\r\n"))
            #expect(text.components(of: "HTTP/1.1 200") == 2)
        }
    }

    @Test(arguments: [("OPTIONS", 204, "GET, HEAD, OPTIONS"), ("DELETE", 405, "GET, HEAD, OPTIONS")])
    func `other methods learn which are allowed`(_ row: (String, Int, String)) async throws {
        let answer = try await answer("\(row.0) /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(answer.status == row.1)
        #expect(answer.fields["allow"] == row.2)
    }

    @Test func `HTTP 1.0 is answered and closed, and kept when asked to`() async throws {
        try await serving(routes) { _, port in
            let text = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                let first = try socket.response()
                try socket.send("GET /stream HTTP/1.0\r\n\r\n")
                return try (first.fields["connection"] ?? "") + "|" + socket.readToEnd()
            }
            #expect(text.hasPrefix("keep-alive|"))
            #expect(text.contains("Connection: close"))
            #expect(text.hasSuffix("\r\n\r\nabc"))
        }
    }

    @Test func `pipelined requests are answered in order`() async throws {
        try await serving(routes) { _, port in
            let bodies = try await blocking {
                let socket = try RawSocket(port: port)
                let names = (0..<100).map { "n\($0)" }
                try socket.send(names.map { "GET /later?name=\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
                return try names.map { _ in try socket.response().body }
            }
            #expect(bodies == (0..<100).map { "n\($0)" })
        }
    }
}

extension String {
    func components(of part: String) -> Int { ranges(of: part).count }
}
