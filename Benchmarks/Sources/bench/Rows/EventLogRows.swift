import BatutaCore
import BatutaRuns
import BatutaStorage
import CFloor
import Glibc
import Synchronization

/// The event log by itself: how much it takes when pressed, and what it adds to each event when it is not.
enum EventLogRows {
    private static let sessionCount = 200
    private static let text = String(repeating: "x", count: 220)

    static func measure(_ options: Options, into report: inout Report) async throws {
        var rates: [Double] = [], floors: [Double] = [], halves: [Double] = [], tails: [Double] = []
        for _ in 0..<options.rounds {
            floors.append(try floor(options))
            let bench = try await LogStand(folder: options.folder, sessions: sessionCount)
            rates.append(try await bench.rate(events: 40_000, text))
            let delays = try await bench.delays(perSecond: 5_000, seconds: 2, text)
            halves.append(delays.percentile(0.5) * 1_000)
            tails.append(delays.percentile(0.99) * 1_000)
            await bench.stop()
        }
        report.add(
            Row(
                name: "event log: committed events, each awaited",
                measured: rates.median,
                unit: "/s",
                target: .atLeast(10_000),
                comparisons: [.init(name: "bare SQLite, groups of 100", value: floors.median)]
            )
        )
        report.add(Row(name: "event log at 5,000/s: delay added, p50", measured: halves.median, unit: "ms", target: .atMost(1)))
        report.add(Row(name: "event log at 5,000/s: delay added, p99", measured: tails.median, unit: "ms", target: .atMost(10)))
    }

    private static func floor(_ options: Options) throws -> Double {
        let folder = try StoreFolder(in: options.folder)
        let events: Int32 = 40_000
        let seconds = cfloor_sqlite_events(folder.path + "/floor.db", events, 100, 300)
        guard seconds > 0 else { throw BenchError("the floor's SQLite failed") }
        return Double(events) / seconds
    }
}

/// A log with sessions to write to.
private final class LogStand: Sendable {
    private let folder: StoreFolder
    private let database: SQLiteDatabase
    private let log: EventLog
    private let sessions: [SessionID]
    private let writers: [LogWriter]

    init(folder parent: String, sessions count: Int) async throws {
        folder = try StoreFolder(in: parent)
        database = try SQLiteDatabase(path: folder.path + "/batuta.db")
        try await database.migrate([RunsMigrations.set, BlobStore.migrations])
        log = EventLog(database: database, clock: SystemClock())
        var sessions: [SessionID] = [], writers: [LogWriter] = []
        let clock = SystemClock(), random = SystemRandom()
        for _ in 0..<count {
            let session = Session(id: .make(at: clock.now(), random: random), owner: "usr_bench", target: "agent:a", createdAt: clock.now())
            try await SessionStore(database: database).create(session)
            sessions.append(session.id)
            writers.append(try await log.writer(for: session.id))
        }
        self.sessions = sessions
        self.writers = writers
    }

    func stop() async { await database.close() }

    private static func draft(_ text: String) -> Draft {
        Draft([NewEvent(runID: nil, .content(messageID: MessageID(trusted: "msg_bench"), delta: text))])
    }

    /// Every session appends one event after the other, each after the commit of the one before.
    func rate(events: Int, _ text: String) async throws -> Double {
        let start = monotonicSeconds()
        let each = events / writers.count
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in writers {
                group.addTask { for _ in 0..<each { _ = try await writer.append(Self.draft(text)) } }
            }
            try await group.waitForAll()
        }
        return Double(each * writers.count) / (monotonicSeconds() - start)
    }

    /// Events come at a steady rate, spread over the sessions; from handing over to the subscriber, in seconds.
    func delays(perSecond: Int, seconds: Int, _ text: String) async throws -> [Double] {
        let arrivals = Arrivals()
        var subscriptions: [Subscription] = []
        var firsts: [Int64] = []
        for session in sessions {
            let last = try await log.lastEvent(of: session)
            firsts.append(last)
            subscriptions.append(try await log.subscribe(to: session, after: last, sink: ArrivalSink(arrivals, session)))
        }
        let count = perSecond * seconds
        let posted = await Self.onThread { [self] in post(count, perSecond: perSecond, text) }
        await arrivals.wait(for: count)
        for subscription in subscriptions { subscription.cancel() }
        let seen = arrivals.times
        return (0..<count).compactMap { index in
            let session = index % sessions.count
            let number = firsts[session] + Int64(index / sessions.count) + 1
            return seen[Arrivals.Key(session: sessions[session], number: number)].map { $0 - posted[index] }
        }
    }

    private func post(_ count: Int, perSecond: Int, _ text: String) -> [Double] {
        var posted: [Double] = []
        posted.reserveCapacity(count)
        let start = monotonicSeconds()
        for index in 0..<count {
            let due = start + Double(index) / Double(perSecond)
            while true {
                let left = due - monotonicSeconds()
                guard left > 0 else { break }
                usleep(UInt32(left * 1e6) + 1)
            }
            posted.append(monotonicSeconds())
            writers[index % writers.count].post(Self.draft(text))
        }
        return posted
    }

    private static func onThread<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
        await withCheckedContinuation { continuation in
            let work = Unmanaged.passRetained(ThreadBody { continuation.resume(returning: body()) })
            var thread = pthread_t()
            pthread_create(
                &thread,
                nil,
                { argument in
                    argument.map { Unmanaged<ThreadBody>.fromOpaque($0).takeRetainedValue().body() }
                    return nil
                },
                work.toOpaque()
            )
            pthread_detach(thread)
        }
    }
}

private final class ThreadBody: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// When which event reached its reader.
private final class Arrivals: Sendable {
    struct Key: Hashable {
        var session: SessionID
        var number: Int64
    }

    private struct State {
        var times: [Key: Double] = [:]
        var waiter: (count: Int, continuation: CheckedContinuation<Void, Never>)?
    }

    private let state = Mutex(State())

    var times: [Key: Double] { state.withLock { $0.times } }

    func note(_ events: [LoggedEvent], _ session: SessionID) {
        let now = monotonicSeconds()
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            for event in events { state.times[Key(session: session, number: event.number)] = now }
            guard let waiter = state.waiter, state.times.count >= waiter.count else { return nil }
            state.waiter = nil
            return waiter.continuation
        }
        waiter?.resume()
    }

    func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.times.count >= count { return true }
                state.waiter = (count, continuation)
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}

private struct ArrivalSink: EventSink {
    let arrivals: Arrivals
    let session: SessionID

    init(_ arrivals: Arrivals, _ session: SessionID) {
        self.arrivals = arrivals
        self.session = session
    }

    func deliver(_ events: [LoggedEvent], isIdle: Bool) -> Bool {
        arrivals.note(events, session)
        return true
    }

    func room() async throws {}
}
