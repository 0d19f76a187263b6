import BatutaCore
import BatutaHTTP
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ServerRouterTests {
    private func routes(_ router: inout Router) {
        router.get("/") { _ in .text("root") }
        router.get("/a/{x}") { .text("a \($0.parameters["x"]) \($0.route)") }
        router.get("/a/b") { _ in .text("literal") }
        router.get("/a/{x}/c") { .text("c \($0.parameters["x"])") }
        router.post("/a/b/c") { _ in .text("posted") }
        router.get("/assets/{path...}") { .text("rest \($0.parameters["path"])") }
    }

    private func get(_ method: String, _ path: String, _ build: (inout Router) -> Void) async throws -> RawResponse {
        try await serving(build) { _, port in
            try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("\(method) \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                return try socket.response()
            }
        }
    }

    @Test(arguments: [
        ("GET", "/", 200, "root"), ("GET", "/?q=1", 200, "root"), ("GET", "/a/b", 200, "literal"), ("GET", "/a/z", 200, "a z /a/{x}"),
        ("GET", "/a/b/c", 200, "c b"), ("POST", "/a/b/c", 200, "posted"), ("GET", "/assets/x/y.js", 200, "rest x/y.js"),
        ("GET", "/assets/", 200, "rest "), ("GET", "/a/", 404, ""), ("GET", "/a", 404, ""), ("GET", "/a/z/c/d", 404, ""),
        ("GET", "//", 404, ""),
        ("POST", "/a/z", 405, ""),
    ])
    func `the most specific route answers`(_ row: (String, String, Int, String)) async throws {
        let answer = try await get(row.0, row.1, routes)
        #expect(answer.status == row.2)
        if row.2 == 200 { #expect(answer.body == row.3) }
    }

    @Test func `middleware wraps from outside in, sees the request changed and may answer itself`() async throws {
        struct Caller: Sendable { var name: String }
        let named = Middleware { request, next in
            var request = request
            request[Caller.self] = Caller(name: request.headers["X-Name"] ?? "nobody")
            var response = try await next(request)
            response.headers.add("X-Outer", "1")
            return response
        }
        let guarded = Middleware { request, next in
            guard request[Caller.self]?.name == "ana" else {
                throw Problem(.forbidden, code: "forbidden", detail: Words("Not you.", "Você não."))
            }
            return try await next(request)
        }
        let build: (inout Router) -> Void = { router in
            router.group("/v1", middleware: [named]) { group in
                group.inline(.get, "/open") { .text($0[Caller.self]?.name ?? "-") }
                group.group("/in", middleware: [guarded]) { $0.get("/side") { _ in .text("in") } }
            }
        }
        let open = try await get("GET", "/v1/open", build)
        #expect(open.body == "nobody")
        #expect(open.fields["x-outer"] == "1")
        #expect(try await get("GET", "/v1/in/side", build).status == 403)
    }

    @Test func `routes are listed in full`() {
        var router = Router(bodyLimit: 10)
        router.group("/v1") { $0.post("/x/{id}", bodyLimit: 20) { _ in .noContent() } }
        router.get("/y") { _ in .noContent() }
        #expect(router.routes.map { "\($0.method) \($0.pattern) \($0.bodyLimit)" } == ["POST /v1/x/{id} 20", "GET /y 10"])
    }

    @Test(arguments: [["/a", "/a"], ["/{x}/b", "/{y}/b"], ["a"], ["/{x...}/b"]])
    func `routes that cannot be are refused at start`(_ patterns: [String]) {
        var router = Router()
        for pattern in patterns { router.get(pattern) { _ in .noContent() } }
        let error = #expect(throws: HTTPServerError.self) { try HTTPServer(router: router) }
        #expect(error?.code == .invalidRoute)
    }

    @Test(arguments: [
        (ServerSentEvent(id: "42", data: "{}"), "id: 42\ndata: {}\n\n"),
        (ServerSentEvent(data: "a\nb\r\nc\rd"), "data: a\ndata: b\ndata: c\ndata: d\n\n"),
        (ServerSentEvent(id: "1\n2\u{0}", event: "x\r", data: ""), "id: 12\nevent: x\ndata: \n\n"),
    ])
    func `event frames have LF endings and cannot be broken apart`(_ row: (ServerSentEvent, String)) {
        #expect(String(decoding: row.0.bytes, as: UTF8.self) == row.1)
    }
}
