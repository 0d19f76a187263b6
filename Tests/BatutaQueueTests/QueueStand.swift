import BatutaCore
@testable import BatutaQueue
import BatutaStorage
import BatutaTelemetry
import BatutaTesting
import Synchronization
import Testing

/// A store with a queue, and workers that a test starts.
final class QueueStand: Sendable {
    static let queue = "mail"

    let kind: StoreEngine
    let folder = TemporaryFolder()
    /// Tells of every commit.
    let database: any Database
    let jobs: JobQueue
    private let changes = Changes()

    init(_ kind: StoreEngine) async throws {
        self.kind = kind
        database = Self.observed(try await kind.open(in: folder), changes)
        try await database.migrate([QueueMigrations.set])
        jobs = JobQueue(database: database, clock: SystemClock())
    }

    /// The store as another node has it open.
    func other() async throws -> any Database {
        kind == .postgres ? Self.observed(try await kind.open(in: folder), changes) : database
    }

    private static func observed(_ database: any Database, _ changes: Changes) -> any Database {
        DisturbedDatabase(database) { _ in .act(.delivered) { changes.note() } }
    }

    /// Returns as soon as a commit made it so; the suite's limit bounds it.
    func until(_ condition: () async throws -> Bool) async throws {
        while true {
            let seen = changes.count
            if try await condition() { return }
            await changes.wait(beyond: seen)
        }
    }

    /// Workers of a node of its own. Backoff is short, and what is not heard of is seen soon.
    func workers(
        on database: (any Database)? = nil,
        doorbell: (any Doorbell)? = nil,
        limits: QueueLimits = QueueLimits(slots: 4),
        terms: JobTerms = JobTerms(looking: .milliseconds(20)),
        recurring: [JobDraft] = [],
        isShared: Bool = true,
        metrics: JobMetrics? = nil,
        _ handlers: JobHandler...
    ) -> JobWorkers {
        var configuration = JobWorkersConfiguration(queues: [Self.queue: limits])
        configuration.terms = terms
        configuration.recurring = recurring
        configuration.isShared = isShared
        let queue = JobQueue(database: database ?? self.database, clock: SystemClock(), doorbell: doorbell)
        return JobWorkers(
            queue,
            node: NodeID.make(at: SystemClock().now(), random: SystemRandom()),
            handlers: handlers,
            configuration: configuration,
            metrics: metrics
        )
    }

    func draft(_ kind: String = "send", _ payload: JSON = [:]) -> JobDraft { JobDraft(kind, in: Self.queue, payload: payload) }

    func job(_ id: JobID) async throws -> Job { try #require(try await jobs.jobs.find(id)) }

    /// The job as soon as it is so.
    func job(_ id: JobID, is condition: (Job) -> Bool) async throws -> Job {
        var job = try await job(id)
        try await until {
            job = try await self.job(id)
            return condition(job)
        }
        return job
    }

    /// Waits until the job has come to this state.
    func job(_ id: JobID, reaches status: JobStatus) async throws -> Job { try await job(id) { $0.status == status } }
}

/// Counts commits, and wakes those who wait for the next.
private final class Changes: Sendable {
    private struct State {
        var count = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.count } }

    func note() {
        let waiters = state.withLock { state in
            state.count += 1
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait(beyond count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.count == count { state.waiters.append(continuation) }
                return state.count != count
            }
            if isThere { continuation.resume() }
        }
    }
}

/// Short waits between attempts.
let soon = JobBackoff(first: .milliseconds(2), longest: .milliseconds(5))

/// Runs workers while a test does something, then lets them go.
func working<T: Sendable>(_ workers: JobWorkers..., body: () async throws -> T) async throws -> T {
    let services = workers.map { workers in Task { await workers.run() } }
    do {
        let value = try await body()
        for service in services {
            service.cancel()
            await service.value
        }
        return value
    } catch {
        for service in services {
            service.cancel()
            await service.value
        }
        throw error
    }
}

/// What happened, in order, and somebody who waits for it.
final class Diary<Entry: Sendable>: Sendable {
    private struct State {
        var entries: [Entry] = []
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var entries: [Entry] { state.withLock { $0.entries } }

    func note(_ entry: Entry) {
        let ready = state.withLock { state in
            state.entries.append(entry)
            let count = state.entries.count
            let ready = state.waiters.filter { $0.count <= count }
            state.waiters.removeAll { $0.count <= count }
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    /// Returns when there are so many entries.
    func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.entries.count < count { state.waiters.append((count, continuation)) }
                return state.entries.count >= count
            }
            if isThere { continuation.resume() }
        }
    }
}

/// Opens once; cancelled waiters throw.
final class TestGate: Sendable {
    private let diary = Diary<Void>()

    func open() { diary.note(()) }

    /// Waits, however the task stands.
    func wait() async { await diary.wait(for: 1) }

    /// Waits until it is open or the task is cancelled.
    func waitUnlessCancelled() async throws {
        try await withTaskCancellationHandler {
            await diary.wait(for: 1)
            try Task.checkCancellation()
        } onCancel: {
            diary.note(())
        }
    }
}

extension QueueStand {
    /// Jobs that have not ended, of every tenant.
    func open() async throws -> Int64 {
        try await database.read { connection in
            try connection.first("SELECT COUNT(*) FROM jobs WHERE status IN ('scheduled', 'queued', 'running')") { $0.int(0) }
        } ?? 0
    }
}
