import BatutaCore
import BatutaStorage
import BatutaTelemetry

/// A node's connections to a store on PostgreSQL: how many, and what they do. One more writes, and one listens for other nodes.
enum StorePool {
    static let usual = 1...8
    static let usualTimeout = Duration.seconds(30)

    static let option = Option.value(
        "database-pool",
        "MIN-MAX",
        Words("connections for reading from PostgreSQL (default 1-8)", "conexões de leitura com o PostgreSQL (padrão 1-8)")
    )
    static let timeout = Option.value(
        "database-timeout",
        "TIME",
        Words("how long a statement may take on PostgreSQL (default 30s)", "quanto um comando pode levar no PostgreSQL (padrão 30s)")
    )
    static let expected = Words(
        "two whole numbers from 1 to 500 such as 1-8, or one",
        "dois números inteiros de 1 a 500, como 1-8, ou um só"
    )

    /// `4-16`, or `16` for up to so many.
    static func size(_ text: String) -> ClosedRange<Int>? {
        let numbers = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count <= 2, let last = numbers.last ?? nil, let first = numbers.count == 1 ? 1 : numbers[0] else { return nil }
        guard first >= 1, last >= first, last <= 500 else { return nil }
        return first...last
    }

    static func measure(_ database: any Database, in registry: MetricsRegistry) {
        guard let database = database as? PostgresDatabase else { return }
        let readers = registry.gauge("batuta_database_readers", "Connections for reading from PostgreSQL that there are now.")
        let reads = registry.gauge("batuta_database_reads", "Reads from PostgreSQL since the start.")
        let wait = registry.gauge("batuta_database_wait_seconds", "How long reads waited for a connection since the start, all together.")
        let longest = registry.gauge("batuta_database_longest_wait_seconds", "How long the unluckiest read waited for a connection.")
        let waiting = registry.gauge("batuta_database_waiting_writes", "Batches of writes that wait for their commit now.")
        let connects = registry.gauge("batuta_database_connects", "Connections to PostgreSQL that were made since the start.")
        registry.beforeReading {
            let now = database.statistics
            readers.set(Double(now.readers))
            reads.set(Double(now.reads))
            wait.set(now.readWait / .seconds(1))
            longest.set(now.longestReadWait / .seconds(1))
            waiting.set(Double(now.waitingBatches))
            connects.set(Double(now.connects))
        }
    }
}
