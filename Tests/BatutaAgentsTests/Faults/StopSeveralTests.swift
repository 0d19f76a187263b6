import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaTesting
import Testing

/// Several runs of a session that are stopped together.
@Suite(.timeLimit(.minutes(2))) struct StopSeveralTests {
    private static func number(_ request: ModelRequest) -> JSON {
        let asked = request.turns.reversed().compactMap { if case .user(let text) = $0 { text } else { nil } }.first
        return .string(asked ?? "")
    }

    @Test(arguments: StoreEngine.all) func `S2.38 all are cut before any is waited for`(_ kind: StoreEngine) async throws {
        let firstIsCut = Gate()
        // The second comes back only when the first has heard of its stop.
        let tool = RecordingTool(ToolDefinition(name: "wait", description: "Waits.", effect: .read)) { call in
            guard call.arguments["n"] == "first" else {
                await firstIsCut.pass()
                return ToolAttempt(.failure("cut", code: "cancelled"))
            }
            while !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
            firstIsCut.open()
            return ToolAttempt(.failure("cut", code: "cancelled"))
        }
        let model = ScriptedModel { request in .call([("wait", ["n": Self.number(request)])]) }
        let bench = try await EngineBench(on: kind, model: model, tools: [tool])
        let (first, events) = try await bench.send("first")
        await tool.waitForCalls(1)
        // It gives its turn up while its call is let finish.
        let run = try #require(try await bench.run(first.runID))
        #expect(try await bench.engine.pause(run))
        let second = try await bench.send("second", in: first.sessionID)
        await tool.waitForCalls(2)
        var runs: [Run] = []
        for id in [first.runID, second.runID] { runs.append(try #require(try await bench.run(id))) }
        #expect(try await bench.engine.stop(runs))
        for run in runs { await events.waitForEnd(of: run.id) }
        for run in runs { #expect(try await bench.run(run.id)?.status == .cancelled) }
        await bench.stop()
    }
}
