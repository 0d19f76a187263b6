import BatutaSimulators
import BatutaTesting
import Foundation
import Testing

/// What docs/guides/caching.md shows, done as it stands there.
@Suite(.timeLimit(.minutes(2))) struct CachingGuideTests {
    @Test func `the paraphrase of the guide is answered from the cache with the simulator that the guide names`() async throws {
        let path = #filePath.replacing("Tests/CommandTests/CachingGuideTests.swift", with: "docs/guides/caching.md")
        let guide = try String(contentsOfFile: path, encoding: .utf8)
        let blocks = guide.split(separator: "```").map(String.init)
        let block = try #require(blocks.first { $0.hasPrefix("yaml\n") && $0.contains("provider: sim") })
        let settings = String(block.dropFirst("yaml\n".count))
        let commands = try #require(blocks.first { $0.contains("batuta run") }).split(separator: "\n").filter { $0.hasPrefix("batuta ") }
        #expect(commands.count == 3)
        let simulator = try ModelSimulator().start()
        let program = Program()
        // The test's simulator has a port of its own.
        try program.write(settings.replacing("http://127.0.0.1:7710/v1", with: simulator.baseURL), to: "music/batuta.yaml")
        try program.write("---\ndescription: Knows music.\nresponse_cache: semantic\n---\nAnswer.\n", to: "music/agents/clerk.md")
        var last = "", told: [Bool] = []
        for command in commands {
            let line = String(command).replacing("batuta ", with: "\(Program.path) ", maxReplacements: 1)
            let place = program.folder.path + "/music"
            let outcome = try await SpawnedProcess.run(
                "/bin/sh",
                ["-c", "cd '\(place)' && \(line)"],
                environment: program.environment,
                folder: program.folder.path,
                input: ""
            )
            #expect(outcome.ending == .exited(0), "\(command): \(outcome.error)")
            last = outcome.output
            told.append(outcome.error.contains("↺ from the cache (semantic)"))
        }
        #expect(told == [false, true, false])
        #expect(simulator.requests.filter { $0.model == "talk" }.count == 1)
        #expect(simulator.requests.filter { $0.model == "embed-384" }.count == 2)
        #expect(last.contains("1 from the cache"), "\(last)")
        simulator.stop()
    }
}
