import Synchronization

/// How many reading threads there are, decided without touching one.
struct ReaderCountStateMachine: Sendable, Equatable {
    enum Arrival: Equatable {
        case startThread
        case wait
    }

    let minimum: Int
    let maximum: Int
    private(set) var alive = 0
    private(set) var busy = 0

    init(minimum: Int, maximum: Int) {
        self.minimum = minimum
        self.maximum = maximum
    }

    /// A read arrived, and so many wait now, itself included.
    mutating func readArrived(waiting: Int) -> Arrival {
        guard alive < maximum, alive - busy < waiting else { return .wait }
        alive += 1
        return .startThread
    }

    mutating func readBegan() { busy += 1 }
    mutating func readEnded() { busy -= 1 }

    /// A thread had nothing to do for long. Whether it shall end.
    mutating func idled() -> Bool {
        guard alive > minimum else { return false }
        alive -= 1
        return true
    }

    /// A thread ended, or could not be started.
    mutating func threadEnded() { alive -= 1 }
}

/// Threads with a connection each that serve reads in the order of arrival: as many as are needed, between two bounds.
final class PostgresReaders: Sendable {
    typealias Body = @Sendable (Result<PostgresReadConnection, StorageError>) -> Void

    private struct Read: Sendable {
        let arrival: ContinuousClock.Instant
        let body: Body
    }

    private static let allowed = Duration.milliseconds(50)

    private let connector: PostgresConnector
    private let mailbox: Mailbox<Read>
    private let count: Mutex<ReaderCountStateMachine>
    /// One for each thread that ended because of the closing.
    private let endings = Mailbox<Void>(maximumCount: .max)

    init(_ connector: PostgresConnector) {
        self.connector = connector
        let configuration = connector.configuration
        mailbox = Mailbox(maximumCount: configuration.maximumWaitingReads)
        count = Mutex(ReaderCountStateMachine(minimum: configuration.minimumReaders, maximum: configuration.maximumReaders))
    }

    var alive: Int { count.withLock(\.alive) }

    func submit(_ body: @escaping Body) {
        switch mailbox.put(Read(arrival: .now, body: body)) {
        case .closed: return body(.failure(.databaseClosed))
        case .full: return body(.failure(StorageError(.overloaded, "too many reads wait; try again in a moment")))
        case .accepted: break
        }
        guard case .startThread = count.withLock({ $0.readArrived(waiting: mailbox.count) }) else { return }
        do {
            try WorkerThread("batuta-read") { self.run() }.detach()
        } catch {
            // Those that are there go on; without any, what waits is told.
            count.withLock { $0.threadEnded() }
            if alive == 0, let read = mailbox.takeNow() { read.body(.failure(error)) }
        }
    }

    func close() { mailbox.close() }

    /// Blocks until every thread has ended. Only after `close`, once.
    func waitForEnd() {
        for _ in 0..<alive { _ = endings.takeOne() }
    }

    /// The life of one thread.
    private func run() {
        let reading = PostgresReadConnection(connector)
        while true {
            switch mailbox.takeOne(within: connector.configuration.idleTimeout) {
            case .element(let read): serve(read, reading)
            case .nothing:
                reading.letGo()
                if count.withLock({ $0.idled() }) { return }
            case .closed:
                reading.letGo()
                _ = endings.put(())
                return
            }
        }
    }

    private func serve(_ read: Read, _ reading: PostgresReadConnection) {
        count.withLock { $0.readBegan() }
        let start = ContinuousClock.now
        connector.counters.note(wait: start - read.arrival)
        read.body(.success(reading))
        reading.endSnapshot()
        if ContinuousClock.now - start > Self.allowed { connector.counters.slowReads.wrappingAdd(1, ordering: .relaxed) }
        count.withLock { $0.readEnded() }
    }
}
