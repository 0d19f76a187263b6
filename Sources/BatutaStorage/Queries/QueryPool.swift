import Synchronization

/// One connection to a database of a project, used by one thread at a time.
protocol QueryConnection: AnyObject {
    /// From now on `stop` is for the next query.
    func prepare(until deadline: ContinuousClock.Instant)
    /// Runs one statement in a transaction of its own. Blocks.
    func perform(_ query: Query, until deadline: ContinuousClock.Instant) throws(QueryFailure) -> QueryAnswer
    /// Makes `perform` come back soon; may be called from any thread between `prepare` and its end.
    var stop: @Sendable () -> Void { get }
    /// Whether the connection can take another query.
    var isUsable: Bool { get }
}

/// Threads with a connection each, as many as are needed between two bounds; queries wait for one in the order of arrival.
final class QueryPool: Sendable {
    typealias Connect = @Sendable (_ within: Duration) throws(QueryFailure) -> any QueryConnection

    /// Queries that may wait.
    private static let mostWaiting = 1_000
    /// How long a connection above the minimum stays open unused.
    private static let idleTime = Duration.seconds(60)
    private static let connectingTime = Duration.seconds(5)

    private let connect: Connect
    private let mailbox = Mailbox<QueryTicket>(maximumCount: mostWaiting)
    private let count: Mutex<ReaderCountStateMachine>

    init(minimum: Int, maximum: Int, connect: @escaping Connect) {
        self.connect = connect
        count = Mutex(ReaderCountStateMachine(minimum: minimum, maximum: maximum))
    }

    var connections: Int { count.withLock(\.alive) }

    func submit(_ ticket: QueryTicket) {
        switch mailbox.put(ticket) {
        case .closed: return ticket.answer(.failure(QueryFailure(.closed, "the project changed meanwhile")))
        case .full: return ticket.answer(.failure(QueryFailure(.busy, "too many queries wait")))
        case .accepted: break
        }
        guard case .startThread = count.withLock({ $0.readArrived(waiting: mailbox.count) }) else { return }
        do {
            try WorkerThread("batuta-query") { self.run() }.detach()
        } catch {
            count.withLock { $0.threadEnded() }
            if connections == 0, let waiting = mailbox.takeNow() { waiting.answer(.failure(QueryFailure(.server, error.message))) }
        }
    }

    /// What waits is still answered; then the threads end.
    func close() { mailbox.close() }

    /// The life of one thread.
    private func run() {
        var connection: (any QueryConnection)?
        while true {
            switch mailbox.takeOne(within: Self.idleTime) {
            case .element(let ticket):
                count.withLock { $0.readBegan() }
                serve(ticket, &connection)
                count.withLock { $0.readEnded() }
            case .nothing: if count.withLock({ $0.idled() }) { return }
            case .closed: return count.withLock { $0.threadEnded() }
            }
        }
    }

    /// A connection that was kept may have died meanwhile: then another one gets the query, which did nothing on the first.
    private func serve(_ ticket: QueryTicket, _ connection: inout (any QueryConnection)?) {
        let isFresh = connection == nil
        do throws(QueryFailure) {
            ticket.answer(.success(try perform(ticket, &connection)))
        } catch  where error.reason == .lost && error.isHarmless && !isFresh && !ticket.isStopped {
            connection = nil
            serve(ticket, &connection)
        } catch {
            ticket.answer(.failure(error))
        }
    }

    private func perform(_ ticket: QueryTicket, _ connection: inout (any QueryConnection)?) throws(QueryFailure) -> QueryAnswer {
        guard ticket.timeLeft > .zero else { throw QueryFailure(.busy, "every connection was busy") }
        let open: any QueryConnection
        if let connection { open = connection } else { open = try connect(min(ticket.timeLeft, Self.connectingTime)) }
        connection = open
        open.prepare(until: ticket.deadline)
        guard ticket.begin(open.stop) else { throw QueryFailure(.cancelled, "stopped before it began") }
        defer { if !open.isUsable { connection = nil } }
        return try open.perform(ticket.query, until: ticket.deadline)
    }
}
