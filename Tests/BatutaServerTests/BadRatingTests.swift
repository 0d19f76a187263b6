import BatutaAgents
import BatutaCore
import BatutaTesting
import Testing

/// What somebody thinks badly of is not given again.
@Suite(.timeLimit(.minutes(5))) struct BadRatingTests {
    private static func wasAsked(_ bench: ServerBench) async throws -> (run: String, asked: Bool) {
        let frames = try await bench.events("POST", "/v1/runs", ["content": "What is a fugue?", "stream": true])
        let usage = frames.first { $0.type == "usage" }
        return (usage?.json["run_id"]?.string ?? "", usage?.data["cache"] == nil)
    }

    @Test(arguments: [(1, true), (2, true), (3, false), (5, false)])
    func `S4.15 a bad rating of a run that was answered from the cache takes that answer away`(_ rating: Int, _ isGone: Bool) async throws {
        let bench = try await ServerBench(
            model: ScriptedModel(rule: { _ in .say("A piece for voices.") }),
            project: { $0.agents["assistant"]?.definition.responseCache = ResponseCachePolicy(mode: .exact) }
        )
        #expect(try await Self.wasAsked(bench).asked)
        let hit = try await Self.wasAsked(bench)
        #expect(!hit.asked)
        #expect(try await bench.send("POST", "/v1/runs/\(hit.run)/rating", ["rating": .int(rating)]).status == 200)
        #expect(try await Self.wasAsked(bench).asked == isGone)
        await bench.close()
    }
}
