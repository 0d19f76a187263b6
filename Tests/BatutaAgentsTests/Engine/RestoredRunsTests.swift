import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

/// §2, promise 4: what was under way when a backup was taken is not done a second time.
@Suite(.timeLimit(.minutes(5))) struct RestoredRunsTests {
    static let moment = Timestamp(milliseconds: 1_700_000_000_000)

    @Test func `a run whose call was under way ends, its call stays in doubt, and a start goes on with nothing`() async throws {
        let tool = DoubtTests.hangingOnce()
        let bench = try await EngineBench(model: ScriptedModel([DoubtTests.call("order")]), tools: [tool])
        let (accepted, _) = try await bench.send("order")
        await tool.waitForCalls(1)
        await bench.crash()
        let (again, model) = try await restart(bench, settling: ["pizza-secret"])
        let run = try #require(try await again.run(accepted.runID))
        #expect(run.status == .failed && run.error?["code"] == "store_restored")
        let events = try await again.log.pages.read(accepted.sessionID, after: 0, limit: 1_000)
        guard case .error(let error) = try #require(try events.last?.data()) else {
            Issue.record("the last event is no error")
            return
        }
        #expect(error.code == "store_restored" && !error.recoverable && error.message == Self.moment.rfc3339)
        let next = try await again.send("and now?", in: accepted.sessionID)
        let collector = EventCollector()
        _ = try await again.log.subscribe(to: accepted.sessionID, after: next.after, sink: collector)
        await collector.waitForEnd(of: next.runID)
        #expect(DoubtTests.context(collector, of: next.runID)?.doubts.map(\.tool) == ["order"])
        #expect(tool.received.count == 1 && model.requests.count == 1)
        await again.stop()
    }

    @Test func `a run that asks a human goes on asking`() async throws {
        let tool = RecordingTool(DoubtTests.pay)
        let bench = try await EngineBench(model: ScriptedModel([DoubtTests.call("pay")]), tools: [tool])
        let (accepted, events) = try await bench.send("pay")
        await DoubtTests.waitForQuestion(events, of: accepted.runID)
        await bench.crash()
        let (again, _) = try await restart(bench, expecting: (ended: 0, awaitingHuman: 1), replies: [.say("paid")])
        #expect(try await again.run(accepted.runID)?.status == .pendingApproval)
        let approval = try #require(try await again.pendingApprovals().first)
        let collector = EventCollector()
        _ = try await again.log.subscribe(to: accepted.sessionID, after: 0, sink: collector)
        _ = try await again.engine.decide(approval, ApprovalDecision(approve: true, by: "member"))
        await collector.waitForEnd(of: accepted.runID)
        #expect(collector.types.last == "complete")
        await again.stop()
    }

    @Test func `arguments are not told where nobody knows the secrets`() async throws {
        let tool = DoubtTests.hangingOnce()
        let bench = try await EngineBench(model: ScriptedModel([DoubtTests.call("order")]), tools: [tool])
        _ = try await bench.send("order")
        await tool.waitForCalls(1)
        await bench.crash()
        let (again, _) = try await restart(bench, settling: nil)
        let doubts = try await again.database.read { try $0.first("SELECT doubts FROM runs") { $0.text(0) } }
        #expect(doubts?.contains("order") == true && doubts?.contains("pizza") == false)
        await again.stop()
    }

    private func restart(
        _ bench: EngineBench,
        settling secrets: [String]? = [],
        expecting expected: (ended: Int, awaitingHuman: Int) = (1, 0),
        replies: [ScriptedModel.Reply] = [.say("fine")]
    ) async throws -> (EngineBench, ScriptedModel) {
        let database = try await StoreEngine.sqlite.open(in: bench.folder)
        let report = try await RestoredRuns(in: database, clock: bench.clock, secrets: secrets).settle(backupOf: Self.moment)
        #expect(report.ended == expected.ended && report.awaitingHuman == expected.awaitingHuman)
        await database.close()
        let model = ScriptedModel(replies)
        let tools = [RecordingTool(DoubtTests.order), RecordingTool(DoubtTests.pay)]
        return (try await EngineBench(model: model, tools: tools, folder: bench.folder, clock: bench.clock), model)
    }
}
