import BatutaCore
import BatutaHTTP
import BatutaSimulators
import BatutaTesting
import Foundation
import Testing

/// The hello project without any key, and a model on this machine that is connected while the server runs.
@Suite(.timeLimit(.minutes(5))) struct ConnectionCommandTests {
    @Test func `a connected model answers the next message without a restart, and after one`() async throws {
        let simulator = try ModelSimulator().start()
        let program = Program()
        try await program.makeHello()
        let server = try program.serve(program.hello)
        defer { server.process.signal(SIGTERM) }
        try await server.waitUntilReady()
        #expect(try await program.run("run", "--project", program.hello, "What time is it?").error.contains("Rehearsal"))
        let body: JSON = ["provider": "ollama", "base_url": .string(simulator.baseURL), "model": "text-9"]
        #expect(try await server.post("/v1/settings/connection", body) == 200)
        let run = try await program.run("run", "--project", program.hello, "What time is it?")
        #expect(run.code == 0 && !run.error.contains("Rehearsal"))
        #expect(simulator.requests.last?.model == "text-9")
        server.process.signal(SIGTERM)
        _ = await server.process.end()
        let asked = simulator.requestCount
        let again = try await program.run("run", "--project", program.hello, "And now?")
        #expect(again.code == 0 && !again.error.contains("Rehearsal"))
        #expect(simulator.requestCount == asked + 1)
        #expect(try await program.run("check", program.hello).code == 0)
        simulator.stop()
    }
}

extension ServedProject {
    /// The status of what the server answers to whoever holds its socket.
    fileprivate func post(_ path: String, _ body: JSON) async throws -> Int {
        let client = try HTTPClient()
        defer { client.shutdown() }
        var request = ClientRequest(method: "POST", url: "http://batuta" + path, body: body.bytes)
        request.unixSocket = socket
        return try await client.fetch(request).status
    }
}
