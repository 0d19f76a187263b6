import BatutaHTTP
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ServerRequestTests {
    private func routes(_ router: inout Router) {
        router.inline(.get, "/healthz") { _ in .text("ok") }
        router.get("/later") { request in .text(request.query["name"] ?? "nobody") }
        router.post("/echo") { request in .text(String(decoding: try await request.body.collect(upTo: 1_000_000), as: UTF8.self)) }
        router.get("/items/{id}/parts/{part}") { request in .text(request.parameters["id"] + "|" + request.parameters["part"]) }
        router.get("/problem") { _ in
            throw Problem(.conflict, code: "taken", detail: "Taken.", errors: [.init(field: "name", message: "is taken")])
        }
        router.get("/crash") { _ in throw RawFailure(what: "secret") }
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
        ("GET", "/later?name=Ana%20Lu%C3%ADsa", "", 200, "Ana Luísa"),
        ("GET", "/later?name=a+b&name=c", "", 200, "a b"),
        ("POST", "/echo", "hello", 200, "hello"),
        ("GET", "/items/7/parts/a%2Fb", "", 200, "7|a/b"),
    ])
    func `requests reach their handler decoded`(_ row: (String, String, String, Int, String)) async throws {
        try await serving(routes) { _, port in
            let answer = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("\(row.0) \(row.1) HTTP/1.1\r\nHost: a\r\nContent-Length: \(row.2.utf8.count)\r\n\r\n\(row.2)")
                return try socket.response()
            }
            #expect(answer.status == row.3)
            #expect(answer.body == row.4)
        }
    }
}
