import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import BatutaTools
import Testing

/// The store fails for a while under a team: members and tools are at work at once, and what they did is neither lost nor done again.
@Suite(.timeLimit(.minutes(5))) struct TeamDiskErrorTests {
    private static let order = ToolDefinition(name: "order", description: "Orders.", effect: .write)

    private static func model() -> ScriptedModel {
        ScriptedModel { request in
            if request.answersCalls { return .say("done") }
            guard request.agent == "manager" else { return .call([("order", ["by": .string(request.agent)])]) }
            let members = ["creator", "analyzer"].map { ("delegate", ["member": .string($0), "task": "work"] as JSON) }
            return .call(members + [("order", ["by": "manager"])])
        }
    }

    @Test(arguments: DiskErrorTests.sicknesses)
    func `a store that takes no writes for a while delays a team and takes nothing from it`(_ sickness: DiskErrorTests.Sickness)
        async throws
    {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for start in 2...24 { group.addTask { try await Self.play(sickness, from: start) } }
            try await group.waitForAll()
        }
    }

    private static func play(_ sickness: DiskErrorTests.Sickness, from start: Int) async throws {
        let name = "\(sickness.testDescription) from \(start)"
        let sick = start..<start + sickness.length
        // The team's own call is still under way when a driver whose store failed looks again.
        let tool = RecordingTool(order) { call in
            if call.arguments["by"] == "manager" { try? await Task.sleep(for: .milliseconds(400)) }
            return ToolAttempt(Task.isCancelled ? .failure("cut", code: "cancelled") : .success(["ok": true]))
        }
        let bench = try await TeamBench.make(
            ["teams/shop.yaml": "mode: coordinate\nleader: manager\nmembers: [creator, analyzer]\n"],
            default: "team:shop",
            agents: ["manager": "tools: [order]", "creator": "tools: [order]", "analyzer": "tools: [order]"],
            tools: [tool],
            store: { DisturbedDatabase($0) { sick.contains($0) ? sickness.fate : .commit } },
            model: model()
        )
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.status == .completed, "\(name)")
        let stored = try await bench.log.pages.read(accepted.sessionID, after: 0, limit: 1_000)
        await bench.stop()
        #expect(events.envelopes == stored.map { $0.envelope(language: "en") }, "\(name): what was seen is not what is stored")
        #expect(tool.received.compactMap { $0.arguments["by"]?.string }.sorted() == ["analyzer", "creator", "manager"], "\(name)")
        #expect(try events.results(of: "order").map(\.success) == [true, true, true], "\(name): a result that was known is lost")
        #expect(try events.results(of: "delegate").map(\.success) == [true, true], "\(name)")
        #expect(!events.types.contains("approval"), "\(name): a human is asked what the node knows")
    }
}
