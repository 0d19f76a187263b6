public import BatutaCore

extension HTTPServer {
    /// Where the server listens and what it puts up with.
    public struct Configuration: Sendable {
        /// A name or address, IPv4 or IPv6; nil for no TCP.
        public var host: String? = "127.0.0.1"
        /// 0 for any free port; `start()` tells which.
        public var port: UInt16 = 0
        /// A path for a Unix socket of mode 0600, at most 107 bytes; nil for none. One left over by a process that died is replaced.
        public var unixSocket: String?
        /// One loop serves over 50,000 small requests per CPU second, so more are for machines with many cores.
        public var loops: Int = 1
        /// What is too large.
        public var limits = Limits()
        /// What is too slow.
        public var timeouts = Timeouts()
        /// Whether starting raises the process's soft limit of open files to its hard limit.
        public var raisesFileLimit = true
        /// How long `run()` lets requests finish when its task is cancelled.
        public var drainTimeout: Duration = .seconds(30)
        /// Turns an error of a handler into what the client sees; nil or no answer gives 500 `internal`, which tells nothing.
        public var problem: (@Sendable (any Error) -> Problem?)?
        /// The language of a request's reader, by its head; by an empty one for what is refused before there is a head.
        public var language: @Sendable (HTTPHeaders) -> Language = { _ in .english }
        /// Answers `GET` at a path that no route has, on the cooperative pool; nil, or no answer, gives 404 `not_found`.
        public var missing: (@Sendable (HTTPRequest) async throws -> HTTPResponse?)?
        /// Is told of every error that became 500 or cut a stream.
        public var onError: (@Sendable (_ requestID: String, any Error) -> Void)?

        public init() {}
    }

    /// Sizes in bytes.
    public struct Limits: Sendable {
        /// All of a request's head; above it 431.
        public var header: Int = 16 * 1024
        /// A WebSocket message from a client; above it the socket is closed with 1009.
        public var webSocketMessage: Int = 1024 * 1024
        /// What may wait for one reader; one that is further behind is cut off.
        public var unsentBytes: Int = 8 * 1024 * 1024
        /// Above this many connections new ones are answered 503.
        public var connections: Int = 20_000

        public init() {}
    }

    /// Each bounds one way of doing nothing. Reading and writing less than 4 KiB within its limit is doing nothing too.
    public struct Timeouts: Sendable {
        /// Between two requests of a connection.
        public var idle: Duration = .seconds(75)
        /// From a request's first byte (or the connection's opening) to the end of its head; then 408.
        public var header: Duration = .seconds(30)
        /// While a body is waited for.
        public var body: Duration = .seconds(30)
        /// While a reader takes nothing.
        public var write: Duration = .seconds(30)
        /// A silent WebSocket is pinged at half of it and given up at the whole.
        public var webSocketSilence: Duration = .seconds(60)
        /// After the last response of a connection, for the peer to close.
        public var linger: Duration = .seconds(2)

        public init() {}
    }

    /// Where a started server can be reached.
    public struct BoundAddress: Sendable, Hashable {
        /// As configured.
        public let host: String?
        /// 0 without TCP.
        public let port: UInt16
        /// As configured.
        public let unixSocket: String?
    }
}

extension Duration {
    /// Milliseconds for the C side: at least 1, at most what fits.
    var wholeMilliseconds: UInt32 {
        let (seconds, attoseconds) = components
        guard seconds < 4_000_000 else { return 4_000_000_000 }
        return UInt32(clamping: max(1, seconds * 1_000 + attoseconds / 1_000_000_000_000_000))
    }
}
