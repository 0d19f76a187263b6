import BatutaCore
@testable import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(2))) struct SessionLeasesTests {
    private func stand(_ kind: StoreEngine, sessions count: Int, in folder: TemporaryFolder) async throws
        -> (database: any Database, sessions: [SessionID])
    {
        let database = try await kind.open(in: folder)
        try await database.migrate([RunsMigrations.set])
        var sessions: [SessionID] = []
        for _ in 0..<count {
            let id = SessionID.make(at: SystemClock().now(), random: SystemRandom())
            let session = Session(id: id, owner: "usr_a", target: "agent:a", createdAt: SystemClock().now())
            try await SessionStore(database: database).create(session)
            sessions.append(id)
        }
        return (database, sessions)
    }

    private func node() -> NodeID { NodeID.make(at: SystemClock().now(), random: SystemRandom()) }

    @Test(arguments: StoreEngine.all) func `a claim whose answer was lost is found at the second renewal`(_ kind: StoreEngine) async throws
    {
        let folder = TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let (database, sessions) = try await stand(kind, sessions: 2, in: folder)
        let leases = SessionLeases(database: database, node: node())
        #expect(try await leases.claim(sessions[0]))
        // What reached the store without this node hearing of it.
        #expect(try await SessionLeases(database: database, node: leases.node).claim(sessions[1]))
        #expect(try await leases.renew().found.isEmpty && !leases.holds(sessions[1]))
        #expect(try await leases.renew().found == [sessions[1]])
        #expect(leases.holds(sessions[1]))
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `a session that cannot be given back stays held, and another node does not get it`(
        _ kind: StoreEngine
    )
        async throws
    {
        let folder = TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let (database, sessions) = try await stand(kind, sessions: 1, in: folder)
        let leases = SessionLeases(database: database, node: node())
        let other = SessionLeases(database: database, node: node())
        #expect(try await leases.claim(sessions[0]))
        #expect(try await !other.claim(sessions[0]))
        #expect(try await !leases.giveBack(sessions[0], at: 7) && leases.holds(sessions[0]))
        await database.close()
        await #expect(throws: StorageError.self) { _ = try await leases.giveBack(sessions[0], at: 0) }
        #expect(leases.holds(sessions[0]))
    }
}
