import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaTesting
import Testing

@Suite struct PromptVariableTests {
    @Test func `S2.111 a prompt with a variable that has no value ends the run and names the variable`() async throws {
        let prompt = try PromptTemplate.parse("Write for $audience in $language.", declared: ["audience"])
        let bench = try await EngineBench(model: ScriptedModel([.say("hi")]), instructions: prompt)
        let (accepted, events) = try await bench.send("hi")
        await events.waitForEnd(of: accepted.runID)
        let run = try await bench.run(accepted.runID)
        #expect(run?.status == .failed)
        #expect(run?.error?["message"]?.string?.contains("`$audience` has no value") == true)
        await bench.stop()
    }

    @Test func `a prompt in the reader's language is filled in before the model is asked`() async throws {
        let model = ScriptedModel([.say("hi")])
        let bench = try await EngineBench(model: model, instructions: try PromptTemplate.parse("Answer in $language, R$ 10.", declared: []))
        let (accepted, events) = try await bench.send("hi")
        await events.waitForEnd(of: accepted.runID)
        #expect(model.requests.first?.system.hasPrefix("Answer in ") == true)
        #expect(model.requests.first?.system.hasSuffix(", R$ 10.") == true)
        await bench.stop()
    }
}
