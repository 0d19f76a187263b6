import CCurl

/// An HTTP client: HTTP/1.1 and, over TLS, HTTP/2; connections are kept and shared by all requests.
///
/// All of it lives on one thread. A caller that runs there already (`Task(executorPreference: client.executor)`) is resumed without
/// waking another thread; from anywhere else it works as well. Cancelling the calling task ends the exchange at once and closes its
/// connection (over HTTP/2: its stream).
public final class HTTPClient: Sendable {
    /// What holds for every request of a client.
    public struct Configuration: Sendable {
        /// Kept open at most, all hosts together.
        public var idleConnections: Int
        /// 0 = no limit; more requests wait for a free connection, and their time-outs run meanwhile.
        public var connectionsPerHost: Int
        /// Sent where a request has no `User-Agent`.
        public var userAgent: String
        /// PEM file of certificate authorities, in place of the system's.
        public var certificateFile: String?

        public init(
            idleConnections: Int = 256,
            connectionsPerHost: Int = 0,
            userAgent: String = "batuta",
            certificateFile: String? = nil
        ) {
            self.idleConnections = idleConnections
            self.connectionsPerHost = connectionsPerHost
            self.userAgent = userAgent
            self.certificateFile = certificateFile
        }
    }

    /// The thread that owns the connections.
    public let loop: NetworkLoop
    private let configuration: Configuration

    /// - Throws: `connectFailed` where the system gives no thread or descriptors.
    public init(_ configuration: Configuration = Configuration()) throws(HTTPClientError) {
        let made = NetworkLoop(
            idleConnections: configuration.idleConnections,
            connectionsPerHost: configuration.connectionsPerHost
        )
        guard let made else {
            throw HTTPClientError(.connectFailed, "The system gives no thread or file descriptors for the HTTP client; raise its limits.")
        }
        loop = made
        self.configuration = configuration
    }

    deinit { loop.shutdown() }

    /// Where tasks that talk a lot should run: `Task(executorPreference: client.executor) { … }`.
    public var executor: any TaskExecutor { loop }

    /// Cancels every exchange and ends the thread; requests after it fail with `cancelled`.
    public func shutdown() { loop.shutdown() }

    /// Sends `request` and gathers the whole body.
    public func fetch(_ request: ClientRequest) async throws(HTTPClientError) -> ClientResponse {
        var gathered = GatheredBody()
        let head = try await stream(request, into: &gathered)
        return ClientResponse(head: head, body: gathered.bytes)
    }

    /// Sends `request` and hands the response over as it arrives, on the loop's thread, without a hop per piece.
    ///
    /// `onBytes` ends the exchange with `.stop`; the call then returns the head as after a complete response. Pieces that came before
    /// an error have been handed over.
    public func stream(
        _ request: ClientRequest,
        onHead: @escaping @Sendable (ClientResponseHead) -> StreamDecision = { _ in .more },
        onBytes: @escaping @Sendable (UnsafeRawBufferPointer) -> StreamDecision
    ) async throws(HTTPClientError) -> ClientResponseHead {
        var closures = ClosureConsumer(onHead: onHead, onBytes: onBytes)
        return try await stream(request, into: &closures)
    }

    /// The same with a value that keeps state between pieces; it comes back with what it gathered, also when this throws.
    public func stream<Consumer: ResponseConsumer>(
        _ request: ClientRequest,
        into consumer: inout Consumer
    ) async throws(HTTPClientError) -> ClientResponseHead {
        let receiver = RedirectingReceiver(consumer)
        defer { consumer = receiver.consumer }
        var request = request
        var hops = 0
        let began = bcurl_now()
        while true {
            try HTTPClient.check(request)
            receiver.prepare(request)
            let head = try await exchange(request, began: began, hops: hops, receiver)
            let location = head.headers["Location"]
            switch try Redirect.decide(head.status, location: location, request: request, hops: hops) {
            case .none: return head
            case .follow(let next): request = next
            }
            hops += 1
        }
    }

    private func exchange(
        _ request: ClientRequest,
        began: UInt64,
        hops: Int,
        _ receiver: any TransferReceiver & Sendable
    ) async throws(HTTPClientError) -> ClientResponseHead {
        let loop = loop
        let transfer = try Transfer(request, began: began, loop: loop, options: configuration, receiver: receiver)
        let outcome: Transfer.Outcome = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                guard !loop.perform({ transfer.start(continuation) }) else { return }
                continuation.resume(returning: .failure(Transfer.startFailure(Transfer.shutDownCode, request.url)))
            }
        } onCancel: {
            loop.submit(.operation { transfer.cancel() })
        }
        do {
            return try outcome.get()
        } catch {
            var error = error
            error.wasSent = error.wasSent || hops > 0
            throw error
        }
    }

    /// What libcurl would guess at or let through.
    private static func check(_ request: ClientRequest) throws(HTTPClientError) {
        let start = request.url.utf8.prefix(8).map { $0 | 0x20 }
        guard start.starts(with: "http://".utf8) || start.starts(with: "https://".utf8), !request.url.utf8.contains(0) else {
            throw HTTPClientError(.badURL, "The URL does not begin with http:// or https://.")
        }
        if request.unixSocket != nil, request.egress != .trusted {
            throw HTTPClientError(.egressRefused, "A Unix socket is no public address.")
        }
    }
}
