import BatutaCore
import BatutaHTTP
import BatutaServer
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct MeRoutesTests {
    static let password = "correct horse battery"
    static let fields: Set = ["id", "email", "name", "role", "language", "theme", "has_password", "created_at"]

    @Test func `everybody who comes in is told who they are`() async throws {
        let bench = try await ServerBench()
        let local = try await bench.browser().send("GET", "/v1/me")
        #expect(local.id == "usr_local" && local.json["role"] == "owner" && local.json["email"] == .null)
        var socket = bench.request("GET", "/v1/me", nil)
        socket.headers.remove("Authorization")
        socket.unixSocket = bench.engine.folder.path + "/sock"
        #expect(try await bench.send(socket).json == local.json)
        let key = try await bench.send("GET", "/v1/me", key: try await bench.key(.member))
        #expect(key.id.hasPrefix("key_") && key.json["name"] == "another" && key.json["role"] == "member")
        for answer in [local, key] { #expect(Set(answer.json.object?.keys ?? []) == Self.fields) }
        await bench.close()
    }

    @Test func `people change their own account, and null takes back what may be absent`() async throws {
        let bench = try await ServerBench()
        let browser = try await bench.browser(as: try await bench.person(.viewer))
        let changed = try await browser.send(
            "PATCH",
            "/v1/me",
            ["name": "Ana", "email": "Ana.Maria@example.com", "language": "pt-BR", "theme": "dark"]
        )
        #expect(changed.status == 200)
        #expect(changed.json["name"] == "Ana" && changed.json["email"] == "ana.maria@example.com")
        #expect(changed.json["language"] == "pt-BR" && changed.json["theme"] == "dark" && changed.json["role"] == "viewer")
        let taken = try await browser.send("PATCH", "/v1/me", ["name": nil, "language": nil, "theme": nil])
        #expect(taken.json["name"] == .null && taken.json["language"] == .null && taken.json["email"] == "ana.maria@example.com")
        #expect(try await browser.send("GET", "/v1/me").json == taken.json)
        await bench.close()
    }

    @Test(
        arguments: [
            ["email": "nobody"], ["email": "a b@c"], ["email": "a@b@c"], ["email": "@"], ["language": "de"], ["theme": "blue"],
            ["name": " "],
            ["name": 1], ["password": "123456789"], ["password": .string(String(repeating: "x", count: 201))], ["role": "owner"],
            ["id": "usr_local"],
        ] as [JSON]
    )
    func `a change that makes no sense changes nothing`(_ body: JSON) async throws {
        let bench = try await ServerBench()
        let browser = try await bench.browser(as: try await bench.person(.member))
        let before = try await browser.send("GET", "/v1/me").json
        let answer = try await browser.send("PATCH", "/v1/me", body)
        #expect(answer.status == 400 && answer.isProblem && answer.json["errors"] != nil)
        #expect(try await browser.send("GET", "/v1/me").json == before)
        await bench.close()
    }

    @Test func `nobody takes an address that somebody has, whatever its case`() async throws {
        let bench = try await ServerBench()
        _ = try await bench.person(.member)
        let browser = try await bench.browser(as: try await bench.person(.member, email: "bob@example.com"))
        let answer = try await browser.send("PATCH", "/v1/me", ["email": "ANA@example.com", "name": "Ana"])
        #expect(answer.status == 409 && answer.code == "email_taken")
        #expect(try await browser.send("GET", "/v1/me").json["name"] == .null)
        #expect(try await browser.send("PATCH", "/v1/me", ["email": "BOB@example.com"]).status == 200)
        await bench.close()
    }

    @Test func `a first password needs an address to sign in with`() async throws {
        let bench = try await ServerBench()
        let browser = try await bench.browser()
        #expect(try await browser.send("PATCH", "/v1/me", ["password": .string(Self.password)]).status == 400)
        let set = try await browser.send("PATCH", "/v1/me", ["email": "me@example.com", "password": .string(Self.password)])
        #expect(set.status == 200 && set.json["has_password"] == true)
        let login: JSON = ["email": "me@example.com", "password": .string(Self.password)]
        #expect(try await Browser(bench).send("POST", "/v1/login", login).id == "usr_local")
        await bench.close()
    }

    @Test func `a new password needs the current one, and ends every other sign-in`() async throws {
        let bench = try await ServerBench()
        let ana = try await bench.person(.member, password: Self.password)
        let (here, there) = (try await bench.browser(as: ana), try await bench.browser(as: ana))
        let link = try await bench.signIns.makeLink(for: ana)
        let new = "another long password"
        for current in [nil, "wrong password"] as [JSON?] {
            var body: JSONObject = ["password": .string(new)]
            body["current_password"] = current
            let refused = try await here.send("PATCH", "/v1/me", .object(body))
            #expect(refused.status == 400 && refused.code == "wrong_password")
        }
        let old = here.cookie
        let session = try await bench.session(key: try await bench.keys.create(name: "k", role: .member, user: ana).1.text)
        let socket = await WebSocketPeer.open(
            bench,
            "/v1/sessions/\(session)/ws",
            cookie: there.cookie,
            headers: ["Origin: \(bench.base)"]
        )
        #expect(socket.status == 101)
        let changed = try await here.send("PATCH", "/v1/me", ["password": .string(new), "current_password": .string(Self.password)])
        #expect(changed.status == 200 && here.cookie != old)
        #expect(try await here.send("GET", "/v1/me").status == 200)
        #expect(await socket.closeCode() == 1008)
        #expect(try await there.send("GET", "/v1/me").status == 401)
        #expect(try await Browser(bench, cookie: old).send("GET", "/v1/me").status == 401)
        #expect(try await Browser(bench).send("GET", link.path).headers["Location"] == "/login?reason=link_used")
        await bench.close()
    }

    @Test func `a key that acts as itself has no account to change`() async throws {
        let bench = try await ServerBench()
        #expect(try await bench.send("PATCH", "/v1/me", ["name": "x"]).code == "not_a_user")
        #expect(try await bench.send("GET", "/v1/profile").code == "not_a_user")
        await bench.close()
    }

    /// The reader's language: the user's own choice, then the browser's, then the project's.
    @Test(
        arguments: [(nil, nil, "en"), (nil, "pt-BR,en;q=0.5", "pt-BR"), ("en", "pt-BR", "en"), ("pt-BR", "en", "pt-BR")]
            as [(String?, String?, String)]
    )
    func `S2.88 texts come in the reader's language`(_ row: (own: String?, browser: String?, expected: String)) async throws {
        let bench = try await ServerBench(model: ScriptedModel([.say("hi"), .say("hi")]))
        let browser = try await bench.browser()
        _ = try await browser.send("PATCH", "/v1/me", ["language": row.own.map(JSON.string) ?? .null])
        let session = try await browser.send("POST", "/v1/runs", ["content": "hi"]).json["session_id"]?.string ?? ""
        var headers = [("Accept", "application/json")]
        if let language = row.browser { headers.append(("Accept-Language", language)) }
        let events = try await browser.send("GET", "/v1/sessions/\(session)/events", headers: headers).json["data"]?.array ?? []
        let other = row.expected == "en" ? "pt-BR" : "en"
        let plain = try await bench.send(
            "GET",
            "/v1/sessions/\(session)/events",
            headers: [("Accept", "application/json"), ("Accept-Language", row.expected)]
        )
        let foreign = try await bench.send(
            "GET",
            "/v1/sessions/\(session)/events",
            headers: [("Accept", "application/json"), ("Accept-Language", other)]
        )
        #expect(.array(events) == plain.json["data"] && .array(events) != foreign.json["data"])
        await bench.close()
    }
}
