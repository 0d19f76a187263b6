import BatutaCore
import BatutaStorage
import BatutaTesting
import Synchronization
import Testing

/// A server that goes away, comes back, or was never there.
@Suite(.timeLimit(.minutes(3))) struct PostgresFaultTests {
    /// What writers saw, per session: the highest number that was answered, and how many answers were missing.
    private final class Ledger: Sendable {
        let answered = Mutex<[String: Int64]>([:])
        let codes = Mutex<[StorageError.Code: Int]>([:])
        let isOver = Atomic(false)
        let reads = Atomic(0)

        func note(_ error: StorageError) { codes.withLock { $0[error.code, default: 0] += 1 } }
    }

    /// Eight sessions append one event after another until the ledger is closed; what fails is noted and tried again.
    private func append(_ ledger: Ledger, to node: PostgresDatabase) async {
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    while !ledger.isOver.load(ordering: .acquiring) {
                        do {
                            let results = try await node.write(Events.append(["x", "y"], to: "s\(number)")).results
                            let last = try #require(results?[0].returned.first).int(0)
                            ledger.answered.withLock { $0["s\(number)"] = last }
                        } catch let error as StorageError {
                            ledger.note(error)
                        } catch {
                            Issue.record(error)
                        }
                    }
                }
            }
            for _ in 0..<2 {
                group.addTask {
                    while !ledger.isOver.load(ordering: .acquiring) {
                        do {
                            let counts = try await node.read {
                                try $0.rows("SELECT last_event, (SELECT count(*) FROM events e WHERE e.session_id = s.id) FROM sessions s")
                                { [$0.int(0), $0.int(1)] }
                            }
                            #expect(counts.allSatisfy { $0[0] == $0[1] })
                            ledger.reads.wrappingAdd(1, ordering: .relaxed)
                        } catch let error as StorageError {
                            ledger.note(error)
                        } catch {
                            Issue.record(error)
                        }
                    }
                }
            }
        }
    }

    private func waitForProgress(_ ledger: Ledger, by count: Int64) async throws {
        let start = ledger.answered.withLock { $0.values.reduce(0, +) }
        while ledger.answered.withLock({ $0.values.reduce(0, +) }) < start + count { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// Nothing that was answered is missing, and what is there has no gap.
    private func check(_ ledger: Ledger, _ node: PostgresDatabase) async throws {
        let found = try await node.read {
            try $0.rows(
                "SELECT s.id, s.last_event, count(*), max(e.seq) FROM sessions s JOIN events e ON e.session_id = s.id GROUP BY s.id, s.last_event"
            ) { row in
                (row.text(0), (1..<4).map(row.int))
            }
        }
        #expect(found.count == 8)
        for (id, numbers) in found {
            #expect(Set(numbers).count == 1)
            #expect(numbers[0] >= ledger.answered.withLock { $0[id] ?? 0 })
        }
    }

    @Test func `a server that cannot be reached is told while work still waits for it`() async throws {
        let folder = TemporaryFolder()
        let nowhere = PostgresConfiguration(url: "postgres:///none?host=\(folder.path)", patience: .seconds(60))
        let database = try PostgresDatabase(nowhere)
        var batch = WriteBatch(order: "a")
        batch.add("SELECT 1")
        database.submit(batch) { _ in }
        try await Deadline.look(for: "failure that is told") { database.writeFailure != nil }
        #expect(database.writeFailure?.code == .unavailable)
        await database.close()
    }

    @Test(arguments: [true, false])
    func `a server that is restarted under load loses nothing that was answered`(_ immediately: Bool) async throws {
        let cluster = try await PostgresCluster()
        let node = try PostgresDatabase(PostgresConfiguration(url: cluster.url("postgres"), maximumReaders: 2, patience: .seconds(60)))
        try await node.migrate([Events.migrations])
        for number in 0..<8 { _ = try await node.write(Events.session("s\(number)")) }
        let ledger = Ledger()
        async let load: Void = append(ledger, to: node)
        for _ in 0..<3 {
            try await waitForProgress(ledger, by: 200)
            try await cluster.restart(immediately: immediately)
        }
        try await waitForProgress(ledger, by: 200)
        ledger.isOver.store(true, ordering: .releasing)
        await load
        try await check(ledger, node)
        let codes = ledger.codes.withLock { $0 }
        // A commit whose answer was lost, and a read that had begun. Everything else waited for the server.
        #expect(Set(codes.keys).isSubset(of: [.io, .unavailable]), "\(codes)")
        #expect(ledger.reads.load(ordering: .relaxed) > 0)
        await node.close()
        await cluster.stop()
    }

    @Test func `a connection that is cut is made anew, and nothing is written twice`() async throws {
        let folder = TemporaryFolder()
        let configuration = try await PostgresCluster.shared().ownDatabase(for: folder).configuration
        let node = try PostgresDatabase(configuration), other = try PostgresDatabase(configuration)
        try await node.migrate([Events.migrations])
        for number in 0..<8 { _ = try await node.write(Events.session("s\(number)")) }
        let ledger = Ledger()
        async let load: Void = append(ledger, to: node)
        for _ in 0..<20 {
            try await waitForProgress(ledger, by: 40)
            var cut = WriteBatch(order: "")
            cut.add(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            _ = try await other.write(cut)
        }
        try await waitForProgress(ledger, by: 40)
        ledger.isOver.store(true, ordering: .releasing)
        await load
        try await check(ledger, other)
        let codes = ledger.codes.withLock { $0 }
        #expect(Set(codes.keys).isSubset(of: [.io, .unavailable]), "\(codes)")
        #expect(node.statistics.connects > 20)
        await node.close()
        await other.close()
    }

    @Test func `a server that is not there is unavailable, and closing does not wait for it`() async throws {
        var configuration = PostgresConfiguration(url: "postgres:///x?host=/nonexistent", patience: .milliseconds(200))
        let node = try PostgresDatabase(configuration)
        let write = await #expect(throws: StorageError.self) { try await node.write(Events.session("a")) }
        let read = await #expect(throws: StorageError.self) { try await node.read { try $0.rows("SELECT 1") { _ in 0 } } }
        let migrate = await #expect(throws: StorageError.self) { try await node.migrate([Events.migrations]) }
        #expect([write?.code, read?.code, migrate?.code] == [.unavailable, .unavailable, .unavailable])
        #expect(write?.isRetryable == true)
        await node.close()

        configuration.patience = .seconds(3_600)
        let patient = try PostgresDatabase(configuration)
        async let waiting = Result<BatchOutcome, any Error> { try await patient.write(Events.session("a")) }
        await patient.close()
        guard case .failure = await waiting else { return #expect(Bool(false), "written to a server that is not there") }
    }

    @Test func `what no waiting can cure is said at once`() async throws {
        let cluster = try await PostgresCluster.shared()
        let urls = ["postgres:///nowhere?host=\(cluster.folder)&user=batuta", "postgres:///postgres?host=\(cluster.folder)&user=nobody"]
        for (url, code) in zip(urls, [StorageError.Code.notFound, .unavailable]) {
            let node = try PostgresDatabase(PostgresConfiguration(url: url, patience: .seconds(3_600)))
            let error = await #expect(throws: StorageError.self) { try await node.connect() }
            #expect(error?.code == code)
            await node.close()
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
