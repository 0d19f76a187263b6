import BatutaCore
@testable import BatutaRuns
import BatutaStorage
import BatutaTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct SessionLeasesTests {
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

    @Test(arguments: StoreEngine.all) func `a session that is taken while its row is read is not taken for lost`(_ kind: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let (database, sessions) = try await stand(kind, sessions: 1, in: folder)
        let leases = SessionLeases(database: database, node: node())
        let slow = LateRows(database)
        let log = EventLog(
            database: slow,
            clock: SystemClock(),
            sharing: LogSharing(leases: leases, doorbell: nil)
        )
        let writer = try await log.writer(for: sessions[0])
        defer { withExtendedLifetime(writer) {} }
        let channel = try #require(log.openChannel(sessions[0]))
        // It has read the row with the fence before this node's when this node takes the session.
        slow.holdsBack = true
        channel.hear(1)
        try await Deadline.wait(for: "the row to be read") { await slow.hasRead.pass() }
        #expect(try await leases.claim(sessions[0]))
        slow.mayAnswer.open()
        try await channel.refresh()
        try await Deadline.look(for: "end of the reading") { channel.isQuiet && slow.answered }
        #expect(leases.holds(sessions[0]))
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

/// A store whose next read is answered late, with what was true when it was asked.
private final class LateRows: Database {
    private let inner: any Database
    private let state = Mutex((holds: false, answered: false))
    let hasRead = Gate()
    let mayAnswer = Gate()

    init(_ inner: any Database) { self.inner = inner }

    var holdsBack: Bool {
        get { state.withLock { $0.holds } }
        set { state.withLock { $0.holds = newValue } }
    }
    var answered: Bool { state.withLock { $0.answered } }

    func read<T: Sendable>(_ body: @escaping @Sendable (any ReadConnection) throws -> T) async throws -> T {
        let isHeld = state.withLock { state in
            defer { state.holds = false }
            return state.holds
        }
        let value = try await inner.read(body)
        guard isHeld else { return value }
        hasRead.open()
        await mayAnswer.pass()
        state.withLock { $0.answered = true }
        return value
    }

    func submit(_ batch: WriteBatch, completion: @escaping @Sendable (Result<BatchOutcome, StorageError>) -> Void) {
        inner.submit(batch, completion: completion)
    }
    func migrate(_ sets: [MigrationSet]) async throws { try await inner.migrate(sets) }
    var writeFailure: StorageError? { inner.writeFailure }
    func purge() async throws { try await inner.purge() }
    func close() async { await inner.close() }
}
