import BatutaCore
import BatutaHTTP
import BatutaServer
import BatutaStorage
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct SignInTests {
    @Test func `a sign-in link gives a cookie, once`() async throws {
        let bench = try await ServerBench()
        let link = try await bench.signIns.makeLink(for: User.localID)
        let first = try await Browser(bench).send("GET", link.path)
        #expect(first.status == 303 && first.headers["Location"] == "/")
        #expect(first.headers["Referrer-Policy"] == "no-referrer" && first.headers["Cache-Control"] == "no-store")
        let cookie = first.headers["Set-Cookie"] ?? ""
        #expect(cookie.hasSuffix("; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"))
        let second = try await Browser(bench).send("GET", link.path)
        #expect(second.status == 303 && second.headers["Location"] == "/login?reason=link_used")
        #expect(second.headers["Set-Cookie"] == nil)
        await bench.close()
    }

    @Test func `of two that use a link at once, one gets in`() async throws {
        let bench = try await ServerBench()
        let path = try await bench.signIns.makeLink(for: User.localID).path
        async let one = Browser(bench).send("GET", path)
        async let other = Browser(bench).send("GET", path)
        let places = try await [one, other].map { $0.headers["Location"] ?? "" }
        #expect(places.sorted() == ["/", "/login?reason=link_used"])
        await bench.close()
    }

    @Test func `a link that is unknown, expired or of somebody disabled leads to the sign-in page`() async throws {
        let bench = try await ServerBench()
        let ana = try await bench.person(.member)
        let link = try await bench.signIns.makeLink(for: ana)
        _ = try await bench.users.change(ana, UserChange(isDisabled: true))
        let old = try await bench.signIns.makeLink(for: User.localID)
        bench.engine.clock.advance(by: .seconds(86_400))
        for path in [
            link.path, old.path, "/signin", "/signin?token=", "/signin?token=x", "/signin?token=" + String(repeating: "x", count: 5_000),
        ] {
            let answer = try await Browser(bench).send("GET", path)
            #expect(answer.headers["Location"] == "/login?reason=link_used" && answer.headers["Set-Cookie"] == nil)
        }
        await bench.close()
    }

    @Test func `a program that looks at a link before its reader does uses nothing up`() async throws {
        let bench = try await ServerBench()
        let path = try await bench.signIns.makeLink(for: User.localID).path
        #expect(try await Browser(bench).send("HEAD", path).headers["Set-Cookie"] == nil)
        #expect(try await Browser(bench).send("GET", path).headers["Location"] == "/")
        await bench.close()
    }

    @Test func `signing in begins a new session, and the one before it ends`() async throws {
        let bench = try await ServerBench()
        let planted = try await bench.browser()
        let old = planted.cookie
        _ = try await planted.send("GET", try await bench.signIns.makeLink(for: try await bench.person(.member)).path)
        #expect(planted.cookie != old)
        #expect(try await planted.send("GET", "/v1/me").json["email"] == "ana@example.com")
        #expect(try await Browser(bench, cookie: old).send("GET", "/v1/me").status == 401)
        await bench.close()
    }

    @Test func `a sign-in lasts thirty days from the last visit`() async throws {
        let bench = try await ServerBench()
        let browser = try await bench.browser()
        for _ in 0..<3 {
            bench.engine.clock.advance(by: .seconds(29 * 86_400))
            let visit = try await browser.send("GET", "/v1/me")
            #expect(visit.status == 200)
            #expect(visit.headers["Set-Cookie"]?.contains("Max-Age=2592000") == true)
        }
        #expect(try await browser.send("GET", "/v1/me").headers["Set-Cookie"] == nil)
        bench.engine.clock.advance(by: .seconds(30 * 86_400))
        #expect(try await browser.send("GET", "/v1/me").status == 401)
        await bench.close()
    }

    @Test func `nothing that opens the door is stored as it is`() async throws {
        let bench = try await ServerBench()
        let link = try await bench.signIns.makeLink(for: User.localID)
        let cookie = try #require(try await bench.browser().cookie)
        let stored = try await bench.engine.database.read { connection in
            try connection.rows("SELECT hash FROM sign_in_links UNION SELECT hash FROM browser_sessions") { $0.text(0) }
        }
        #expect(stored.count == 2 && !stored.contains(link.token) && !stored.contains(cookie))
        await bench.close()
    }

    @Test func `what expired is swept away, and nothing else`() async throws {
        let bench = try await ServerBench()
        _ = try await bench.signIns.makeLink(for: User.localID)
        _ = try await bench.browser()
        func rows() async throws -> Int {
            try await bench.engine.database.read { connection in
                try connection.rows("SELECT 1 FROM sign_in_links UNION ALL SELECT 1 FROM browser_sessions") { _ in 1 }.count
            }
        }
        try await bench.signIns.sweep()
        #expect(try await rows() == 2)
        bench.engine.clock.advance(by: .seconds(86_400))
        try await bench.signIns.sweep()
        #expect(try await rows() == 1)
        bench.engine.clock.advance(by: .seconds(30 * 86_400))
        try await bench.signIns.sweep()
        #expect(try await rows() == 0)
        await bench.close()
    }

    @Test(arguments: [("https://batuta.example", true), ("http://batuta.example:8080", false)])
    func `behind a public address the cookie and the links are of that address`(_ row: (String, Bool)) async throws {
        let bench = try await ServerBench(configure: { $0.publicURL = PublicURL(row.0) })
        let link = try #require(try await bench.server.signInLink(isLoopback: false))
        #expect(link.hasPrefix(row.0 + "/signin?token="))
        let answer = try await Browser(bench).send("GET", String(link.dropFirst(row.0.count)))
        #expect(answer.headers["Set-Cookie"]?.hasSuffix("; Secure") == row.1)
        await bench.close()
    }

    @Test(arguments: [
        "", "batuta.example", "ftp://x", "https://", "https://x/path", "https://x?y", "https://a@b", "https://x y", "javascript://x#",
    ])
    func `what is no public address is refused`(_ text: String) { #expect(PublicURL(text) == nil) }

    @Test func `serve shows a link while nobody can sign in otherwise`() async throws {
        let bench = try await ServerBench()
        #expect(try await bench.server.signInLink(isLoopback: false) != nil)
        _ = try await bench.person(.owner, password: "correct horse battery")
        #expect(try await bench.server.signInLink(isLoopback: false) == nil)
        #expect(try await bench.server.signInLink(isLoopback: true) != nil)
        await bench.close()
    }
}
