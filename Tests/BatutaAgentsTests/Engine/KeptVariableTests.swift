import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaTesting
import Testing

/// A conversation outlives the version of the project that it began with, and so do the values that it was given.
@Suite(.timeLimit(.minutes(2))) struct KeptVariableTests {
    /// The agent's file says `number` since; the session has a text.
    private func told(default standIn: JSON?, project: JSONObject = [:]) async throws -> (
        model: ScriptedModel, run: Run, events: EventCollector
    ) {
        let model = ScriptedModel { _ in .say("hi") }
        let prompt = try PromptTemplate.parse("Twice the goal: ${goal * 2.0}", declared: ["goal"])
        let bench = try await EngineBench(
            model: model,
            instructions: prompt,
            configure: { runnable in
                runnable.agents["assistant"]?.definition.variables = [VariableDeclaration(name: "goal", type: "number", default: standIn)]
                runnable.variables = project
            }
        )
        var session = try bench.engine.makeSession(owner: "usr_test", target: nil)
        session.variables = ["goal": "abc"]
        let accepted = try await bench.engine.accept(IncomingMessage(content: "hi"), in: session, isNew: true)
        let events = EventCollector()
        _ = try await bench.log.subscribe(to: session.id, after: 0, sink: events)
        await events.waitForEnd(of: accepted.runID)
        let run = try #require(try await bench.run(accepted.runID))
        let replay = try await bench.engine.replay(run, showsPrompts: false)
        #expect(replay.differences.isEmpty, "\(replay.differences)")
        await bench.stop()
        return (model, run, events)
    }

    private func text(_ events: EventCollector, _ language: String) -> [String] {
        events.events.filter { $0.type == EventType.error.rawValue }.compactMap {
            (try? JSON.parse($0.envelope(language: language)))?["data"]?["text"]?.string
        }
    }

    @Test(arguments: [(1.5, [:], "Twice the goal: 3"), (1.5, ["goal": 4], "Twice the goal: 8")] as [(JSON, JSONObject, String)])
    func `S2.111 a kept value of another type is passed over for the project's own, and the log names the variable`(
        _ standIn: JSON,
        _ project: JSONObject,
        _ system: String
    ) async throws {
        let (model, run, events) = try await told(default: standIn, project: project)
        #expect(run.status == .completed)
        #expect(model.requests.first?.system.hasPrefix(system) == true, "\(model.requests.first?.system ?? "")")
        #expect(events.data(of: .error).map { $0["code"] } == ["invalid_variables"])
        #expect(events.data(of: .error).map { $0["recoverable"] } == [true])
        #expect(
            text(events, "en") == [
                "The value kept for the variable goal is not used: it must be number and is string. The project's own is used; give another with a "
                    + "message or in a new session."
            ]
        )
        #expect(text(events, "pt-BR").first?.hasPrefix("O valor guardado da variável goal não é usado: precisa ser number") == true)
    }

    @Test func `where nothing fits, the run ends with what is wrong and which variable it is`() async throws {
        let (model, run, events) = try await told(default: nil)
        #expect(run.status == .failed && run.error?["code"] == "invalid_variables" && model.requests.isEmpty)
        #expect(run.error?["message"]?.string?.contains("goal") == true, "\(run.error ?? .null)")
        #expect(events.data(of: .error).map { $0["recoverable"] } == [true, false])
        #expect(text(events, "pt-BR").last?.contains("variáveis") == true)
    }
}
