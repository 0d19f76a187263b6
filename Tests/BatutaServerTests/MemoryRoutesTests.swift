import BatutaCore
import BatutaMemory
import BatutaServer
import BatutaStorage
import BatutaTesting
import Testing

/// What people see, correct and forget of what is known of them (API §3, `/v1/memories`).
@Suite(.timeLimit(.minutes(10))) struct MemoryRoutesTests {
    private func member(_ bench: ServerBench, _ email: String, _ role: Role = .member) async throws -> (id: String, key: String) {
        let id = try await bench.person(role, email: email)
        return (id, try await bench.keys.create(name: email, role: .owner, user: id).1.text)
    }

    @Test func `a memory is added, listed, found by its words, corrected and forgotten`() async throws {
        let bench = try await ServerBench()
        let me = try await member(bench, "member@example.com")
        let new: JSON = ["fact": "Prefere relatórios curtos.", "about": "relatórios", "namespace": "ads"]
        let added = try await bench.send("POST", "/v1/memories", new, key: me.key)
        #expect(added.status == 201 && added.json["user_id"]?.string == me.id && added.json["agent"] == .null)
        bench.engine.clock.advance(by: .seconds(1))
        _ = try await bench.send("POST", "/v1/memories", ["fact": "Lives in Natal.", "namespace": "home"], key: me.key)
        func facts(_ query: String) async throws -> [String] {
            try await bench.send("GET", "/v1/memories\(query)", key: me.key).json["data"]?.array?.compactMap { $0["fact"]?.string } ?? []
        }
        #expect(try await facts("") == ["Lives in Natal.", "Prefere relatórios curtos."])
        #expect(try await facts("?q=RELATORIO") == ["Prefere relatórios curtos."])
        #expect(try await facts("?namespace=home") == ["Lives in Natal."])
        #expect(try await facts("?agent=manager").isEmpty)
        let page = try await bench.send("GET", "/v1/memories?limit=1", key: me.key).json
        let cursor = try #require(page["next_cursor"]?.string)
        #expect(try await facts("?limit=1&cursor=\(cursor)") == ["Prefere relatórios curtos."])
        let spaces = try await bench.send("GET", "/v1/memories/namespaces", key: me.key).json["data"]?.array?.compactMap {
            $0["namespace"]?.string
        }
        #expect(spaces == ["ads", "home"])
        let edited = try await bench.send("PUT", "/v1/memories/\(added.id)", ["fact": "Prefere tabelas."], key: me.key)
        #expect(edited.status == 200 && edited.json["about"]?.string == "relatórios" && edited.json["fact"]?.string == "Prefere tabelas.")
        #expect(try await bench.send("DELETE", "/v1/memories/\(added.id)", key: me.key).status == 204)
        #expect(try await bench.send("GET", "/v1/memories/\(added.id)", key: me.key).status == 404)
        #expect(try await bench.send("DELETE", "/v1/memories", key: me.key).json["deleted"]?.int == 1)
        #expect(try await facts("").isEmpty)
        await bench.close()
    }

    @Test(
        arguments: [
            (["fact": "", "namespace": "n"], "fact"), (["fact": "x"], "namespace"), (["fact": 3, "namespace": "n"], "fact"),
            (["fact": "x", "namespace": "n", "agent": "me"], "agent"), (["fact": "x", "namespace": ""], "namespace"),
        ] as [(JSON, String)]
    )
    func `what cannot be remembered is refused with its field`(_ body: JSON, _ field: String) async throws {
        let bench = try await ServerBench()
        let answer = try await bench.send("POST", "/v1/memories", body)
        #expect(answer.status == 400 && answer.isProblem)
        #expect(answer.json["errors"]?.array?.contains { $0["field"]?.string == field } == true, "\(answer.json.text)")
        await bench.close()
    }

    @Test func `a member never reaches another's; an admin does, and it is noted`() async throws {
        let bench = try await ServerBench()
        let owner = try await member(bench, "owner@example.com"), other = try await member(bench, "other@example.com")
        let admin = try await member(bench, "admin@example.com", .admin)
        let fact = try await bench.facts.remember(NewFact("Likes tulips.", namespace: "n"), of: owner.id).fact
        for (method, path) in [("GET", ""), ("PUT", ""), ("DELETE", "")] {
            let body: JSON? = method == "PUT" ? ["fact": "mine"] : nil
            #expect(try await bench.send(method, "/v1/memories/\(fact.id)\(path)", body, key: other.key).status == 404)
        }
        for method in ["GET", "DELETE"] {
            #expect(try await bench.send(method, "/v1/memories?user_id=\(owner.id)", key: other.key).status == 403)
        }
        #expect(try await bench.send("GET", "/v1/memories?q=tulips", key: other.key).json["data"]?.array?.isEmpty == true)
        #expect(try await bench.send("DELETE", "/v1/memories", key: other.key).json["deleted"]?.int == 0)
        #expect(try await bench.send("GET", "/v1/memories", key: admin.key).json["data"]?.array?.isEmpty == true)
        #expect(try await bench.send("GET", "/v1/memories?user_id=\(owner.id)", key: admin.key).json["data"]?.array?.count == 1)
        #expect(try await bench.send("GET", "/v1/memories/\(fact.id)", key: admin.key).status == 200)
        for word in ["user=\(owner.id)", "user_id=owner@example.com", "user=owner@example.com"] {
            #expect(try await bench.send("GET", "/v1/memories/namespaces?\(word)", key: admin.key).json["data"]?.array?.count == 1)
            #expect(try await bench.send("GET", "/v1/memories/namespaces?\(word)", key: other.key).status == 403)
            #expect(try await bench.send("GET", "/v1/memories/namespaces?\(word)", key: owner.key).json["data"]?.array?.count == 1)
        }
        #expect(try await bench.send("GET", "/v1/memories?user=me", key: admin.key).json["data"]?.array?.isEmpty == true)
        #expect(try await bench.send("DELETE", "/v1/memories?user_id=\(owner.id)", key: admin.key).json["deleted"]?.int == 1)
        func notes(_ query: String) async throws -> [[String?]] {
            let data = try await bench.send("GET", "/v1/memories/audit\(query)", key: admin.key).json["data"]?.array ?? []
            return data.map { [$0["action"]?.string, $0["by"]?.string, $0["user_id"]?.string, $0["memory_id"]?.string] }
        }
        let all = [
            ["delete_all", admin.id, owner.id, nil], ["read", admin.id, owner.id, nil], ["read", admin.id, owner.id, nil],
            ["read", admin.id, owner.id, nil], ["read", admin.id, owner.id, fact.id.rawValue], ["read", admin.id, owner.id, nil],
        ]
        #expect(try await notes("") == all)
        #expect(try await notes("?user_id=\(owner.id)&limit=1") == [all[0]])
        #expect(try await notes("?user_id=\(other.id)").isEmpty)
        let next = try await bench.send("GET", "/v1/memories/audit?limit=1", key: admin.key).json["next_cursor"]?.string ?? ""
        #expect(try await notes("?limit=1&cursor=\(next)") == [all[1]])
        #expect(try await bench.send("GET", "/v1/memories/audit?cursor=x", key: admin.key).status == 400)
        await bench.close()
    }

    @Test func `an admin may read and forget what is known of another, not change it, and of nobody with a higher role`() async throws {
        let bench = try await ServerBench()
        let admin = try await member(bench, "admin@example.com", .admin)
        let boss = try await member(bench, "boss@example.com", .owner)
        let other = try await member(bench, "member@example.com")
        let secret = try await bench.facts.remember(NewFact("Wants to sell.", namespace: "n"), of: boss.id).fact
        let known = try await bench.facts.remember(NewFact("Likes tulips.", namespace: "n"), of: other.id).fact
        let keys = try await bench.send("POST", "/v1/keys", ["name": "program", "role": "owner"])
        let own = try await bench.facts.remember(NewFact("Asks at night.", namespace: "n"), of: keys.id).fact
        #expect(try await bench.send("PUT", "/v1/memories/\(known.id)", ["fact": "Hates tulips."], key: admin.key).status == 403)
        #expect(try await bench.send("PUT", "/v1/memories/\(known.id)", ["fact": "Hates tulips."], key: boss.key).status == 403)
        #expect(try await bench.facts.find(known.id)?.text == "Likes tulips.")
        for (fact, owner) in [(secret, boss.id), (own, keys.id)] {
            for (method, path) in [
                ("GET", "/\(fact.id)"), ("PUT", "/\(fact.id)"), ("DELETE", "/\(fact.id)"), ("GET", "?user_id=\(owner)"),
                ("DELETE", "?user_id=\(owner)"), ("GET", "/namespaces?user_id=\(owner)"),
            ] {
                let answer = try await bench.send(method, "/v1/memories\(path)", method == "PUT" ? ["fact": "x"] : nil, key: admin.key)
                #expect(answer.status == 403, "\(method) \(path)")
            }
        }
        #expect(try await bench.send("DELETE", "/v1/memories/\(known.id)", key: admin.key).status == 204)
        // Whoever does not exist is not noted either.
        #expect(try await bench.send("GET", "/v1/memories?user_id=usr_made_up", key: admin.key).status == 404)
        let notes = try await bench.send("GET", "/v1/memories/audit", key: admin.key).json["data"]?.array ?? []
        #expect(notes.map { $0["action"]?.string } == ["delete"])
        await bench.close()
    }

    @Test func `what is remembered is not kept a second time for an Idempotency-Key`() async throws {
        let bench = try await ServerBench()
        let me = try await member(bench, "member@example.com")
        let once = [("Idempotency-Key", "k-1")]
        var ids: Set<String> = []
        for _ in 1...2 {
            ids.insert(
                try await bench.send("POST", "/v1/memories", ["fact": "Likes tulips.", "namespace": "n"], key: me.key, headers: once).id
            )
        }
        #expect(ids.count == 1)
        let id = try #require(ids.first)
        #expect(try await bench.send("PUT", "/v1/memories/\(id)", ["fact": "Likes roses."], key: me.key, headers: once).status == 200)
        let kept = try await bench.engine.database.read { try $0.rows("SELECT COUNT(*) FROM idempotent_answers") { $0.int(0) } }
        #expect(kept == [0])
        await bench.close()
    }

    @Test func `the examples in the document are what the server takes and gives`() async throws {
        let bench = try await ServerBench()
        let schemas = try await bench.send("GET", "/openapi.json").json["components"]?["schemas"]
        let new = try #require(schemas?["NewMemory"]?["examples"]?[0])
        let added = try await bench.send("POST", "/v1/memories", new)
        #expect(added.status == 201)
        let shown = try #require(schemas?["Memory"]?["examples"]?[0]?.object)
        #expect(Set(shown.keys) == Set(added.json.object?.keys ?? []))
        let change = try #require(schemas?["MemoryChange"]?["examples"]?[0])
        #expect(try await bench.send("PUT", "/v1/memories/\(added.id)", change).json["fact"] == change["fact"])
        await bench.close()
    }
}
