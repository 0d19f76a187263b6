import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Synchronization

/// Several nodes on one PostgreSQL, which flushes as it does by default. CPU is this process's; the server's own is not counted.
enum NodeRows {
    static func measure(_ options: Options, into report: inout Report) async throws {
        let cluster = try await PostgresCluster(isDurable: true)
        do {
            try await runs(options, cluster, into: &report)
            try await delays(options, cluster, into: &report)
        } catch {
            await cluster.stop()
            throw error
        }
        await cluster.stop()
    }

    /// The same four calls of a model as on SQLite.
    private static func runs(_ options: Options, _ cluster: PostgresCluster, into report: inout Report) async throws {
        let simulator = try RemoteSimulator()
        defer { simulator.stop() }
        let stand = try await Stand(
            model: "tools-3",
            streams: false,
            baseURL: simulator.baseURL,
            folder: options.folder,
            in: .postgres(try await cluster.configuration(for: TemporaryFolder()))
        )
        _ = try await AgentRuns.sample(stand, runs: 300, atOnce: 32)
        let crowd = try await AgentRuns.rounds(options) { try await AgentRuns.sample(stand, runs: 1_000, atOnce: 32) }
        let alone = try await AgentRuns.rounds(options) { try await AgentRuns.sample(stand, runs: 200, atOnce: 1) }
        let floor = try await AgentRuns.rounds(options) {
            try await ModelCalls.cpuMilliseconds(simulator, streams: false, runs: 1_000, atOnce: 32)
        }
        await stand.stop()
        report.add(
            Row(
                name: "agent run on PostgreSQL, 32 at once: CPU",
                measured: crowd.map(\.cpuMilliseconds).median,
                unit: "ms",
                target: .atMost(1.0),
                comparisons: [
                    .init(name: "its 4 calls alone", value: floor.median), .init(name: "Agno, nothing stored (recorded)", value: 11.3),
                ]
            )
        )
        report.add(
            Row(name: "  one at a time: wall p50", measured: alone.map(\.wallMilliseconds.median).median, unit: "ms", target: .none)
        )
    }

    /// From the commit, as the node that wrote is told of it, until a reader on another node has the event.
    private static func delays(_ options: Options, _ cluster: PostgresCluster, into report: inout Report) async throws {
        var halves: [Double] = [], tails: [Double] = []
        for _ in 0..<options.rounds {
            let folder = TemporaryFolder()
            let configuration = try await cluster.configuration(for: folder)
            let (writer, reader) = (try await Node(configuration), try await Node(configuration))
            let delays = try await Self.delays(from: writer, to: reader)
            halves.append(delays.percentile(0.5) * 1_000)
            tails.append(delays.percentile(0.99) * 1_000)
            await writer.stop()
            await reader.stop()
        }
        report.add(
            Row(name: "event on another node after its commit, p50", measured: halves.median, unit: "ms", target: .atMost(3))
        )
        report.add(
            Row(name: "event on another node after its commit, p99", measured: tails.median, unit: "ms", target: .atMost(20))
        )
    }

    private static let sessions = 20
    private static let events = 2_000

    /// One event each 2 ms, over some sessions, so that each is heard of by itself.
    private static func delays(from writer: Node, to reader: Node) async throws -> [Double] {
        let seen = Moments(), told = Moments()
        var ids: [SessionID] = [], subscriptions: [Subscription] = []
        for _ in 0..<sessions {
            let session = try await writer.makeSession()
            ids.append(session)
            subscriptions.append(try await reader.log.subscribe(to: session, after: 0, sink: MomentSink(session: session, moments: seen)))
        }
        for number in 0..<events {
            let session = ids[number % sessions]
            let committed = try await writer.append(to: session)
            told.note(session, committed.last)
            try await Task.sleep(for: .milliseconds(2))
        }
        await seen.wait(for: events)
        subscriptions.forEach { $0.cancel() }
        let arrivals = seen.all
        return told.all.compactMap { key, at in arrivals[key].map { max(0, $0 - at) } }
    }
}

/// A node that only writes and reads its log.
private final class Node: Sendable {
    let log: EventLog
    private let database: PostgresDatabase
    private let leases: SessionLeases
    private let following: Task<Void, Never>

    init(_ configuration: PostgresConfiguration) async throws {
        database = try PostgresDatabase(configuration)
        try await database.migrate([RunsMigrations.set, BlobStore.migrations])
        leases = SessionLeases(database: database, node: NodeID.make(at: SystemClock().now(), random: SystemRandom()))
        let sharing = LogSharing(leases: leases, doorbell: try PostgresDoorbell(configuration))
        log = EventLog(database: database, clock: SystemClock(), sharing: sharing)
        let log = log
        following = Task { await log.follow() }
    }

    func makeSession() async throws -> SessionID {
        let now = SystemClock().now()
        let session = Session(id: .make(at: now, random: SystemRandom()), owner: "usr_bench", target: "agent:a", createdAt: now)
        try await SessionStore(database: database).create(session)
        _ = try await leases.claim(session.id)
        return session.id
    }

    func append(to session: SessionID) async throws -> Committed {
        let run = RunID(trusted: "run_bench")
        let event = NewEvent(runID: run, .content(messageID: MessageID(trusted: "msg_bench"), delta: "some words of an answer "))
        return try await log.writer(for: session).append(Draft([event]))
    }

    func stop() async {
        following.cancel()
        await following.value
        await database.close()
    }
}

/// When which event was where.
final class Moments: Sendable {
    struct Key: Hashable {
        var session: SessionID
        var number: Int64
    }

    private struct State {
        var times: [Key: Double] = [:]
        var waiter: (count: Int, continuation: CheckedContinuation<Void, Never>)?
    }

    private let state = Mutex(State())

    var all: [Key: Double] { state.withLock { $0.times } }

    func note(_ session: SessionID, _ number: Int64) {
        let now = monotonicSeconds()
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.times[Key(session: session, number: number)] = now
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

private struct MomentSink: EventSink {
    let session: SessionID
    let moments: Moments

    func deliver(_ events: [LoggedEvent], isIdle: Bool) -> Bool {
        for event in events { moments.note(session, event.number) }
        return true
    }

    func room() async throws {}
}
