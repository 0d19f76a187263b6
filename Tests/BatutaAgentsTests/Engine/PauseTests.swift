import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Synchronization
import Testing

/// A pause meets a run at every moment of its life (API §5, Pause).
@Suite(.timeLimit(.minutes(5))) struct PauseTests {
    /// Holds calls until it is opened.
    private actor Gate {
        private var isOpen = false
        private var waiters: [CheckedContinuation<Void, Never>] = []

        func pass() async {
            if isOpen { return }
            await withCheckedContinuation { waiters.append($0) }
        }

        func open() {
            isOpen = true
            waiters.forEach { $0.resume() }
            waiters = []
        }
    }

    @Test(arguments: StoreEngine.all) func `a model call is cut, and asked again when the run goes on`(_ kind: StoreEngine) async throws {
        let model = ScriptedModel([.hang(after: "I "), .say("Hello")])
        let bench = try await EngineBench(on: kind, model: model)
        let (accepted, events) = try await bench.send("hi")
        await model.waitForRequests(1)
        #expect(try await bench.pause(accepted.runID))
        #expect(try await bench.run(accepted.runID)?.status == .paused)
        await events.wait { _, isIdle in isIdle }
        #expect(try events.words(of: accepted.runID) == ["queued", "running", "pausing", "paused"])
        #expect(events.types.last == "status")
        try await bench.resume(accepted.runID)
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.output == "Hello")
        #expect(model.requests.count == 2)
        await bench.stop()
        try events.isWhole(accepted.runID)
        let words = try events.words(of: accepted.runID)
        #expect(words == ["queued", "running", "pausing", "paused", "resuming", "queued", "running"])
    }

    @Test(arguments: StoreEngine.all)
    func `calls that began are let finish, only their results follow, and meanwhile others have the turn`(_ kind: StoreEngine) async throws
    {
        let gate = Gate()
        let slow = RecordingTool(FaultScript.note) { _ in
            await gate.pass()
            return ToolAttempt(.success(["written": true]))
        }
        let quick = RecordingTool(FaultScript.look)
        let model = ScriptedModel([.call([("note", [:]), ("look", [:])]), .say("second"), .say("first")])
        let bench = try await EngineBench(on: kind, model: model, tools: [slow, quick])
        let (first, events) = try await bench.send("one")
        await slow.waitForCalls(1)
        #expect(try await bench.pause(first.runID))
        #expect(try await bench.run(first.runID)?.status == .paused)
        let second = try await bench.send("two", in: first.sessionID)
        await events.waitForEnd(of: second.runID)
        #expect(try events.results(of: "note").isEmpty)
        await gate.open()
        await events.wait { events, _ in
            events.contains { event in
                guard case .toolResult(let result)? = try? event.data() else { return false }
                return result.tool == "note"
            }
        }
        try events.restsAfterPause(first.runID)
        try await bench.resume(first.runID)
        await events.waitForEnd(of: first.runID)
        #expect(slow.received.count == 1 && quick.received.count == 1)
        #expect(try await bench.run(first.runID)?.output == "first")
        await bench.stop()
        try events.isWhole(first.runID)
    }

    @Test(arguments: StoreEngine.all) func `a run that goes on while a call of it is let finish queues for the turn`(_ kind: StoreEngine)
        async throws
    {
        let gate = Gate()
        let slow = RecordingTool(FaultScript.note) { _ in
            await gate.pass()
            return ToolAttempt(.success(["written": true]))
        }
        let model = ScriptedModel([.call([("note", [:])]), .hang(), .say("first")])
        let bench = try await EngineBench(on: kind, model: model, tools: [slow])
        let (first, events) = try await bench.send("one")
        await slow.waitForCalls(1)
        #expect(try await bench.pause(first.runID))
        let second = try await bench.send("two", in: first.sessionID)
        await model.waitForRequests(2)
        try await bench.resume(first.runID)
        await gate.open()
        await events.wait(for: .toolResult)
        #expect(try await bench.run(first.runID)?.status == .queued)
        #expect(model.requests.count == 2)
        #expect(try await bench.engine.stop(try #require(try await bench.run(second.runID))))
        await events.waitForEnd(of: first.runID)
        #expect(try await bench.run(first.runID)?.output == "first")
        await bench.stop()
        try events.isWhole(first.runID)
    }

    @Test(arguments: StoreEngine.all) func `a queued run is paused alone, and queues anew when it goes on`(_ kind: StoreEngine) async throws
    {
        let model = ScriptedModel([.hang(), .say("third"), .say("second")])
        let bench = try await EngineBench(on: kind, model: model)
        let (first, events) = try await bench.send("one")
        await model.waitForRequests(1)
        let second = try await bench.send("two", in: first.sessionID)
        let third = try await bench.send("three", in: first.sessionID)
        #expect(try await bench.pause(second.runID))
        #expect(try await bench.run(second.runID)?.status == .paused)
        #expect(try await bench.run(first.runID)?.status == .running)
        try await bench.resume(second.runID)
        #expect(try await bench.run(second.runID)?.status == .queued)
        #expect(try await bench.engine.stop(try #require(try await bench.run(first.runID))))
        await events.waitForEnd(of: second.runID)
        await events.waitForEnd(of: third.runID)
        #expect(try await bench.run(second.runID)?.output == "second")
        #expect(try await bench.run(third.runID)?.output == "third")
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all)
    func `what a person decides during a pause counts when the run goes on, and is not asked again`(_ kind: StoreEngine) async throws {
        let tool = RecordingTool(FaultScript.pay)
        let bench = try await EngineBench(on: kind, model: ScriptedModel([.call([("pay", [:])]), .say("paid")]), tools: [tool])
        let (accepted, events) = try await bench.send("pay")
        await events.wait { _, isIdle in isIdle }
        #expect(try await bench.pause(accepted.runID))
        // Without an answer it goes back to waiting for one.
        try await bench.resume(accepted.runID)
        await events.wait { events, isIdle in isIdle && events.last?.type == "status" && events.last.map { $0.number > 14 } == true }
        #expect(try await bench.run(accepted.runID)?.status == .pendingApproval)
        #expect(try await bench.pause(accepted.runID))
        let approval = try #require(try await bench.pendingApprovals().first)
        _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "ana"))
        await bench.engine.waitUntilRest(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.status == .paused)
        #expect(tool.received.isEmpty)
        try await bench.resume(accepted.runID)
        await events.waitForEnd(of: accepted.runID)
        #expect(tool.received.count == 1)
        await bench.stop()
        try events.isWhole(accepted.runID)
        #expect(events.types.count { $0 == "approval" } == 2)
    }

    @Test(arguments: StoreEngine.all) func `asking twice changes nothing, and nothing can be asked of a run that has ended`(
        _ kind: StoreEngine
    ) async throws {
        let model = ScriptedModel([.hang(), .say("done")])
        let bench = try await EngineBench(on: kind, model: model)
        let (accepted, events) = try await bench.send("go")
        await model.waitForRequests(1)
        try await bench.resume(accepted.runID)
        #expect(try events.words(of: accepted.runID) == ["queued", "running"])
        for _ in 0..<2 { #expect(try await bench.pause(accepted.runID)) }
        #expect(try events.words(of: accepted.runID) == ["queued", "running", "pausing", "paused"])
        for _ in 0..<2 { try await bench.resume(accepted.runID) }
        await events.waitForEnd(of: accepted.runID)
        #expect(try events.words(of: accepted.runID).count { $0 == "resuming" } == 1)
        await #expect { _ = try await bench.pause(accepted.runID) } throws: { ($0 as? EngineError)?.code == .runEnded }
        await #expect { try await bench.resume(accepted.runID) } throws: { ($0 as? EngineError)?.code == .runEnded }
        await bench.stop()
        try events.isWhole(accepted.runID)
    }

    @Test(arguments: StoreEngine.all, [false, true])
    func `a stop ends a paused run, also while a call of it is let finish`(_ kind: StoreEngine, _ isCalling: Bool) async throws {
        let hanging = RecordingTool(FaultScript.note) { _ in
            try? await Task.sleep(for: .seconds(3_600))
            return ToolAttempt(.failure("cut", code: "cancelled"), failure: .cancelled)
        }
        let model = ScriptedModel([isCalling ? .call([("note", [:])]) : .hang()])
        let bench = try await EngineBench(on: kind, model: model, tools: [hanging])
        let (accepted, events) = try await bench.send("go")
        if isCalling { await hanging.waitForCalls(1) } else { await model.waitForRequests(1) }
        #expect(try await bench.pause(accepted.runID))
        #expect(try await bench.engine.stop(try #require(try await bench.run(accepted.runID))))
        #expect(try await bench.run(accepted.runID)?.status == .cancelled)
        #expect(try events.results(of: "note").map(\.uncertain) == (isCalling ? [true] : []))
        await bench.stop()
        try events.isWhole(accepted.runID)
    }

    @Test(arguments: StoreEngine.all) func `nobody is asked during a pause; a doubt asks when it is over`(_ kind: StoreEngine) async throws
    {
        let gate = Gate()
        let tool = RecordingTool(FaultScript.pay) { _ in
            await gate.pass()
            return ToolAttempt(.failure("lost", code: "unavailable"), failure: .timeout)
        }
        let bench = try await EngineBench(on: kind, model: ScriptedModel([.call([("pay", [:])])]), tools: [tool])
        let (accepted, events) = try await bench.send("pay")
        await events.wait { _, isIdle in isIdle }
        let approval = try #require(try await bench.pendingApprovals().first)
        _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "ana"))
        await tool.waitForCalls(1)
        #expect(try await bench.pause(accepted.runID))
        await gate.open()
        await bench.untilNobodyDrives(accepted.runID)
        try events.restsAfterPause(accepted.runID)
        #expect(try await bench.pendingApprovals().isEmpty)
        try await bench.resume(accepted.runID)
        await events.wait { events, isIdle in isIdle && events.count { $0.type == "approval" } == 3 }
        #expect(try await bench.pendingApprovals().map(\.reason) == [.uncertainEffect])
        #expect(tool.received.count == 1)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all, 0..<24)
    func `S3.55 a pause at any moment is followed by nothing but results, and the run goes on as if nothing had been`(
        _ kind: StoreEngine,
        _ moment: Int
    ) async throws {
        let tools = FaultScript.tools()
        let bench = try await EngineBench(on: kind, model: FaultScript.model(), tools: tools)
        let (accepted, events) = try await bench.send("go")
        await events.wait { events, _ in events.count >= moment || events.contains { $0.type == "complete" } }
        do {
            #expect(try await bench.pause(accepted.runID))
            await bench.untilNobodyDrives(accepted.runID)
            try events.restsAfterPause(accepted.runID)
            try await bench.resume(accepted.runID)
        } catch let error as EngineError where error.code == .runEnded {
            // The end came first.
        }
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.status == .completed)
        await bench.stop()
        try events.isWhole(accepted.runID, "paused at \(moment)")
        #expect(tools.map(\.received.count) == [1, 1, 2], "paused at \(moment)")
    }

    @Test(arguments: StoreEngine.all) func `people who pause and resume against each other leave a run that goes on`(_ kind: StoreEngine)
        async throws
    {
        for _ in 0..<10 {
            let tools = FaultScript.tools()
            let bench = try await EngineBench(on: kind, model: FaultScript.model(), tools: tools)
            let (accepted, events) = try await bench.send("go")
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        if number % 2 == 0 { _ = try? await bench.pause(accepted.runID) } else { try? await bench.resume(accepted.runID) }
                    }
                }
            }
            do { try await bench.resume(accepted.runID) } catch let error as EngineError { #expect(error.code == .runEnded) }
            await events.waitForEnd(of: accepted.runID)
            await bench.stop()
            try events.isWhole(accepted.runID)
            #expect(tools.map(\.received.count) == [1, 1, 2])
        }
    }

    @Test(arguments: StoreEngine.all, [false, true])
    func `S3.11 a pause survives a crash, and nothing goes on by itself`(_ kind: StoreEngine, _ wasInForce: Bool) async throws {
        let folder = TemporaryFolder()
        let hanging = ScriptedModel([.hang()])
        let bench = try await EngineBench(on: kind, model: hanging, folder: folder)
        let (accepted, _) = try await bench.send("go")
        await hanging.waitForRequests(1)
        if wasInForce {
            #expect(try await bench.pause(accepted.runID))
        } else {
            // The node is killed before its driver heard of it.
            let asked = NewEvent(runID: accepted.runID, agent: "assistant", .status(StatusEvent(word: StatusEvent.pausing)))
            _ = try await bench.log.append(Draft([asked]), to: accepted.sessionID)
        }
        await bench.crash()
        let model = ScriptedModel([.say("done")])
        let again = try await EngineBench(on: kind, model: model, folder: folder)
        let report = try #require(await again.engine.recoveryReport())
        #expect(report == RecoveryReport(resumed: wasInForce ? 0 : 1, awaitingHuman: 0, paused: wasInForce ? 1 : 0))
        await again.engine.waitUntilRest(of: accepted.runID)
        #expect(try await again.run(accepted.runID)?.status == .paused)
        #expect(model.requests.isEmpty)
        try await again.resume(accepted.runID)
        let events = EventCollector()
        _ = try await again.log.subscribe(to: accepted.sessionID, after: 0, sink: events)
        await events.waitForEnd(of: accepted.runID)
        #expect(try await again.run(accepted.runID)?.output == "done")
        await again.stop()
        try events.isWhole(accepted.runID)
    }
}

extension EngineBench {
    func pause(_ id: RunID) async throws -> Bool { try await engine.pause(try #require(try await run(id))) }
    func resume(_ id: RunID) async throws { try await engine.resume(try #require(try await run(id))) }

    /// Returns when everything that the run's driver had to write is written: a second stop or pause waits for nothing.
    func untilNobodyDrives(_ id: RunID) async { await engine.waitUntilGone(of: id) }
}

extension EventCollector {
    /// The states and requests of a run, in order.
    func words(of run: RunID) throws -> [String] {
        try events.filter { $0.runID == run }.compactMap { event in
            guard case .status(let status) = try event.data() else { return nil }
            return status.status
        }
    }

    /// Nothing follows the last `paused` but results.
    func restsAfterPause(_ run: RunID) throws {
        let own = try events.filter { $0.runID == run }.map { try $0.data() }
        let pause = own.lastIndex { data in
            guard case .status(let status) = data else { return false }
            return status.status == RunStatus.paused.rawValue
        }
        let followers = own[(try #require(pause) + 1)...].map(\.type)
        #expect(followers.allSatisfy { $0 == "tool_result" }, "\(followers)")
    }
}
