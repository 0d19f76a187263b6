import BatutaCore
import BatutaSimulators
import BatutaTesting
import Foundation
import Testing

/// What a start says of the runs that it found.
@Suite(.timeLimit(.minutes(5))) struct RestartTests {
    @Test(arguments: [SIGKILL, SIGTERM])
    func `after a kill and after a drain the start counts what goes on and what waits`(_ signal: Int32) async throws {
        let shop = try Shop()
        let first = try await shop.serve("--drain-timeout", "100ms")
        #expect(!first.printed.contains("went on"))
        shop.model.enqueue(.call("pay", #"{"amount":5}"#), .call("pay", #"{"amount":6}"#), .hang)
        #expect(try await shop.run("run", "pay").code == 4)
        #expect(try await shop.run("run", "pay again").code == 4)
        _ = try await first.send("POST", "/v1/runs?wait=0", ["content": "think"])
        await shop.model.waitForRequests(3)
        await first.end(signal)
        let second = try await shop.serve()
        #expect(second.printed.contains("1 run went on, 2 wait for you."))
        await second.end(SIGTERM)
        shop.model.stop()
    }

    @Test func `a run of a command that was killed goes on with the next start, and counts`() async throws {
        let shop = try Shop()
        shop.model.enqueue(.hang)
        let command = try shop.program.start(["run", "think", "--project", shop.folder])
        await shop.model.waitForRequests(1)
        command.signal(SIGKILL)
        _ = await command.end()
        let server = try await shop.serve()
        #expect(server.printed.contains("1 run went on."))
        await server.end(SIGTERM)
        shop.model.stop()
    }
}
