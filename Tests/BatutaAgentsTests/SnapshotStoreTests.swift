import BatutaAgents
import BatutaCore
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
        func version(_ text: String) throws -> ProjectSnapshot {
            let files = ["batuta.yaml": "name: test\nmodels: { default: { provider: rehearsal, model: x } }\n", "agents/a.md": text]
            return try #require(Project.load(files: files.mapValues { Array($0.utf8) }).project).snapshot
        }
        let (first, second) = (try version("One."), try version("Two."))
        for snapshot in [first, second, first] {
            clock.advance(by: .seconds(60))
            try await store.store(snapshot)
            #expect(try await store.newest()?.hash == snapshot.hash)
        }
        await database.close()
    }
}
