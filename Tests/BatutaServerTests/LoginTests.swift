import BatutaCore
import BatutaHTTP
import BatutaServer
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct LoginTests {
    static let password = "correct horse battery"

    private func login(_ bench: ServerBench, _ email: String, _ password: String = password, headers: [(String, String)] = []) async throws
        -> ServerBench.Answer
    {
        try await Browser(bench).send("POST", "/v1/login", ["email": .string(email), "password": .string(password)], headers: headers)
    }

    @Test(arguments: ["ana@example.com", "ANA@Example.COM"])
    func `S4.27 somebody signs in with e-mail and password, whatever the case of the address`(_ email: String) async throws {
        let bench = try await ServerBench()
        let id = try await bench.person(.member, email: "Ana@example.com", password: Self.password)
        let browser = Browser(bench)
        let answer = try await browser.send("POST", "/v1/login", ["email": .string(email), "password": .string(Self.password)])
        #expect(answer.status == 200 && answer.id == id)
        #expect(answer.headers["Cache-Control"] == "no-store")
        #expect(try await browser.send("GET", "/v1/me").json == answer.json)
        #expect(answer.json["role"] == "member" && answer.json["has_password"] == true)
        #expect(!answer.json.text.contains("argon2"))
        await bench.close()
    }

    @Test func `whoever cannot sign in is told the same, whatever the reason`() async throws {
        let bench = try await ServerBench()
        _ = try await bench.person(.member, password: Self.password)
        _ = try await bench.person(.member, email: "link@example.com")
        let gone = try await bench.person(.member, email: "gone@example.com", password: Self.password)
        _ = try await bench.users.change(gone, UserChange(isDisabled: true))
        var answers = [try await login(bench, "ana@example.com", "correct horse batterY")]
        for email in ["nobody@example.com", "link@example.com", "gone@example.com", "no address", ""] {
            answers.append(try await login(bench, email))
        }
        for answer in answers {
            #expect(answer.status == 401 && answer.code == "wrong_credentials" && answer.isProblem)
            #expect(answer.json["detail"] == answers[0].json["detail"])
            #expect(answer.headers["Set-Cookie"] == nil)
        }
        await bench.close()
    }

    @Test func `S4.25 attempts are limited per account`() async throws {
        let bench = try await ServerBench(configure: { options in
            options.signIns = (2, .seconds(60))
            options.publicURL = PublicURL("https://batuta.example")
        })
        _ = try await bench.person(.member, password: Self.password)
        for (number, expected) in [(1, 401), (2, 401), (3, 429)] {
            let answer = try await login(bench, "ana@example.com", "wrong password", headers: [("X-Forwarded-For", "192.0.2.\(number)")])
            #expect(answer.status == expected)
            if expected == 429 {
                #expect(answer.code == "rate_limited")
                #expect(answer.headers["Retry-After"].flatMap { Int($0) }.map { (1...60).contains($0) } == true)
            }
        }
        let right = try await login(bench, "ANA@example.com", headers: [("X-Forwarded-For", "192.0.2.9")])
        #expect(right.status == 429)
        await bench.close()
    }

    @Test func `S4.25 attempts are limited per address, and a client cannot choose its own`() async throws {
        let bench = try await ServerBench(configure: { options in
            options.signIns = (2, .seconds(60))
            options.publicURL = PublicURL("https://batuta.example")
        })
        for (number, expected) in [(1, 401), (2, 401), (3, 429)] {
            let forwarded = [("X-Forwarded-For", "203.0.113.\(number), 192.0.2.1")]
            #expect(try await login(bench, "nobody\(number)@example.com", headers: forwarded).status == expected)
        }
        #expect(try await login(bench, "nobody4@example.com", headers: [("X-Forwarded-For", "192.0.2.2")]).status == 401)
        await bench.close()
    }

    @Test func `without a public address nobody is behind a proxy`() async throws {
        let bench = try await ServerBench(configure: { $0.signIns = (1, .seconds(60)) })
        for (number, expected) in [(1, 401), (2, 429)] {
            let answer = try await login(bench, "nobody\(number)@example.com", headers: [("X-Forwarded-For", "192.0.2.\(number)")])
            #expect(answer.status == expected)
        }
        await bench.close()
    }

    @Test(
        arguments: [
            [:], ["email": "a@b.c"], ["password": "x"], ["email": 1, "password": "x"],
            ["email": "a@b.c", "password": "x", "role": "owner"],
        ]
            as [JSON]
    )
    func `what is no sign-in is refused`(_ body: JSON) async throws {
        let bench = try await ServerBench()
        let answer = try await Browser(bench).send("POST", "/v1/login", body)
        #expect(answer.status == 400 && answer.isProblem)
        await bench.close()
    }

    @Test func `signing out ends the cookie and the open socket`() async throws {
        let bench = try await ServerBench()
        let browser = try await bench.browser()
        let cookie = browser.cookie
        let socket = await WebSocketPeer.open(
            bench,
            "/v1/sessions/\(try await bench.session())/ws",
            cookie: cookie,
            headers: ["Origin: \(bench.base)"]
        )
        #expect(socket.status == 101)
        let answer = try await browser.send("POST", "/v1/logout")
        #expect(answer.status == 204)
        #expect(answer.headers["Set-Cookie"] == "batuta_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
        #expect(await socket.closeCode() == 1008)
        #expect(try await Browser(bench, cookie: cookie).send("GET", "/v1/me").status == 401)
        await bench.close()
    }
}
