import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

/// A node is drained in the middle of everything, and the next one goes on from the log.
@Suite(.timeLimit(.minutes(5))) struct DrainTests {
    @Test(arguments: StoreEngine.all, [0, 3, 6, 9, 12, 15, 18, 21])
    func `a drain at any moment loses nothing, and the next start goes on`(_ kind: StoreEngine, _ moment: Int) async throws {
        let folder = TemporaryFolder()
        let tools = FaultScript.tools()
        let bench = try await EngineBench(on: kind, model: FaultScript.model(), tools: tools, folder: folder)
        let (accepted, before) = try await bench.send("go")
        await before.wait { events, _ in events.count >= moment || events.contains { $0.type == "complete" } }
        await bench.engine.drain(within: .seconds(5))
        await bench.stop()
        let again = try await EngineBench(on: kind, model: FaultScript.model(), tools: tools, folder: folder)
        let events = EventCollector()
        _ = try await again.log.subscribe(to: accepted.sessionID, after: 0, sink: events)
        await events.waitForEnd(of: accepted.runID)
        await again.stop()
        try events.isWhole(accepted.runID, "drained at \(moment)")
        #expect(Array(events.envelopes.prefix(before.events.count)) == before.envelopes)
        #expect(tools[2].received.count == 2, "drained at \(moment): a write left again")
        #expect(tools[1].received.count == 1, "drained at \(moment): a finished call was repeated")
    }

    @Test(arguments: StoreEngine.all)
    func `a drain cuts what hangs, waits for nobody who has not begun, and the next start ends them all in order`(_ kind: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder()
        let hanging = ScriptedModel([.hang(after: "Let me ")])
        let bench = try await EngineBench(on: kind, model: hanging, folder: folder)
        let (first, _) = try await bench.send("one")
        await hanging.waitForRequests(1)
        let second = try await bench.send("two", in: first.sessionID)
        let third = try await bench.send("three", in: first.sessionID)
        await bench.engine.drain(within: .milliseconds(10))
        await #expect { _ = try await bench.send("four", in: first.sessionID) } throws: { ($0 as? EngineError)?.code == .draining }
        await bench.stop()
        let model = ScriptedModel([.say("1"), .say("2"), .say("3")])
        let again = try await EngineBench(on: kind, model: model, folder: folder)
        let events = EventCollector()
        _ = try await again.log.subscribe(to: first.sessionID, after: 0, sink: events)
        await events.waitForEnd(of: third.runID)
        for (run, output) in [(first, "1"), (second, "2"), (third, "3")] {
            #expect(try await again.run(run.runID)?.output == output)
            try events.isWhole(run.runID)
        }
        await again.stop()
    }

    @Test(arguments: StoreEngine.all) func `a call that came to its end while it was cut keeps its result over the restart`(
        _ kind: StoreEngine
    ) async throws {
        let folder = TemporaryFolder()
        let stubborn = RecordingTool(FaultScript.note) { _ in
            try? await Task.sleep(for: .seconds(3_600))
            return ToolAttempt(.success(["written": true]))
        }
        let bench = try await EngineBench(on: kind, model: ScriptedModel([.call([("note", [:])])]), tools: [stubborn], folder: folder)
        let (accepted, _) = try await bench.send("note")
        await stubborn.waitForCalls(1)
        await bench.engine.drain(within: .milliseconds(10))
        await bench.stop()
        let again = try await EngineBench(on: kind, model: ScriptedModel([.say("noted")]), tools: [stubborn], folder: folder)
        let events = EventCollector()
        _ = try await again.log.subscribe(to: accepted.sessionID, after: 0, sink: events)
        await events.waitForEnd(of: accepted.runID)
        #expect(try events.results(of: "note").map(\.success) == [true])
        #expect(stubborn.received.count == 1)
        await again.stop()
    }

    @Test(arguments: StoreEngine.all) func `an engine whose task is cancelled lets go of what hangs`(_ kind: StoreEngine) async throws {
        let hanging = ScriptedModel([.hang()])
        let bench = try await EngineBench(on: kind, model: hanging)
        let (accepted, _) = try await bench.send("one")
        await hanging.waitForRequests(1)
        async let rested: Void = bench.engine.waitUntilRest(of: accepted.runID)
        await bench.cancel()
        await rested
        #expect(try await bench.run(accepted.runID)?.status == .running)
        await bench.database.close()
    }

    @Test(arguments: StoreEngine.all) func `a key that is older than a day is not trusted after a long outage: a human is asked`(
        _ kind: StoreEngine
    ) async throws {
        let folder = TemporaryFolder()
        let hanging = RecordingTool(FaultScript.set) { _ in
            try? await Task.sleep(for: .seconds(3_600))
            return ToolAttempt(.failure("cut", code: "cancelled"), failure: .cancelled)
        }
        let bench = try await EngineBench(on: kind, model: ScriptedModel([.call([("set", [:])])]), tools: [hanging], folder: folder)
        let (accepted, _) = try await bench.send("set")
        await hanging.waitForCalls(1)
        await bench.crash()
        let clock = ManualClock()
        clock.advance(by: .seconds(90_000))
        let tool = RecordingTool(FaultScript.set)
        let again = try await EngineBench(on: kind, model: ScriptedModel([.say("set")]), tools: [tool], folder: folder, clock: clock)
        let events = EventCollector()
        _ = try await again.log.subscribe(to: accepted.sessionID, after: 0, sink: events)
        await events.wait(for: .approval)
        await events.wait { _, isIdle in isIdle }
        #expect(try await again.pendingApprovals().map(\.reason) == [.uncertainEffect])
        #expect(tool.received.isEmpty)
        await again.stop()
    }
}
