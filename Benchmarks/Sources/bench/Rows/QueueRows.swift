import BatutaCore
import BatutaQueue
import BatutaStorage
import BatutaTesting
import Synchronization

/// The queue: no-op jobs with every state on disk, by handlers of this process, under load and one at a time.
enum QueueRows {
    static func measure(_ options: Options, into report: inout Report) async throws {
        try await measure("SQLite", goals: (10_000, 0.9, 2.6), options, into: &report) { folder in
            try SQLiteDatabase(path: folder.path + "/batuta.db")
        }
        // Flushes as a server that holds somebody's work does.
        let cluster = try await PostgresCluster(isDurable: true)
        try await measure("PostgreSQL", goals: (4_000, 1.3, 2.6), options, into: &report) { folder in
            try PostgresDatabase(try await cluster.configuration(for: TemporaryFolder(keeping: folder.path)))
        }
        await cluster.stop()
    }

    private static func measure(
        _ name: String,
        goals: (rate: Double, half: Double, tail: Double),
        _ options: Options,
        into report: inout Report,
        open: (StoreFolder) async throws -> any Database
    ) async throws {
        var rates: [Double] = [], halves: [Double] = [], tails: [Double] = [], floors: [Double] = []
        for _ in 0..<options.rounds {
            let folder = try StoreFolder(in: options.folder)
            let bench = try await QueueBench(try await open(folder))
            rates.append(try await bench.rate(jobs: 20_000))
            let delays = try await bench.delays(jobs: 1_000)
            floors.append(try await bench.commits(threeTimes: 300).percentile(0.5) * 1_000)
            halves.append(delays.percentile(0.5) * 1_000)
            tails.append(delays.percentile(0.99) * 1_000)
            await bench.stop()
            withExtendedLifetime(folder) {}
        }
        report.add(Row(name: "queue on \(name): no-op jobs", measured: rates.median, unit: "/s", target: .atLeast(goals.rate)))
        report.add(
            Row(
                name: "  one job, wanted until done, p50",
                measured: halves.median,
                unit: "ms",
                target: .atMost(goals.half),
                comparisons: [.init(name: "three commits of a row, awaited one by one", value: floors.median)]
            )
        )
        report.add(Row(name: "  the same, p99", measured: tails.median, unit: "ms", target: .atMost(goals.tail)))
    }
}

/// A queue with workers.
private final class QueueBench: Sendable {
    private let database: any Database
    private let queue: JobQueue
    private let service: Task<Void, Never>
    private let ends: JobEnds

    init(_ inner: any Database) async throws {
        try await inner.migrate([QueueMigrations.set])
        let ends = JobEnds()
        database = DisturbedDatabase(inner) { _ in .act(.delivered) { ends.committed() } }
        queue = JobQueue(database: database, clock: SystemClock())
        let workers = JobWorkers(
            queue,
            node: NodeID.make(at: SystemClock().now(), random: SystemRandom()),
            handlers: [
                JobHandler("nothing") { _ in
                    ends.performed()
                    return .done
                }
            ],
            configuration: JobWorkersConfiguration(queues: ["bench": QueueLimits(slots: 256)])
        )
        service = Task { await workers.run() }
        self.ends = ends
    }

    /// Jobs per second from the first wish to the last end on disk, each wanted by a commit of its own, 256 wishes at a time.
    func rate(jobs count: Int) async throws -> Double {
        let before = ends.performances
        let start = monotonicSeconds()
        let left = LeftJobs(count)
        try await withThrowingTaskGroup { group in
            for _ in 0..<256 {
                group.addTask { [queue] in
                    while left.takeOne() { try await queue.enqueue(JobDraft("nothing", in: "bench")) }
                }
            }
            try await group.waitForAll()
        }
        // The last of them has come when that many have, and their ends are written when nothing is open.
        while true {
            let seen = ends.count
            if ends.performances >= before + count, try await open() == 0 { break }
            await ends.wait(beyond: seen)
        }
        return Double(count) / (monotonicSeconds() - start)
    }

    /// Seconds from the wish until the end of the job is on disk, one job after the other.
    func delays(jobs count: Int) async throws -> [Double] {
        var delays: [Double] = []
        for _ in 0..<count {
            ends.begin()
            let start = monotonicSeconds()
            try await queue.enqueue(JobDraft("nothing", in: "bench"))
            await ends.waitForEnd()
            delays.append(monotonicSeconds() - start)
        }
        return delays
    }

    /// Seconds that three commits take that change one row each.
    func commits(threeTimes count: Int) async throws -> [Double] {
        var delays: [Double] = []
        for _ in 0..<count {
            let start = monotonicSeconds()
            for _ in 0..<3 {
                var batch = WriteBatch(order: "floor")
                batch.add("INSERT INTO job_limits (queue) VALUES ('floor') ON CONFLICT (queue) DO UPDATE SET queue = excluded.queue")
                _ = try await database.write(batch)
            }
            delays.append(monotonicSeconds() - start)
        }
        return delays
    }

    func stop() async {
        service.cancel()
        await service.value
        await database.close()
    }

    private func open() async throws -> Int64 {
        try await database.read { connection in
            try connection.first("SELECT COUNT(*) FROM jobs WHERE status IN ('scheduled', 'queued', 'running')") { $0.int(0) }
        } ?? 0
    }
}

private final class LeftJobs: Sendable {
    private let left: Atomic<Int>

    init(_ count: Int) { left = Atomic(count) }

    func takeOne() -> Bool { left.subtract(1, ordering: .relaxed).newValue >= 0 }
}

/// Knows when the end of a job is on disk: with the first commit after its handler.
private final class JobEnds: Sendable {
    private struct State {
        var isPerformed = false
        var isCommitted = false
        var count = 0
        var performances = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
        var endWaiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func begin() {
        state.withLock {
            $0.isPerformed = false
            $0.isCommitted = false
        }
    }

    /// Handlers that came to their end.
    var performances: Int { state.withLock { $0.performances } }

    func performed() {
        state.withLock {
            $0.isPerformed = true
            $0.performances += 1
        }
    }

    func committed() {
        let waiters = state.withLock { state in
            state.count += 1
            defer { state.waiters = [] }
            guard state.isPerformed else { return state.waiters }
            state.isCommitted = true
            defer { state.endWaiter = nil }
            return state.waiters + (state.endWaiter.map { [$0] } ?? [])
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Commits so far.
    var count: Int { state.withLock { $0.count } }

    func wait(beyond count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.count == count { state.waiters.append(continuation) }
                return state.count != count
            }
            if isThere { continuation.resume() }
        }
    }

    func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if !state.isCommitted { state.endWaiter = continuation }
                return state.isCommitted
            }
            if isThere { continuation.resume() }
        }
    }
}
