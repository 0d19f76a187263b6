import CPostgres
import Glibc
import Synchronization

/// The bell of a PostgreSQL store: LISTEN and NOTIFY on one connection of its own, with a thread of its own.
///
/// Stores in different schemas of one database do not hear each other.
public final class PostgresDoorbell: Doorbell {
    private let connector: PostgresConnector
    private let state = Mutex(State())
    /// A pipe that interrupts the thread's waiting.
    private let wake: Int32
    private let wakeEnd: Int32

    private struct State {
        var gathered = GatheredRings()
        var isClosed = false
    }

    /// - Parameter configuration: Its URL leads to the server itself: through a pooler of transactions nothing is heard.
    public init(_ configuration: PostgresConfiguration) throws(StorageError) {
        var ends: [Int32] = [-1, -1]
        guard batuta_postgres_pipe(&ends) == 0 else { throw .system("cannot make the doorbell", errno) }
        (wake, wakeEnd) = (ends[0], ends[1])
        var configuration = configuration
        configuration.isPooled = false
        // A place that is looked for again and again needs no patience of its own.
        connector = PostgresConnector(
            configuration: configuration,
            attempts: PatientAttempts(patience: .zero) { true },
            counters: PostgresCounters()
        )
    }

    deinit {
        Glibc.close(wake)
        Glibc.close(wakeEnd)
    }

    public func ring(_ ring: BellRing) {
        let isFirst = state.withLock { state in
            defer { state.gathered.add(ring) }
            return state.gathered.isEmpty
        }
        if isFirst { interrupt() }
    }

    public func listen(_ heard: @escaping @Sendable (BellNews) -> Void) {
        do throws(StorageError) {
            // It ends by itself after `close`, at the latest when the server has answered or its time is over.
            try WorkerThread("batuta-bell") { [self] in stayConnected(heard) }.detach()
        } catch {
            heard(.silence)
        }
    }

    public func close() {
        state.withLock { $0.isClosed = true }
        interrupt()
    }

    private var isClosed: Bool { state.withLock { $0.isClosed } }

    private func interrupt() {
        // A pipe that is full interrupts as well.
        _ = write(wakeEnd, [1], 1)
    }

    private func forgetInterruptions() {
        var bytes = [UInt8](repeating: 0, count: 512)
        while read(wake, &bytes, bytes.count) == bytes.count {}
    }

    private func stayConnected(_ heard: (BellNews) -> Void) {
        var backoff = Backoff()
        while !isClosed {
            do {
                let connection = try connector.connect()
                let channel = try listenOn(connection)
                // Others may have missed what this node rang while it was away.
                try notify(GatheredRings.overflow, channel, connection)
                heard(.everything)
                backoff = Backoff()
                while !isClosed { try turn(connection, channel, heard) }
            } catch {
                heard(.silence)
                pause(backoff.next(Double.random(in: 0...1)))
            }
        }
    }

    private func pause(_ time: Duration) {
        var watched = pollfd(fd: wake, events: Int16(POLLIN), revents: 0)
        let end = ContinuousClock.now + time
        // Rings interrupt it as well; what they say goes out with the next connection.
        while !isClosed, ContinuousClock.now < end {
            _ = poll(&watched, 1, 20)
            if watched.revents != 0 { usleep(20_000) }
        }
    }

    private func listenOn(_ connection: PostgresConnection) throws -> String {
        let replies = try connection.fly(["SELECT quote_ident('batuta_' || current_schema())"], isKept: false)
        guard case .result(let result) = replies[0], let channel = result.summary.returned.first?.text(0) else {
            throw StorageError(.unavailable, "the database does not say which schema it works in")
        }
        if case .failed(let failure) = try connection.fly([SQL(program: "LISTEN \(channel)")], isKept: false)[0] { throw failure.error }
        return channel
    }

    private func notify(_ payload: String, _ channel: String, _ connection: PostgresConnection) throws {
        let name = channel.hasPrefix("\"") ? String(channel.dropFirst().dropLast()) : channel
        if case .failed(let failure) = try connection.fly(["SELECT pg_notify(\(name), \(payload))"])[0] { throw failure.error }
    }

    private func turn(_ connection: PostgresConnection, _ channel: String, _ heard: (BellNews) -> Void) throws {
        let arrival = try connection.listen(wake: wake, milliseconds: 30_000)
        if arrival == .wake {
            forgetInterruptions()
            let payload = state.withLock { $0.gathered.isEmpty ? nil : $0.gathered.takePayload() }
            if let payload { try notify(payload, channel, connection) }
        }
        // A connection that broke without a word is found out here.
        if arrival == .nothing { _ = try connection.fly(["SELECT 1"]) }
        for payload in connection.notifications() { heard(GatheredRings.news(payload)) }
    }
}
