import BatutaCore
import BatutaHTTP
import BatutaServer
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct KeyRoutesTests {
    @Test func `a key is shown once, works, and is revoked at once`() async throws {
        let bench = try await ServerBench()
        let made = try await bench.send("POST", "/v1/keys", ["name": "ci", "role": "member", "expires": "90d"])
        #expect(made.status == 201)
        for field in ["id", "name", "role", "created_at", "expires_at", "last_used_at"] { #expect(made.json[field] != nil, "\(field)") }
        let secret = made.json["key"]?.string ?? ""
        #expect(secret.hasPrefix("bat_"))
        #expect(try await bench.send("GET", "/v1/sessions", key: secret).status == 200)
        let listed = try await bench.send("GET", "/v1/keys")
        #expect(listed.json["data"]?.array?.contains { $0["id"] == made.json["id"] } == true)
        #expect(!listed.json.text.contains("bat_"))
        #expect(try await bench.send("DELETE", "/v1/keys/\(made.id)").status == 204)
        let refused = try await bench.send("GET", "/v1/sessions", key: secret)
        #expect(refused.status == 401 && refused.isProblem)
        #expect(refused.headers["WWW-Authenticate"] == "Bearer")
        #expect(try await bench.send("DELETE", "/v1/keys/\(made.id)").status == 404)
        await bench.close()
    }

    @Test func `a key that expired no longer counts`() async throws {
        let bench = try await ServerBench()
        let key = try await bench.key(.member, lifetime: .seconds(60))
        #expect(try await bench.send("GET", "/v1/sessions", key: key).status == 200)
        bench.engine.clock.advance(by: .seconds(60))
        #expect(try await bench.send("GET", "/v1/sessions", key: key).status == 401)
        await bench.close()
    }

    @Test func `revoking a key closes its open streams`() async throws {
        let bench = try await ServerBench(hasOneDoor: true)
        let made = try await bench.send("POST", "/v1/keys", ["name": "ci", "role": "owner"])
        let secret = made.json["key"]?.string ?? ""
        let frames = try await bench.events("POST", "/v1/runs", ["content": "hi", "stream": true])
        let session = frames[0].json["session_id"]?.string ?? ""
        let socket = await WebSocketPeer.open(bench, "/v1/sessions/\(session)/ws", key: secret)
        let kept = await WebSocketPeer.open(bench, "/v1/sessions/\(session)/ws")
        for peer in [socket, kept] { _ = await peer.collect { $0["type"] == "complete" } }
        let before = try await bench.openStreams()
        async let stream = bench.events("GET", "/v1/sessions/\(session)/events", headers: [], key: secret)
        // One that is let in while the key is revoked ends with the look that a server takes every three seconds, which this one does not.
        try await Deadline.look(for: "stream") { try await bench.openStreams() > before }
        #expect(try await bench.send("DELETE", "/v1/keys/\(made.id)").status == 204)
        #expect(await socket.closeCode() == 1008)
        _ = try? await stream
        kept.send(["type": "message", "content": "still here?"])
        #expect(await kept.answer()["type"] == "ack")
        await bench.close()
    }

    @Test func `nobody makes or revokes a key above the own role`() async throws {
        let bench = try await ServerBench()
        let admin = try await bench.key(.admin)
        for role in ["viewer", "member", "builder", "admin"] {
            #expect(try await bench.send("POST", "/v1/keys", ["name": "k", "role": .string(role)], key: admin).status == 201)
        }
        let refused = try await bench.send("POST", "/v1/keys", ["name": "k", "role": "owner"], key: admin)
        #expect(refused.status == 400 || refused.status == 403)
        let owner = try await bench.send("POST", "/v1/keys", ["name": "o", "role": "owner"])
        #expect(try await bench.send("DELETE", "/v1/keys/\(owner.id)", key: admin).status == 404)
        #expect(try await bench.send("POST", "/v1/keys", ["name": "k"], key: try await bench.key(.builder)).status == 403)
        await bench.close()
    }

    @Test(
        arguments: [
            [:], ["name": ""], ["name": " "], ["name": 1], ["name": "k", "role": "king"], ["name": "k", "expires": "soon"],
            ["name": "k", "expires": "0d"], ["name": "k", "expires": "-1d"], ["name": "k", "expires": "99999999999999999999d"],
            ["name": "k", "secret": "x"],
        ] as [JSON]
    )
    func `a key that makes no sense is not made`(_ body: JSON) async throws {
        let bench = try await ServerBench()
        let refused = try await bench.send("POST", "/v1/keys", body)
        #expect(refused.status == 400 && refused.isProblem)
        #expect(try await bench.send("GET", "/v1/keys").json["data"]?.array?.count == 1)
        await bench.close()
    }
}
