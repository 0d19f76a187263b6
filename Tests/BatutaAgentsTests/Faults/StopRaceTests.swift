import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaTesting
import Testing

/// A stop meets a run at every moment of its life, and other people's decisions.
@Suite(.timeLimit(.minutes(5))) struct StopRaceTests {
    @Test(arguments: StoreEngine.all, 0..<24)
    func `S3.55 a stop at any moment leaves one end, and nothing after it`(_ kind: StoreEngine, _ moment: Int) async throws {
        let bench = try await EngineBench(on: kind, model: FaultScript.model(), tools: FaultScript.tools())
        let (accepted, events) = try await bench.send("go")
        await events.wait { events, _ in events.count >= moment || events.contains { $0.type == "complete" } }
        let run = try #require(try await bench.run(accepted.runID))
        #expect(try await bench.engine.stop(run))
        await events.waitForEnd(of: accepted.runID)
        let status = try #require(try await bench.run(accepted.runID)?.status)
        #expect(status == .cancelled || status == .completed)
        await bench.stop()
        try events.isWhole(accepted.runID, "stopped at \(moment), \(status)")
    }

    @Test(arguments: StoreEngine.all) func `two stops and a decision at one moment are one end, and the question has one answer`(
        _ kind: StoreEngine
    ) async throws {
        for round in 0..<20 {
            let tool = RecordingTool(FaultScript.pay)
            let bench = try await EngineBench(on: kind, model: ScriptedModel([.call([("pay", [:])]), .say("paid")]), tools: [tool])
            let (accepted, events) = try await bench.send("pay")
            await events.wait { _, isIdle in isIdle }
            let (run, approval) = (
                try #require(try await bench.run(accepted.runID)), try #require(try await bench.pendingApprovals().first)
            )
            await withTaskGroup(of: Void.self) { group in
                if round % 2 == 0 { group.addTask { _ = try? await bench.engine.stop(run) } }
                group.addTask { _ = try? await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "ana")) }
                group.addTask { _ = try? await bench.engine.stop(run) }
            }
            await events.waitForEnd(of: accepted.runID)
            #expect(try await bench.pendingApprovals().isEmpty)
            #expect(tool.received.count <= 1)
            await bench.stop()
            try events.isWhole(accepted.runID, "round \(round)")
            let answers = events.types.count { $0 == "approval" }
            #expect(answers == 2, "round \(round): \(answers) approval events")
        }
    }

    @Test(arguments: StoreEngine.all) func `two decisions about two calls at one moment let each call leave once`(_ kind: StoreEngine)
        async throws
    {
        for round in 0..<20 {
            let tool = RecordingTool(FaultScript.pay)
            let model = ScriptedModel([.call([("pay", ["n": 1]), ("pay", ["n": 2])]), .say("paid")])
            let bench = try await EngineBench(on: kind, model: model, tools: [tool])
            let (accepted, events) = try await bench.send("pay twice")
            await events.wait { _, isIdle in isIdle }
            let approvals = try await bench.pendingApprovals()
            #expect(approvals.count == 2)
            await withTaskGroup(of: Void.self) { group in
                for approval in approvals {
                    group.addTask { _ = try? await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "ana")) }
                }
            }
            await events.waitForEnd(of: accepted.runID)
            #expect(tool.received.count == 2, "round \(round)")
            #expect(Set(tool.received.map(\.id)).count == 2, "round \(round)")
            #expect(model.requests.count == 2, "round \(round)")
            await bench.stop()
            try events.isWhole(accepted.runID, "round \(round)")
        }
    }

    struct InFlight: Sendable {
        var tool: ToolDefinition
        var isUncertain: Bool
    }

    @Test(
        arguments: StoreEngine.all,
        [InFlight(tool: FaultScript.look, isUncertain: false), InFlight(tool: FaultScript.note, isUncertain: true)]
    )
    func `a call that is under way when its run is stopped gets a result that says what is known`(_ kind: StoreEngine, _ row: InFlight)
        async throws
    {
        let hanging = RecordingTool(row.tool) { _ in
            try? await Task.sleep(for: .seconds(3_600))
            return ToolAttempt(.failure("cut", code: "cancelled"), failure: .cancelled)
        }
        let model = ScriptedModel([.call([(row.tool.name, JSON.object([:]))]), .say("never")])
        let bench = try await EngineBench(on: kind, model: model, tools: [hanging])
        let (accepted, events) = try await bench.send("go")
        await hanging.waitForCalls(1)
        let run = try #require(try await bench.run(accepted.runID))
        #expect(try await bench.engine.stop(run))
        await events.waitForEnd(of: accepted.runID)
        let results = try events.results(of: row.tool.name)
        #expect(results.map(\.uncertain) == [row.isUncertain])
        #expect(model.requests.count == 1)
        await bench.stop()
        try events.isWhole(accepted.runID)
    }

    @Test(arguments: StoreEngine.all) func `a queued run is stopped alone; the one before it goes on`(_ kind: StoreEngine) async throws {
        let slow = RecordingTool(FaultScript.look) { _ in
            try? await Task.sleep(for: .seconds(3_600))
            return ToolAttempt(.failure("cut", code: "cancelled"), failure: .cancelled)
        }
        let bench = try await EngineBench(on: kind, model: ScriptedModel([.call([("look", [:])]), .say("first is done")]), tools: [slow])
        let (first, events) = try await bench.send("one")
        await slow.waitForCalls(1)
        let second = try await bench.send("two", in: first.sessionID)
        async let rested: Void = bench.engine.waitUntilRest(of: second.runID)
        let queued = try #require(try await bench.run(second.runID))
        #expect(queued.status == .queued)
        #expect(try await bench.engine.stop(queued))
        await rested
        #expect(try await bench.run(second.runID)?.status == .cancelled)
        #expect(try await bench.run(first.runID)?.status == .running)
        let running = try #require(try await bench.run(first.runID))
        #expect(try await bench.engine.stop(running))
        await bench.stop()
        #expect(try events.ends(of: second.runID).count == 1)
        #expect(try events.ends(of: first.runID).count == 1)
    }

    @Test(arguments: StoreEngine.all) func `a stop takes back what is asked, and a late answer is refused`(_ kind: StoreEngine) async throws
    {
        let tool = RecordingTool(FaultScript.pay)
        let bench = try await EngineBench(on: kind, model: ScriptedModel([.call([("pay", [:])]), .say("paid")]), tools: [tool])
        let (accepted, events) = try await bench.send("pay")
        await events.wait { _, isIdle in isIdle }
        let approval = try #require(try await bench.pendingApprovals().first)
        #expect(try await bench.engine.stop(try #require(try await bench.run(accepted.runID))))
        #expect(try await bench.pendingApprovals().isEmpty)
        await #expect { _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "ana")) } throws: {
            ($0 as? EngineError)?.code == .alreadyDecided
        }
        #expect(tool.received.isEmpty)
        #expect(try await bench.run(accepted.runID)?.status == .cancelled)
        await bench.stop()
        try events.isWhole(accepted.runID)
        #expect(
            try events.data.contains { data in
                guard case .approval(let event) = data else { return false }
                return event.state == .cancelled
            }
        )
    }
}
