import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaModels
import BatutaRuns
import BatutaTesting
import BatutaTools
import Testing

/// Runs whose model is asked over the network, by a simulator that refuses what providers refuse.
@Suite(.timeLimit(.minutes(5))) struct RealWireTests {
    static let kinds: [ProviderConfiguration.Kind] = [.openai, .openaiResponses, .anthropic, .gemini]

    /// A provider, and whom it asks.
    struct Stand {
        let simulator: ModelSimulator
        let provider: any ModelProvider

        init(_ kind: ProviderConfiguration.Kind = .openai) throws {
            simulator = try ModelSimulator().start()
            let address = kind == .gemini ? simulator.geminiBaseURL : simulator.baseURL
            let configuration = ProviderConfiguration(name: "sim", kind: kind, baseURL: address)
            provider = try #require(configuration.provider(client: try HTTPClient()))
        }
    }

    private static func model(_ name: String) -> (inout RunnableProject) -> Void {
        { $0.agents["assistant"]?.definition.model.model = name }
    }

    private static func failure(_ events: EventCollector) -> ErrorEvent? {
        for event in events.events {
            if case .error(let error) = try? event.data(), !error.recoverable { return error }
        }
        return nil
    }

    @Test(arguments: kinds) func `a tool of an MCP server goes back to every provider under the name that it was offered by`(
        _ kind: ProviderConfiguration.Kind
    ) async throws {
        let stand = try Stand(kind)
        let tool = RecordingTool(ToolDefinition(name: "mcp:docs/add", description: "Adds.", effect: .write))
        let bench = try await EngineBench(model: stand.provider, tools: [tool], configure: Self.model("talk"))
        let (accepted, events) = try await bench.send("call: docs__add {}")
        await events.waitForEnd(of: accepted.runID)
        #expect(Self.failure(events) == nil && tool.received.count == 1)
        #expect(try await bench.run(accepted.runID)?.output?.hasPrefix("docs__add answered") == true)
        // People read the project's name.
        let called = events.events.compactMap { if case .toolCall(let call) = try? $0.data() { call.tool } else { nil } }
        #expect(called == ["mcp:docs/add"])
        await bench.stop()
    }

    @Test(arguments: [("multi_tool_use.parallel", "multi_tool_use_parallel"), ("7z", "_7z"), ("", "unknown")])
    func `a name that the model invented does not end the run, which goes on with what the call was told`(
        _ invented: String,
        _ told: String
    ) async throws {
        let stand = try Stand()
        stand.simulator.enqueue(.call(invented))
        let bench = try await EngineBench(model: stand.provider, configure: Self.model("talk"))
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        #expect(Self.failure(events) == nil)
        #expect(try await bench.run(accepted.runID)?.output?.hasPrefix("\(told) answered") == true)
        await bench.stop()
    }

    @Test func `work_time ends a run whose model says nothing but that it is still there`() async throws {
        let stand = try Stand()
        var limits = RunLimits()
        limits.workTime = .seconds(3)
        let bench = try await EngineBench(model: stand.provider, limits: limits, configure: Self.model("talk"))
        let (accepted, events) = try await bench.send("fault: alive")
        await events.waitForEnd(of: accepted.runID)
        let error = try #require(Self.failure(events))
        #expect(error.code == "limit_work_time" && error.message.contains("was cut"))
        #expect(stand.simulator.requestCount == 1)
        await bench.stop()
    }

    @Test func `a wish to wait longer than a run may work ends it at once`() async throws {
        let stand = try Stand()
        stand.simulator.enqueue(.rateLimited(retryAfter: "30"))
        var limits = RunLimits()
        limits.workTime = .seconds(20)
        let bench = try await EngineBench(model: stand.provider, limits: limits, configure: Self.model("talk"))
        let (accepted, events) = try await bench.send("hi")
        await events.waitForEnd(of: accepted.runID)
        #expect(Self.failure(events)?.code == "limit_work_time")
        await bench.stop()
    }

    /// Google tells calls whole.
    @Test(arguments: kinds.filter { $0 != .gemini }) func `a call that the limit of the answer cut off is not made with nothing`(
        _ kind: ProviderConfiguration.Kind
    ) async throws {
        let stand = try Stand(kind)
        stand.simulator.enqueue(.call("pause", "").tooLong)
        let tool = RecordingTool(ToolDefinition(name: "pause", description: "Pauses everything.", effect: .write))
        let bench = try await EngineBench(model: stand.provider, tools: [tool], configure: Self.model("talk"))
        let (accepted, events) = try await bench.send("say: well")
        await events.waitForEnd(of: accepted.runID)
        #expect(tool.received.isEmpty)
        let results = events.events.compactMap { if case .toolResult(let result) = try? $0.data() { result.result } else { nil } }
        #expect(results.map(\.code) == ["invalid_arguments"])
        #expect(try await bench.run(accepted.runID)?.output == "well")
        await bench.stop()
    }
}
