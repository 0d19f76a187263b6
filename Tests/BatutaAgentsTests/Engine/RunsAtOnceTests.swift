import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaTesting
import Testing

/// A bound on the runs that work at once (`serve --workers`).
@Suite(.timeLimit(.minutes(5))) struct RunsAtOnceTests {
    @Test(arguments: StoreEngine.all) func `the bound holds, what waits is queued, and every run comes to its end`(_ kind: StoreEngine)
        async throws
    {
        let gate = Gate()
        let model = ScriptedModel(rule: { _ in .say("Hello") })
        let bench = try await EngineBench(on: kind, model: GatedModel(model, gate), configuration: EngineConfiguration(runsAtOnce: 2))
        var sent: [(Acceptance, EventCollector)] = []
        for number in 0..<5 { sent.append(try await bench.send("hi \(number)")) }
        await model.waitForRequests(2)
        var statuses: [RunStatus?] = []
        for (accepted, _) in sent { statuses.append(try await bench.run(accepted.runID)?.status) }
        #expect(statuses == [.running, .running, .queued, .queued, .queued])
        #expect(model.requests.count == 2)
        // One that waits for its place is stopped at once.
        let last = try #require(try await bench.run(sent[4].0.runID))
        #expect(try await bench.engine.stop(last))
        gate.open()
        for (accepted, events) in sent { await events.waitForEnd(of: accepted.runID) }
        #expect(model.requests.count == 4)
        #expect(try await bench.run(last.id)?.status == .cancelled)
        await bench.stop()
    }

    @Test func `a run that waits for a human takes no place`() async throws {
        let tool = RecordingTool(ToolDefinition(name: "pay", description: "Pays.", effect: .critical))
        let model = ScriptedModel(rule: { $0.turns.count == 1 ? .call([("pay", [:])]) : .say("Done") })
        let bench = try await EngineBench(model: model, tools: [tool], configuration: EngineConfiguration(runsAtOnce: 1))
        let (_, first) = try await bench.send("pay")
        await first.wait(for: .approval)
        let (_, second) = try await bench.send("pay as well")
        await second.wait(for: .approval)
        #expect(try await bench.pendingApprovals().count == 2)
        await bench.stop()
    }

    @Test func `what has no place on one node is taken by another that has`() async throws {
        let folder = TemporaryFolder(), gate = Gate()
        let (slow, quick) = (ScriptedModel(rule: { _ in .say("Hello") }), ScriptedModel(rule: { _ in .say("Hello") }))
        let full = try await EngineBench(
            on: .postgres,
            model: GatedModel(slow, gate),
            folder: folder,
            configuration: EngineConfiguration(runsAtOnce: 1),
            sharing: .init()
        )
        let free = try await EngineBench(on: .postgres, model: quick, folder: folder, sharing: .init())
        let (held, heldEvents) = try await full.send("one")
        await slow.waitForRequests(1)
        for number in 0..<4 {
            let (accepted, events) = try await full.send("more \(number)")
            await events.waitForEnd(of: accepted.runID)
        }
        #expect(slow.requests.count == 1 && quick.requests.count == 4)
        gate.open()
        await heldEvents.waitForEnd(of: held.runID)
        await full.stop()
        await free.stop()
    }
}
