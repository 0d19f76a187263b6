import BatutaCore
import BatutaHTTP
@testable import BatutaServer
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct UserRoutesTests {
    @Test func `S4.34 admins add people, and see who is here`() async throws {
        let bench = try await ServerBench()
        let made = try await bench.send("POST", "/v1/users", ["email": "Ana@Example.com", "role": "member", "name": "Ana"])
        #expect(made.status == 201 && made.id.hasPrefix("usr_"))
        #expect(made.json["email"] == "ana@example.com" && made.json["has_password"] == false && made.json["disabled"] == false)
        let listed = try await bench.send("GET", "/v1/users").json["data"]?.array ?? []
        #expect(listed.count == 2 && listed.contains(made.json) && listed.contains { $0["id"] == "usr_local" })
        for field in ["id", "email", "name", "role", "created_at", "last_seen_at", "disabled", "has_password"] {
            #expect(listed.allSatisfy { $0[field] != nil }, "\(field)")
        }
        let again = try await bench.send("POST", "/v1/users", ["email": "ANA@example.com", "role": "viewer"])
        #expect(again.status == 409 && again.code == "email_taken")
        await bench.close()
    }

    @Test func `people are listed in pages`() async throws {
        let bench = try await ServerBench()
        for number in 0..<3 { _ = try await bench.person(.member, email: "p\(number)@example.com") }
        var seen: [String] = []
        var path: String? = "/v1/users?limit=2"
        while let next = path {
            let page = try await bench.send("GET", next).json
            seen += (page["data"]?.array ?? []).compactMap { $0["id"]?.string }
            path = page["next_cursor"]?.string.map { "/v1/users?limit=2&cursor=\($0)" }
        }
        #expect(seen.count == 4 && Set(seen).count == 4)
        await bench.close()
    }

    @Test(
        arguments: [
            [:], ["email": "a@b.c"], ["role": "member"], ["email": "ab.c", "role": "member"], ["email": "a@b.c", "role": "king"],
            ["email": "a@b.c", "role": "member", "password": "short"], ["email": "a@b.c", "role": "member", "admin": true],
        ] as [JSON]
    )
    func `somebody who makes no sense is not added`(_ body: JSON) async throws {
        let bench = try await ServerBench()
        let refused = try await bench.send("POST", "/v1/users", body)
        #expect(refused.status == 400 && refused.isProblem)
        #expect(try await bench.send("GET", "/v1/users").json["data"]?.array?.count == 1)
        await bench.close()
    }

    @Test func `nobody gives a role above their own, or touches somebody who has one`() async throws {
        let bench = try await ServerBench()
        let admin = try await bench.browser(as: try await bench.person(.admin, email: "admin@example.com"))
        let owner = try await bench.person(.owner, email: "owner@example.com")
        let member = try await bench.person(.member)
        for role in ["viewer", "member", "builder", "admin"] {
            let body: JSON = ["email": .string("\(role)2@example.com"), "role": .string(role)]
            #expect(try await admin.send("POST", "/v1/users", body).status == 201)
        }
        let refused = [
            try await admin.send("POST", "/v1/users", ["email": "o2@example.com", "role": "owner"]),
            try await admin.send("PATCH", "/v1/users/\(member)", ["role": "owner"]),
            try await admin.send("PATCH", "/v1/users/\(owner)", ["disabled": true]),
            try await admin.send("POST", "/v1/users/\(owner)/link"), try await admin.send("POST", "/v1/users/usr_local/link"),
            try await admin.send("POST", "/v1/keys", ["name": "k", "user": "owner@example.com"]),
        ]
        for answer in refused { #expect(answer.status == 403 && answer.code == "forbidden") }
        await bench.close()
    }

    @Test func `the last owner can be neither lowered nor disabled`() async throws {
        let bench = try await ServerBench()
        for body in [["role": "admin"], ["disabled": true], ["role": "viewer", "disabled": true]] as [JSON] {
            let refused = try await bench.send("PATCH", "/v1/users/usr_local", body)
            #expect(refused.status == 409 && refused.code == "last_owner")
        }
        let other = try await bench.person(.owner)
        #expect(try await bench.send("PATCH", "/v1/users/usr_local", ["role": "owner", "name": "Machine"]).status == 200)
        #expect(try await bench.send("PATCH", "/v1/users/usr_local", ["disabled": true]).status == 200)
        #expect(try await bench.send("PATCH", "/v1/users/\(other)", ["role": "member"]).code == "last_owner")
        #expect(try await bench.send("PATCH", "/v1/users/usr_local", ["disabled": false]).json["disabled"] == false)
        #expect(try await bench.send("PATCH", "/v1/users/\(other)", ["role": "member"]).json["role"] == "member")
        await bench.close()
    }

    @Test func `of two owners who lower each other at once, one stays`() async throws {
        let bench = try await ServerBench()
        let ana = try await bench.person(.owner)
        async let one = bench.send("PATCH", "/v1/users/\(ana)", ["disabled": true])
        async let other = bench.send("PATCH", "/v1/users/usr_local", ["disabled": true])
        #expect(try await [one, other].map(\.status).sorted() == [200, 409])
        await bench.close()
    }

    @Test func `a link from an admin signs somebody in`() async throws {
        let bench = try await ServerBench()
        let ana = try await bench.person(.member)
        let link = try await bench.send("POST", "/v1/users/\(ana)/link", headers: [("Idempotency-Key", "k")])
        #expect(link.status == 201 && link.json["expires_at"] != nil)
        let url = link.json["url"]?.string ?? ""
        #expect(url.hasPrefix(bench.base + "/signin?token="))
        let browser = Browser(bench)
        _ = try await browser.send("GET", String(url.dropFirst(bench.base.count)))
        #expect(try await browser.send("GET", "/v1/me").id == ana)
        // The secret part of an answer is given once.
        let again = try await bench.send("POST", "/v1/users/\(ana)/link", headers: [("Idempotency-Key", "k")])
        #expect(again.json["url"] == nil && again.json["expires_at"] == link.json["expires_at"])
        #expect(try await bench.send("POST", "/v1/users/usr_x/link").status == 404)
        await bench.close()
    }

    @Test func `whoever is disabled is out at once, and comes back with a new link`() async throws {
        let bench = try await ServerBench()
        let ana = try await bench.person(.member)
        let browser = try await bench.browser(as: ana)
        let key = try await bench.send("POST", "/v1/keys", ["name": "k", "user": .string(ana)]).json["key"]?.string ?? ""
        let session = try await bench.session(key: key)
        let origin = ["Origin: \(bench.base)"]
        let sockets = [
            await WebSocketPeer.open(bench, "/v1/sessions/\(session)/ws", cookie: browser.cookie, headers: origin),
            await WebSocketPeer.open(bench, "/v1/sessions/\(session)/ws", key: key),
        ]
        #expect(sockets.map(\.status) == [101, 101])
        #expect(try await bench.send("PATCH", "/v1/users/\(ana)", ["disabled": true]).json["disabled"] == true)
        for socket in sockets { #expect(await socket.closeCode() == 1008) }
        #expect(try await browser.send("GET", "/v1/me").status == 401)
        #expect(try await bench.send("GET", "/v1/me", key: key).status == 401)
        #expect(try await bench.send("POST", "/v1/users/\(ana)/link").code == "user_disabled")
        #expect(try await bench.send("PATCH", "/v1/users/\(ana)", ["disabled": false]).status == 200)
        #expect(try await browser.send("GET", "/v1/me").status == 401)
        #expect(try await bench.browser(as: ana).send("GET", "/v1/me").status == 200)
        await bench.close()
    }

    @Test func `somebody disabled by another process loses open sockets within five seconds`() async throws {
        let bench = try await ServerBench()
        let watch = Task { await bench.server.run() }
        let ana = try await bench.person(.member)
        let key = try await bench.keys.create(name: "k", role: .member, user: ana).1.text
        let socket = await WebSocketPeer.open(bench, "/v1/sessions/\(try await bench.session(key: key))/ws", key: key)
        _ = try await bench.users.change(ana, UserChange(isDisabled: true))
        #expect(await socket.closeCode() == 1008)
        #expect(OpenStreams.pause < .seconds(5))
        #expect(try await bench.send("GET", "/v1/me", key: key).status == 401)
        watch.cancel()
        await bench.close()
    }

    @Test func `a key with a user acts as that user, and never beyond that role`() async throws {
        let bench = try await ServerBench()
        let ana = try await bench.person(.member)
        let made = try await bench.send("POST", "/v1/keys", ["name": "laptop", "user": "ANA@example.com", "role": "admin"])
        #expect(made.status == 201 && made.json["user"] == .string(ana))
        let key = made.json["key"]?.string ?? ""
        let me = try await bench.send("GET", "/v1/me", key: key).json
        #expect(me["id"] == .string(ana) && me["role"] == "member")
        #expect(try await bench.send("GET", "/v1/users", key: key).status == 403)
        let session = try await bench.session(key: key)
        #expect(try await bench.browser(as: ana).send("GET", "/v1/sessions/\(session)").status == 200)
        for user in ["nobody@example.com", "usr_x"] {
            #expect(try await bench.send("POST", "/v1/keys", ["name": "k", "user": .string(user)]).status == 400)
        }
        await bench.close()
    }

    @Test func `a repeated request with another password is not told apart by a fast hash`() async throws {
        let bench = try await ServerBench()
        let first: JSON = ["email": "ana@example.com", "role": "member", "password": "correct horse battery"]
        let second: JSON = ["email": "ana@example.com", "role": "member", "password": "another long password"]
        let made = try await bench.send("POST", "/v1/users", first, headers: [("Idempotency-Key", "k")])
        let again = try await bench.send("POST", "/v1/users", second, headers: [("Idempotency-Key", "k")])
        #expect(again.status == 201 && again.json == made.json)
        await bench.close()
    }
}
