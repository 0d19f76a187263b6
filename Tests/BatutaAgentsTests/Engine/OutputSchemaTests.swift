import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct OutputSchemaTests {
    static let schema: JSON = ["type": "object", "properties": ["score": ["type": "integer"]], "required": ["score"]]

    private func bench(
        on kind: StoreEngine = .sqlite,
        _ model: ScriptedModel,
        tools: [any Tool] = [],
        limits: RunLimits = RunLimits()
    ) async throws -> EngineBench {
        let output = OutputSchema(try JSONSchema(Self.schema))
        return try await EngineBench(
            on: kind,
            model: model,
            tools: tools,
            limits: limits,
            configure: { $0.agents["assistant"]?.definition.output = output }
        )
    }

    @Test(arguments: StoreEngine.all)
    func `an answer that does not fit is asked for again, and only the one that does is the run's`(_ kind: StoreEngine) async throws {
        let model = ScriptedModel([.say("seven or so"), .say("```json\n{\"score\": 7}\n```")])
        let bench = try await bench(on: kind, model)
        let (accepted, events) = try await bench.send("score it")
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.output == "{\"score\": 7}")
        #expect(events.types.count { $0 == "message" } == 2)
        let errors = events.events.compactMap { event -> ErrorEvent? in
            guard case .error(let error) = try? event.data() else { return nil }
            return error
        }
        #expect(errors.map(\.code) == ["invalid_output"] && errors.allSatisfy(\.recoverable))
        let asked = try #require(model.requests.last)
        #expect(asked.turns.count == 3 && asked.turns[1] == .assistant(text: "seven or so", calls: []))
        #expect(asked.output?.schema.source == Self.schema)
        let again = try await bench.send("and again", in: accepted.sessionID)
        await events.waitForEnd(of: again.runID)
        #expect(!(model.requests.last?.turns.contains(.assistant(text: "seven or so", calls: [])) ?? true))
        await bench.stop()
    }

    @Test func `three answers that do not fit end the run`() async throws {
        let model = ScriptedModel([.say("seven"), .say("{\"score\":\"seven\"}"), .say("{}"), .say("{\"score\":7}")])
        let bench = try await bench(model)
        let (accepted, events) = try await bench.send("score it")
        await events.waitForEnd(of: accepted.runID)
        let run = try #require(try await bench.run(accepted.runID))
        #expect(run.status == .failed && run.error?["code"] == "invalid_output" && run.error?["message"]?.string?.contains("score") == true)
        #expect(model.requests.count == 3)
        await bench.stop()
    }

    @Test func `words beside calls are no final answer`() async throws {
        let tool = RecordingTool(EngineTests.look)
        let model = ScriptedModel([.call([("look", [:])], text: "Let me look."), .say("{\"score\":1}")])
        let bench = try await bench(model, tools: [tool])
        let (accepted, events) = try await bench.send("score it")
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.output == "{\"score\":1}")
        #expect(tool.received.count == 1 && !events.types.contains("error"))
        await bench.stop()
    }

    /// Nobody is told that it is tried again when it is not.
    @Test(arguments: [(RunLimits(), 3, "invalid_output"), (RunLimits(modelCalls: 2), 2, "limit_model_calls")])
    func `only a misfit that is asked for again is told as one`(_ limits: RunLimits, _ asked: Int, _ code: String) async throws {
        let model = ScriptedModel { _ in .say("seven or so") }
        let bench = try await bench(model, limits: limits)
        let (accepted, events) = try await bench.send("score it")
        await events.waitForEnd(of: accepted.runID)
        #expect(model.requests.count == asked)
        let errors = events.data(of: .error)
        #expect(errors.map { $0["recoverable"] } == Array(repeating: true, count: asked - 1) + [false])
        #expect(errors.last?["code"] == .string(code))
        await bench.stop()
    }

    @Test func `a project's agent tells its model the schema, and a run's output is a value`() throws {
        let load = ProjectFixture.load(
            "agents/clerk.md",
            replacing: "model: default",
            with: "output_schema: { type: object, properties: { score: { type: integer } } }"
        )
        let agent = try #require(load.project?.agents["clerk"])
        #expect(agent.value(of: "{\"score\":7}") == ["score": 7])
        let prompt = try agent.instructions.render(variables: ["shop": "x", "language": "en"], language: "en")
        #expect(prompt.contains("You sell things of x."))
        #expect(prompt.contains(##"{"type":"object","properties":{"score":{"type":"integer"}}}"##))
        let plain = try #require(ProjectFixture.load().project?.agents["clerk"])
        #expect(plain.output == nil && plain.value(of: "{}") == "{}")
    }
}
