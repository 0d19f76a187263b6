import BatutaCore
import BatutaHTTP
import BatutaServer
import BatutaTesting
import Testing

/// What a page of another site can make a browser do.
@Suite(.timeLimit(.minutes(5))) struct ForgeryTests {
    /// Header lines of a write with the cookie; `HOST` stands for the server's own address.
    static let writes: [(headers: [(String, String)], status: Int)] = [
        ([("X-Batuta-CSRF", "1"), ("Origin", "http://HOST")], 201), ([("X-Batuta-CSRF", "1")], 201), ([], 403),
        ([("X-Batuta-CSRF", "")], 403), ([("Origin", "http://HOST")], 403),
        ([("X-Batuta-CSRF", "1"), ("Origin", "http://evil.example")], 403),
        ([("X-Batuta-CSRF", "1"), ("Origin", "null")], 403), ([("X-Batuta-CSRF", "1"), ("Origin", "http://HOST.evil.example")], 403),
        ([("X-Batuta-CSRF", "1"), ("Origin", "http://evil.example/HOST")], 403), ([("X-Batuta-CSRF", "1"), ("Origin", "")], 403),
    ]

    @Test(arguments: writes.indices)
    func `a write with the cookie needs the header, and an origin of ours when there is one`(_ index: Int) async throws {
        let bench = try await ServerBench()
        let row = Self.writes[index]
        let host = String(bench.base.dropFirst("http://".count))
        let headers = row.headers.map { ($0.0, $0.1.replacing("HOST", with: host)) }
        let answer = try await bench.browser().send("POST", "/v1/sessions", [:], headers: headers)
        #expect(answer.status == row.status)
        if row.status == 403 { #expect(answer.code == "csrf" && answer.isProblem) }
        await bench.close()
    }

    @Test func `reading needs neither, and a key needs neither`() async throws {
        let bench = try await ServerBench()
        #expect(try await bench.browser().send("GET", "/v1/me", headers: [("Origin", "http://evil.example")]).status == 200)
        #expect(try await bench.send("POST", "/v1/sessions", [:], headers: [("Origin", "http://evil.example")]).status == 201)
        await bench.close()
    }

    @Test(arguments: [("http://HOST", 101), ("http://evil.example", 403), ("null", 403), ("", 403), (nil, 403)] as [(String?, Int)])
    func `a WebSocket with the cookie needs an origin of ours`(_ row: (String?, Int)) async throws {
        let bench = try await ServerBench()
        let browser = try await bench.browser()
        let session = try await bench.session()
        let host = String(bench.base.dropFirst("http://".count))
        let headers = row.0.map { ["Origin: " + $0.replacing("HOST", with: host)] } ?? []
        let socket = await WebSocketPeer.open(bench, "/v1/sessions/\(session)/ws", cookie: browser.cookie, headers: headers)
        #expect(socket.status == row.1)
        await bench.close()
    }

    @Test(arguments: [("https://batuta.example", 201), ("http://batuta.example", 403), ("https://HOST", 201), ("http://HOST", 403)])
    func `behind https only pages that came by https count`(_ row: (String, Int)) async throws {
        let bench = try await ServerBench(configure: { $0.publicURL = PublicURL("https://batuta.example") })
        let origin = row.0.replacing("HOST", with: String(bench.base.dropFirst("http://".count)))
        let headers = [("X-Batuta-CSRF", "1"), ("Origin", origin)]
        #expect(try await bench.browser().send("POST", "/v1/sessions", [:], headers: headers).status == row.1)
        await bench.close()
    }

    @Test func `another site's page cannot sign a browser in`() async throws {
        let bench = try await ServerBench()
        _ = try await bench.person(.member, password: "correct horse battery")
        let body: JSON = ["email": "ana@example.com", "password": "correct horse battery"]
        let refused = try await Browser(bench).send("POST", "/v1/login", body, headers: [("Origin", "http://evil.example")])
        #expect(refused.status == 403 && refused.code == "csrf" && refused.headers["Set-Cookie"] == nil)
        await bench.close()
    }
}
