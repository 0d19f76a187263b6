import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Synchronization
import Testing

/// The disk is full, or fails, for a while: runs go on when it heals, and nothing is lost or made twice.
@Suite(.timeLimit(.minutes(5))) struct DiskErrorTests {
    static let full = StorageError(.full, "the disk is full")
    static let broken = StorageError(.io, "the disk failed")

    struct Sickness: Sendable, CustomTestStringConvertible {
        var name: String
        var length: Int
        var fate: WriteFate
        var testDescription: String { "\(name), \(length) writes" }
    }

    static let sicknesses = [
        Sickness(name: "full", length: 1, fate: .refuse(full)), Sickness(name: "full", length: 3, fate: .refuse(full)),
        Sickness(name: "failing, nothing written", length: 1, fate: .refuse(broken)),
        Sickness(name: "failing after the write", length: 1, fate: .deny(broken)),
        Sickness(name: "failing after the write", length: 2, fate: .deny(broken)),
    ]

    /// The first writes accept the message; the sickness begins at every later one.
    @Test(arguments: sicknesses)
    func `a store that takes no writes for a while delays a run and takes nothing from it`(_ sickness: Sickness) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for start in 2...22 { group.addTask { try await Self.play(sickness, from: start) } }
            try await group.waitForAll()
        }
    }

    private static func play(_ sickness: Sickness, from start: Int) async throws {
        let name = "\(sickness.testDescription) from \(start)"
        let sick = start..<start + sickness.length
        let tools = FaultScript.tools()
        let bench = try await EngineBench(model: FaultScript.model(), tools: tools) { database in
            DisturbedDatabase(database) { sick.contains($0) ? sickness.fate : .commit }
        }
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.status == .completed, "\(name)")
        let stored = try await bench.log.pages.read(accepted.sessionID, after: 0, limit: 1_000)
        await bench.stop()
        try events.isWhole(accepted.runID, name)
        #expect(events.envelopes == stored.map { $0.envelope(language: "en") }, "\(name): what was seen is not what is stored")
        #expect(Set(tools[2].received.map(\.id)).count == tools[2].received.count, "\(name): a call that is not idempotent left twice")
        #expect(Set(tools[1].received.map(\.idempotencyKey)).count == 1, "\(name)")
        #expect(try events.results(of: "note").map(\.success) == [true, true], "\(name): a result that was known is lost")
        #expect(!events.types.contains("approval"), "\(name): a human is asked what the node knows")
    }

    @Test(arguments: StoreEngine.all) func `a message that cannot be kept is refused with a clear error, and the next one is taken`(
        _ kind: StoreEngine
    ) async throws {
        let isSick = Atomic<Bool>(true)
        let bench = try await EngineBench(on: kind, model: ScriptedModel([.say("hello")])) { database in
            DisturbedDatabase(database) { _ in isSick.load(ordering: .acquiring) ? .refuse(Self.full) : .commit }
        }
        await #expect { _ = try await bench.send("hi") } throws: { error in
            let error = error as? RunsError
            return error?.code == .storage && error?.cause?.code == .full && error?.message.english.contains("full") == true
        }
        isSick.store(false, ordering: .releasing)
        let (accepted, events) = try await bench.send("hi")
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.output == "hello")
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `an answer to a question that the store kept but denied still lets the run go on`(
        _ kind: StoreEngine
    ) async throws {
        let isSick = Atomic<Bool>(false)
        let tool = RecordingTool(FaultScript.pay)
        let model = ScriptedModel([.call([("pay", [:])]), .say("paid")])
        // The next write is the answer's, and none of the housekeeping.
        let quiet = EngineConfiguration(expiryInterval: .seconds(3_600))
        let bench = try await EngineBench(on: kind, model: model, tools: [tool], configuration: quiet) { database in
            DisturbedDatabase(database) { _ in isSick.exchange(false, ordering: .acquiringAndReleasing) ? .deny(Self.broken) : .commit }
        }
        let (accepted, events) = try await bench.send("pay")
        await events.wait { _, isIdle in isIdle }
        let approval = try #require(try await bench.pendingApprovals().first)
        isSick.store(true, ordering: .releasing)
        await #expect(throws: RunsError.self) { _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "ana")) }
        _ = try await bench.engine.decide(approval, ApprovalDecision(approve: true, by: "ana"))
        await events.waitForEnd(of: accepted.runID)
        #expect(tool.received.count == 1)
        await bench.stop()
        try events.isWhole(accepted.runID)
    }
}
