import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct SnapshotStoreTests {
    @Test(arguments: StoreEngine.all)
    func `a version that one goes back to is the newest again`(_ kind: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let database = try await kind.open(in: folder)
        try await database.migrate([SnapshotStore.migrations])
        let clock = ManualClock()
        let store = SnapshotStore(database: database, clock: clock)
        let (first, second) = (try Self.version("One."), try Self.version("Two."))
        for snapshot in [first, second, first] {
            clock.advance(by: .seconds(60))
            try await store.store(snapshot)
            #expect(try await store.newest()?.hash == snapshot.hash)
        }
        await database.close()
    }

    private static func version(_ text: String) throws -> ProjectSnapshot {
        let files = ["batuta.yaml": "name: test\nmodels: { default: { provider: rehearsal, model: x } }\n", "agents/a.md": text]
        return try #require(Project.load(files: files.mapValues { Array($0.utf8) }).project).snapshot
    }

    @Test(arguments: StoreEngine.all)
    func `versions go a month later, unless a run began with them or a node serves them`(_ kind: StoreEngine) async throws {
        let clock = ManualClock(), bench = try await EngineBench(on: kind, model: ScriptedModel([.say("Hi")]), clock: clock)
        let database = bench.database
        try await database.migrate([SnapshotStore.migrations, NodeBoard.migrations])
        let store = SnapshotStore(database: database, clock: clock)
        let names = ["of a run", "of a node", "served", "of nobody", "of nobody either", "again", "newest"]
        var versions: [String: ProjectSnapshot] = [:]
        for name in names {
            versions[name] = try Self.version(name)
            clock.advance(by: .seconds(1))
            try await store.store(try #require(versions[name]))
        }
        func hash(_ name: String) throws -> String { try #require(versions[name]).hash }
        let (accepted, events) = try await bench.send("hi")
        await events.waitForEnd(of: accepted.runID)
        var batch = WriteBatch(order: "test")
        batch.add("UPDATE runs SET project_hash = \(try hash("of a run"))")
        _ = try await database.write(batch)
        let node = NodeID.make(at: clock.now(), random: SystemRandom())
        try await NodeBoard(database: database).note(
            NodeBoard.Entry(node: node, role: "worker", projectHash: try hash("of a node"), hasFolder: true)
        )
        let served = try hash("served")
        let pruning = SnapshotPruning(database: database, clock: clock) { served }
        #expect(try await pruning.prune() == 0, "they are young")
        clock.advance(by: SnapshotPruning.age)
        try await store.store(try #require(versions["again"]))
        clock.advance(by: .seconds(60))
        #expect(try await pruning.prune() == 3, "two that nobody needs, and the one that was the newest once")
        for name in names {
            let isThere = try await store.find(try hash(name)) != nil
            #expect(isThere == ["of a run", "of a node", "served", "again"].contains(name), "\(name)")
        }
        // With its session the run goes, and then its version.
        batch = WriteBatch(order: "test")
        batch.add("DELETE FROM runs")
        _ = try await database.write(batch)
        #expect(try await pruning.prune() == 1)
        #expect(try await store.find(try hash("of a run")) == nil)
        await bench.stop()
    }
}
