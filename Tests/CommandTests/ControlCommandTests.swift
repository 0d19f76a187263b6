import BatutaCore
import BatutaSimulators
import BatutaTesting
import Foundation
import Testing

/// Pausing, resuming and stopping from a terminal.
@Suite(.timeLimit(.minutes(5))) struct ControlCommandTests {
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
        #expect(followed.code == 130 && followed.error.contains("Paused. To go on: batuta resume \(run) --project \(shop.folder)"))
        let stopped = try await shop.run("stop", run)
        #expect(stopped.code == 0 && stopped.out.contains("cancelled"))
        await server.end(SIGTERM)
        shop.model.stop()
    }

    @Test func `a run is forked and replayed from a terminal, and a replay tells what changed in the files`() async throws {
        var shop = try Shop()
        shop.model.enqueue(.text("Hello"), .text("Otherwise"))
        #expect(try await shop.run("run", "hi").code == 0)
        let run = try #require(try await shop.run("runs").out.split(separator: " ").first.map(String.init))
        let forked = try await shop.run("fork", run, "--from", "2", "--instructions", "You sell dearly.")
        #expect(forked.code == 0 && forked.out.hasPrefix("ses_") && forked.out.contains("Otherwise"), "\(forked)")
        #expect(shop.model.requests.last?.json?["messages"]?[0]?["content"]?.string?.contains("You sell dearly.") == true)
        let late = try await shop.run("fork", run, "--from", "999")
        #expect(late.code == 1 && late.error.hasPrefix("--from must be a number from 1 to"), "\(late)")
        let stranger = try await shop.run("fork", run, "--tool-results", "{\"call_x\": 1}", "--model", " ")
        #expect(stranger.error.contains("--model: must not be empty") && stranger.error.contains("--tool-results: there is no call call_x"))
        #expect(!stranger.error.contains("changes."), "\(stranger)")
        let same = try await shop.run("replay", run)
        #expect(same.code == 0 && same.out.hasPrefix("The same: "), "\(same)")
        try shop.program.write("---\nname: clerk\ndescription: Sells.\ntools: [pay]\n---\nYou give.\n", to: "shop/agents/clerk.md")
        #expect(try await shop.run("replay", run).code == 0)
        let other = try await shop.run("replay", run, "--current")
        #expect(other.code == 1 && other.out.contains("was: ") && other.out.contains("You give."), "\(other)")
        shop.program.environment["LANG"] = "pt_BR.UTF-8"
        #expect(try await shop.run("replay", run, "--current").out.contains("1 diferença em"))
        let refused = try await shop.run("fork", run, "--from", "99")
        #expect(refused.code == 1 && refused.error.contains("um número de 1 a"), "\(refused)")
        #expect(try await shop.run("fork", run, "--from", "x").code == 2)
        shop.model.stop()
    }
}
