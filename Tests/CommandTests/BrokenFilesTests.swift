import BatutaCore
import BatutaSimulators
import BatutaTesting
import Foundation
import Testing

/// What a server says of files that were broken while it runs: over HTTP, with the watcher that it really has.
@Suite(.timeLimit(.minutes(5))) struct BrokenFilesTests {
    /// Waits until what the server lists is so.
    private func problems(_ server: Shop.Served, _ isSo: ([String]) -> Bool) async throws -> [String] {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            let told = try await server.send("GET", "/v1/info")["problems"]?.array?.compactMap(\.string) ?? []
            if isSo(told) { return told }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Program.Killed(description: "it never became so: \(server.printed)")
    }

    @Test func `the problems of broken files stay listed until they are mended, whatever else changes`() async throws {
        let shop = try Shop()
        let server = try await shop.serve()
        #expect(try await problems(server) { _ in true } == [])
        let agent = "---\nname: clerk\ndescription: Sells.\ntools: [pay]\n---\nYou sell.\n"
        try shop.program.write(agent.replacingOccurrences(of: "[pay]", with: "[bill]"), to: "shop/agents/clerk.md")
        let told = try await problems(server) { !$0.isEmpty }
        #expect(told.contains { $0.hasPrefix("agents/clerk.md:4: ") && $0.contains("bill") })
        #expect(server.printed.contains("The project was not reloaded"))
        #expect(try await server.send("GET", "/v1/info")["files_refused"] == true)
        let beside = try await shop.run("runs")
        #expect(beside.code == 0 && beside.error.contains("as they last were valid") && beside.error.contains("batuta check --project"))
        _ = try await server.send("POST", "/v1/secrets", ["name": "OTHER", "value": "something else"])
        #expect(try await problems(server) { _ in true } == told)
        try shop.program.write("OTHER=1\n", to: "shop/.env")
        try await server.waitFor { $0.contains("The .env file changed") }
        #expect(try await problems(server) { _ in true } == told)
        try shop.program.write(agent, to: "shop/agents/clerk.md")
        _ = try await problems(server) { $0.isEmpty }
        #expect(try await server.send("GET", "/v1/info")["files_refused"] == false)
        #expect(try await !shop.run("runs").error.contains("valid"))
        await server.end(SIGTERM)
        shop.model.stop()
    }

    @Test func `files that need a secret come into force when it is there`() async throws {
        let shop = try Shop()
        let server = try await shop.serve()
        try shop.program.write(
            """
            description: Bills.
            effect: read
            http: { method: GET, url: "http://127.0.0.1:1/bill", headers: { Authorization: "Bearer ${secret.BILL_KEY}" } }
            """,
            to: "shop/tools/bill.yaml"
        )
        try shop.program.write("---\nname: clerk\ndescription: Sells.\ntools: [bill]\n---\nYou sell.\n", to: "shop/agents/clerk.md")
        _ = try await problems(server) { $0.contains { $0.contains("BILL_KEY") } }
        let before = try await server.send("GET", "/v1/info")["project"]
        _ = try await server.send("POST", "/v1/secrets", ["name": "BILL_KEY", "value": "a-long-enough-key"])
        _ = try await problems(server) { $0.isEmpty }
        #expect(try await server.send("GET", "/v1/info")["project"] != before)
        await server.end(SIGTERM)
        shop.model.stop()
    }
}
