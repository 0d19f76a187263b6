import BatutaCore
import BatutaHTTP
import BatutaModels
import BatutaServer
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct BreakerRoutesTests {
    private static let origin = Origin(scheme: "https", host: "api.example", port: 443)

    @Test func `S0.15 an open circuit is listed, and closed by hand`() async throws {
        let bench = try await ServerBench()
        let breakers = bench.project.breakers
        #expect(try await bench.send("GET", "/v1/breakers").json["data"] == [])
        for _ in 0..<5 { breakers.failed(Self.origin, policy: BreakerPolicy()) }
        let row = try #require(try await bench.send("GET", "/v1/breakers").json["data"]?[0])
        #expect(row["id"] == "https:api.example:443")
        #expect(row["service"] == "https://api.example:443")
        #expect(row["state"] == "open")
        #expect(row["retry_after_ms"] != .some(.null))
        #expect(try await bench.send("POST", "/v1/breakers/https:api.example:443/reset").status == 204)
        #expect(breakers.admit(Self.origin, policy: BreakerPolicy()) == .pass)
        #expect(try await bench.send("GET", "/v1/breakers").json["data"] == [])
        await bench.close()
    }

    @Test func `S0.15 a model whose circuit is open is listed beside services, and closed by hand`() async throws {
        let bench = try await ServerBench()
        let place = ServerBench.gatewayModel
        for _ in 0..<5 { bench.modelBreakers.failed(place, policy: BreakerPolicy()) }
        // Of an earlier version of the project.
        bench.modelBreakers.failed(ModelPlace(provider: "p", baseURL: "http://a", model: "gone"), policy: BreakerPolicy())
        bench.project.breakers.failed(Self.origin, policy: BreakerPolicy())
        let rows = try await bench.send("GET", "/v1/breakers").json["data"]
        #expect(rows?.array?.map { $0["kind"] } == ["service", "model"])
        let row = try #require(rows?[1])
        #expect(row["provider"] == "openrouter" && row["model"] == "openai/gpt-5-mini" && row["service"] == "https://llm.example/v1")
        #expect(row["state"] == "open" && row["retry_after_ms"] != .some(.null))
        let id = try #require(row["id"]?.string)
        #expect(id == "model:openrouter:openai~gpt-5-mini")
        let member = try await bench.key(.member)
        #expect(try await bench.send("POST", "/v1/breakers/\(id)/reset", key: member).status == 403)
        #expect(try await bench.send("POST", "/v1/breakers/\(id)/reset").status == 204)
        #expect(bench.modelBreakers.admit(place, policy: BreakerPolicy()) == .pass)
        #expect(try await bench.send("POST", "/v1/breakers/\(id)/reset").status == 404)
        #expect(try await bench.send("GET", "/v1/breakers").json["data"]?.array?.count == 1)
        await bench.close()
    }

    @Test(arguments: ["https:api.example:443", "nonsense", "https:x", ":::"])
    func `a service that has not failed is not there`(_ id: String) async throws {
        let bench = try await ServerBench()
        let answer = try await bench.send("POST", "/v1/breakers/\(id)/reset")
        #expect(answer.status == 404)
        #expect(answer.isProblem)
        await bench.close()
    }
}
