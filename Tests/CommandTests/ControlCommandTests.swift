import BatutaCore
import BatutaTesting
import Foundation
import Testing

/// Pausing, resuming and stopping from a terminal.
@Suite(.timeLimit(.minutes(2))) struct ControlCommandTests {
    @Test func `a paused run stays so over kill -9, and goes on when somebody says so`() async throws {
        var shop = try Shop()
        let server = try await shop.serve()
        shop.model.enqueue(.hang, .text("All done"))
        let started = try await server.send("POST", "/v1/runs?wait=0", ["content": "think"])
        let run = try #require(started["run_id"]?.string)
        await shop.model.waitForRequests(1)
        let paused = try await shop.run("pause", run)
        #expect(paused.code == 0 && paused.out.contains(run) && paused.out.contains("paused"))
        await server.end(SIGKILL)
        let again = try await shop.serve()
        #expect(again.printed.contains("1 run is paused."))
        #expect(try await again.send("GET", "/v1/runs/\(run)")["status"] == "paused")
        await again.end(SIGTERM)
        // Nobody serves: the command itself sees the run through.
        let resumed = try await shop.run("resume", run)
        #expect(resumed.code == 0 && resumed.out.contains("All done"), "\(resumed)")
        shop.program.environment["LANG"] = "pt_BR.UTF-8"
        let refused = try await shop.run("pause", run)
        #expect(refused.code == 1 && refused.error.contains("já terminou"), "\(refused)")
        #expect(try await shop.run("pause").error.contains("Uso: batuta pause EXECUÇÃO"))
        shop.model.stop()
    }

    @Test func `a command that follows a run says that it was paused, and how it goes on`() async throws {
        let shop = try Shop()
        let server = try await shop.serve()
        shop.model.enqueue(.hang)
        async let following = shop.run("run", "think")
        await shop.model.waitForRequests(1)
        let run = try #require(try await server.send("GET", "/v1/runs?status=running")["data"]?[0]?["id"]?.string)
        _ = try await shop.run("pause", run)
        let followed = try await following
        #expect(followed.code == 130 && followed.error.contains("Paused. To go on: batuta resume \(run)"))
        let stopped = try await shop.run("stop", run)
        #expect(stopped.code == 0 && stopped.out.contains("cancelled"))
        await server.end(SIGTERM)
        shop.model.stop()
    }
}
