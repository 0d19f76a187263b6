/// A database that a project's tools ask: connections of its own, never the store's. Opened when the first query comes; closed when nobody
/// holds it any more.
///
/// Making one connects to nothing and starts no thread.
public final class QueryDatabase: Sendable {
    /// What a database is and how many connections it gets. Equal ones can share a pool.
    public struct Configuration: Sendable, Hashable {
        public var place: QueryPlace
        /// Connections that stay open when nothing is to be done.
        public var minimum: Int
        /// Connections at most; each is a thread.
        public var maximum: Int

        public init(place: QueryPlace, minimum: Int = 1, maximum: Int = 10) {
            self.place = place
            self.minimum = max(0, minimum)
            self.maximum = max(1, minimum, maximum)
        }
    }

    public let configuration: Configuration
    private let pool: QueryPool

    public init(_ configuration: Configuration) {
        self.configuration = configuration
        let place = configuration.place
        pool = QueryPool(minimum: configuration.minimum, maximum: configuration.maximum) { time throws(QueryFailure) in
            switch place {
            case .sqlite(let path): try SQLiteQueryConnection(path: path)
            case .postgres(let url): try PostgresQueryConnection(url: url, within: time)
            }
        }
    }

    deinit { pool.close() }

    /// Threads with a connection, for tests and metrics.
    public var connections: Int { pool.connections }

    /// Runs one statement. Cancelling the task ends it soon, on the server too.
    public func perform(_ query: Query) async throws(QueryFailure) -> QueryAnswer {
        let ticket = QueryTicket(query)
        let answer: QueryTicket.Answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard ticket.wait(continuation) else {
                    return continuation.resume(returning: .failure(QueryFailure(.cancelled, "stopped before it began")))
                }
                pool.submit(ticket)
            }
        } onCancel: {
            ticket.stop()
        }
        return try answer.get()
    }
}
