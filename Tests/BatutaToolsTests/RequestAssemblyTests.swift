import BatutaCore
import Testing

@testable import BatutaTools

@Suite struct `Requests of http tools` {
    private func make(_ change: (inout RequestAssembly) -> Void) throws -> WebRequest {
        var assembly = RequestAssembly(method: "POST", address: [.project("https://a.example/x?y=1")])
        change(&assembly)
        return try assembly.request(key: "call_1", mayRepeat: false, timeout: .seconds(1), maximumBytes: 1)
    }

    private func header(_ request: WebRequest, _ name: String) -> String? { request.headers.first { $0.0 == name }?.1 }

    @Test func `query values are added, encoded`() throws {
        #expect(try make { $0.query = [("a b", "1&2"), ("c", "é")] }.address.target == "/x?y=1&a%20b=1%262&c=%C3%A9")
    }

    @Test func `a body is JSON with its type`() throws {
        let request = try make { $0.body = ["status": "PAUSED", "id": 12_345_678_901_234_567] }
        #expect(String(decoding: try #require(request.body), as: UTF8.self) == #"{"status":"PAUSED","id":12345678901234567}"#)
        #expect(header(request, "Content-Type") == "application/json")
    }

    @Test func `a form is encoded as browsers do`() throws {
        let request = try make { $0.form = [("a", "1 2"), ("b", "x&y")] }
        #expect(String(decoding: try #require(request.body), as: UTF8.self) == "a=1+2&b=x%26y")
        #expect(header(request, "Content-Type") == "application/x-www-form-urlencoded")
    }

    @Test func `the idempotency key is sent, unless the project writes that header itself`() throws {
        #expect(header(try make { _ in }, "Idempotency-Key") == "call_1")
        let own = try make { $0.headers = [("idempotency-key", "own")] }
        #expect(own.headers.filter { $0.0.lowercased() == "idempotency-key" }.map(\.1) == ["own"])
    }

    @Test(arguments: [
        ("X-A", "a\r\nX-B: c"), ("X-A", "a\nb"), ("X-A", "a\rb"), ("X-A", "a\u{0}b"), ("X A", "b"), ("X:", "b"), ("", "b"), ("X\r\n", "b"),
    ])
    func `what would break out of a header is refused`(name: String, value: String) {
        #expect(throws: AddressAssembly.Problem.self) { try make { $0.headers = [(name, value)] } }
    }

    @Test func `ordinary header values pass, with tabs and accents`() throws {
        #expect(header(try make { $0.headers = [("X-A", "a\tção")] }, "X-A") == "a\tção")
    }
}

@Suite struct `Answers of services` {
    private func answer(_ status: Int, _ body: String, type: String? = "application/json", retryAfter: String? = nil) -> ServiceAnswer {
        ServiceAnswer(
            status: status,
            contentType: type,
            retryAfter: retryAfter,
            date: "Sat, 21 Nov 2026 12:00:00 GMT",
            body: Array(body.utf8)
        )
    }

    @Test(
        arguments: [
            (200, nil), (204, nil), (302, .rejected), (400, .rejected), (404, .rejected), (405, .rejected), (415, .rejected),
            (451, .rejected),
            (429, .rateLimited), (500, .serverError), (503, .serverError), (599, .serverError),
        ] as [(Int, ToolAttempt.Failure?)]
    ) func `S2.54 the class of the status decides, never its digits`(status: Int, failure: ToolAttempt.Failure?) {
        let attempt = answer(status, "{}").failure(of: "a.example", now: Timestamp(milliseconds: 0))
        #expect(attempt?.failure == failure)
        #expect(attempt?.result.statusCode == failure.map { _ in status })
    }

    @Test(arguments: [
        (#"{"error":{"message":"Invalid parameter","code":100}}"#, "application/json", "Invalid parameter"),
        (#"{"error":"nope"}"#, "application/json", "nope"), (#"{"detail":"missing"}"#, "application/problem+json", "missing"),
        (#"{"errors":[{"message":"first"},{"message":"second"}]}"#, "application/json", "first"),
        ("plain  words\nhere", "text/plain", "plain words here"),
        (#"{"error":"broken"#, "application/json", #"{"error":"broken"#), ("\u{1}\u{2}", "image/png", ""),
    ]) func `the service's own message is found`(body: String, type: String, words: String) {
        #expect(answer(400, body, type: type).complaint == words)
    }

    @Test(
        arguments: [
            (#"{"a":1}"#, "application/json; charset=utf-8", ["a": 1]), (#"[1]"#, nil, [1]), ("hello", "text/plain", "hello"),
            ("", "application/json", nil),
            (#"{"a":1}"#, "text/plain", ["a": 1]), ("{not json", "text/plain", "{not json"),
            ("x", "image/png", ["content_type": "image/png", "bytes": 1]),
        ] as [(String, String?, JSON)]
    ) func `JSON is JSON, text is text`(body: String, type: String?, data: JSON) {
        #expect(answer(200, body, type: type).data == .some(data))
    }

    @Test func `what claims to be JSON and is not has no data`() { #expect(answer(200, "<html>", type: "application/json").data == .none) }

    @Test func `old Latin-1 answers are read`() {
        var page = answer(200, "", type: "text/plain; charset=ISO-8859-1")
        page.body = [0x61, 0xE7, 0xE3, 0x6F, 0x80]
        #expect(page.text == "ação€")
    }

    @Test(
        arguments: [
            ("7", .seconds(7)), ("0", .zero), ("Sat, 21 Nov 2026 12:00:30 GMT", .seconds(30)), ("Sat, 21 Nov 2026 11:00:00 GMT", .zero),
            ("soon", nil), ("-1", nil),
            ("", nil), ("99999999999999999999", nil),
        ] as [(String, Duration?)]
    ) func `Retry-After is seconds or a date`(text: String, pause: Duration?) {
        #expect(answer(429, "", retryAfter: text).pause(now: Timestamp(milliseconds: 0)) == pause)
    }
}
