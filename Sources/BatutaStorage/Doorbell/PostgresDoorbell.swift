import BatutaCore
import Synchronization

/// The bell of a PostgreSQL store: LISTEN and NOTIFY on one connection of its own, with a thread of its own.
///
/// Stores in different schemas of one database do not hear each other.
public final class PostgresDoorbell: Doorbell {
    /// A connection that said nothing for so long is asked whether it is there.
    private static let quiet = Duration.seconds(2)

    private let connector: PostgresConnector
    private let wire: BellWire
    private let hears = Mutex(false)

    /// - Parameter configuration: Its URL leads to the server itself: through a pooler of transactions nothing is heard.
    public init(_ configuration: PostgresConfiguration) throws(StorageError) {
        wire = try BellWire()
        var configuration = configuration
        configuration.isPooled = false
        // What the bell asks is small. A way that swallows everything is found out in eleven seconds, with those of `answerTimeout`.
        configuration.statementTimeout = .seconds(3)
        configuration.lockTimeout = .seconds(1)
        // A place that is looked for again and again needs no patience of its own.
        connector = PostgresConnector(
            configuration: configuration,
            attempts: PatientAttempts(patience: .zero) { true },
            counters: PostgresCounters()
        )
    }

    /// Whether others are heard now.
    public var isHearing: Bool { hears.withLock { $0 } }

    public func ring(_ ring: BellRing) { wire.add(ring) }

    /// Rings, with whatever else is rung until then.
    func ring(_ ring: BellRing, within delay: Duration) { wire.add(ring, within: delay) }

    public func listen(_ heard: @escaping @Sendable (BellNews) -> Void) {
        do throws(StorageError) {
            // It ends by itself after `close`, at the latest when the server has answered or its time is over.
            try WorkerThread("batuta-bell") { [self] in stayConnected(heard) }.detach()
        } catch {
            heard(.silence)
        }
    }

    public func close() { wire.close() }

    private func stayConnected(_ heard: (BellNews) -> Void) {
        var backoff = Backoff()
        while !wire.isClosed {
            do {
                let connection = try connector.connect()
                let channel = try listenOn(connection)
                // Others may have missed what this node rang while it was away.
                try notify(GatheredRings.overflow, channel, connection)
                hears.withLock { $0 = true }
                heard(.everything)
                backoff = Backoff()
                while !wire.isClosed { try turn(connection, channel, heard) }
            } catch {
                hears.withLock { $0 = false }
                heard(.silence)
                wire.pause(backoff.next(Double.random(in: 0...1)))
            }
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
        let rest = wire.timeToRest(atMost: Self.quiet)
        let arrival = try connection.listen(wake: wire.wake, milliseconds: Int32(clamping: rest.inMilliseconds))
        if arrival == .wake { wire.forgetInterruptions() }
        if let payload = wire.takePayload() {
            try notify(payload, channel, connection)
        } else if arrival == .nothing {
            // A connection that broke without a word is found out here.
            _ = try connection.fly(["SELECT 1"])
        }
        for payload in connection.notifications() { heard(GatheredRings.news(payload)) }
    }
}
