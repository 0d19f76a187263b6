import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaTesting
import Testing

/// A run that asks for more calls than it may.
@Suite(.timeLimit(.minutes(2))) struct CallLimitTests {
    @Test(arguments: StoreEngine.all) func `S2.140 calls above the limit are not made, and the log says so of each`(_ kind: StoreEngine)
        async throws
    {
        let tool = RecordingTool(ToolDefinition(name: "look", description: "Looks.", effect: .read))
        let model = ScriptedModel([.call([("look", ["at": 1])]), .call([("look", ["at": 2]), ("look", ["at": 3]), ("look", ["at": 4])])])
        let bench = try await EngineBench(on: kind, model: model, tools: [tool], limits: RunLimits(toolCalls: 3))
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        let error = try #require(try await bench.run(accepted.runID)?.error)
        #expect(error["code"] == "limit_tool_calls" && error["message"] == "The run asked for 4 tool calls; the limit is 3.")
        #expect(tool.received.count == 1)
        let results = events.events.compactMap { event in
            if case .toolResult(let told)? = try? event.data() { told.result } else { nil as ToolResult? }
        }
        #expect(results.map(\.success) == [true, false, false, false])
        #expect(results.dropFirst().allSatisfy { $0.code == "cancelled" && !$0.uncertain })
        await bench.stop()
    }
}
