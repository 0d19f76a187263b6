import BatutaAgents
import BatutaCore
import BatutaServer
import BatutaStorage
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct SecretRoutesTests {
    static let canary = "canary-4b1d77e2c9aa"

    @Test func `S3.20 a value goes in and never comes out`() async throws {
        let bench = try await ServerBench()
        let made = try await bench.send("POST", "/v1/secrets", ["name": "TOKEN", "value": .string(Self.canary)])
        #expect(made.status == 201 && made.json["name"] == "TOKEN")
        let listed = try await bench.send("GET", "/v1/secrets")
        #expect(listed.json["data"]?.array?.count == 1 && listed.json["next_cursor"] == .null)
        #expect(Set((listed.json["data"]?[0]?.object ?? [:]).keys) == ["name", "created_at", "updated_at"])
        for answer in [made, listed] { #expect(!answer.json.text.contains(Self.canary)) }
        #expect(bench.project.vault.secret("TOKEN") == Self.canary)
        #expect(bench.project.served.circumstances.environment.secret("TOKEN") == Self.canary)
        #expect(try await bench.send("DELETE", "/v1/secrets/TOKEN").status == 204)
        let gone = try await bench.send("DELETE", "/v1/secrets/TOKEN")
        #expect(gone.status == 404 && gone.isProblem)
        #expect(bench.project.vault.secret("TOKEN") == nil)
        await bench.close()
    }

    @Test func `only admins see or change the vault`() async throws {
        let bench = try await ServerBench()
        for role in [Role.viewer, .member, .builder] {
            let key = try await bench.key(role)
            #expect(try await bench.send("GET", "/v1/secrets", key: key).status == 403)
            #expect(try await bench.send("POST", "/v1/secrets", ["name": "A", "value": "b"], key: key).status == 403)
            #expect(try await bench.send("DELETE", "/v1/secrets/A", key: key).status == 403)
        }
        #expect(try await bench.send("GET", "/v1/secrets", key: try await bench.key(.admin)).status == 200)
        await bench.close()
    }

    @Test(
        arguments: [
            [:], ["name": "A"], ["value": "b"], ["name": "", "value": "b"], ["name": "1A", "value": "b"], ["name": "a b", "value": "b"],
            ["name": "A", "value": ""], ["name": "A", "value": "a\u{0}b"], ["name": "A", "value": 1], ["name": "é", "value": "b"],
            ["name": "A", "value": "b", "note": "c"], ["name": "A", "value": .string(String(repeating: "x", count: 65_537))],
        ] as [JSON]
    )
    func `a secret that makes no sense is refused, without its value`(_ body: JSON) async throws {
        let bench = try await ServerBench()
        let refused = try await bench.send("POST", "/v1/secrets", body)
        #expect(refused.status == 400 && refused.isProblem)
        #expect(bench.project.vault.entries.isEmpty)
        await bench.close()
    }

    @Test func `S3.24 not even the hash of a secret is kept for a repeated request`() async throws {
        let bench = try await ServerBench()
        for _ in 0..<2 {
            let made = try await bench.send(
                "POST",
                "/v1/secrets",
                ["name": "TOKEN", "value": .string(Self.canary)],
                headers: [("Idempotency-Key", "once")]
            )
            #expect(made.status == 201)
        }
        let kept = try await bench.engine.database.read { try $0.first("SELECT count(*) FROM idempotent_answers") { $0.int(0) } }
        #expect(kept == 0)
        await bench.close()
    }
}
