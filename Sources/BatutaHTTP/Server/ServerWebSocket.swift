/// The server's end of a WebSocket. A value: copies are the same socket. Usable from any thread.
public struct ServerWebSocket: Sendable, Hashable {
    let exchange: Exchange

    /// Queues a message; suspends only while the reader is far behind. Throws `peer_left` when the socket is closed.
    public func send(_ message: WebSocketMessage) async throws {
        guard let queued = trySend(message) else { throw HTTPServerError.streamOver }
        guard queued > HTTPResponseWriter.highWater else { return }
        guard await exchange.drained() else { throw HTTPServerError.streamOver }
    }

    /// Returns when the reader is not far behind. Throws `peer_left` when the socket is closed.
    public func room() async throws {
        guard await exchange.drained() else { throw HTTPServerError.streamOver }
    }

    /// Queues a text message; see `send(_:)`.
    public func send(text: String) async throws { try await send(.text(text)) }

    /// Queues a message without waiting and tells how many bytes are now queued; nil when the socket is closed.
    @discardableResult
    public func trySend(_ message: WebSocketMessage) -> Int? {
        trySend(message.bytes, kind: message.kind)
    }

    @discardableResult
    public func trySend(_ bytes: [UInt8], kind: WebSocketMessage.Kind = .text) -> Int? {
        bytes.withUnsafeBufferPointer { exchange.send($0, isText: kind == .text) }
    }

    /// The client's messages, one after the other; ends when the socket is closed. For one reader. A slow reader slows the client down.
    public var messages: Messages { Messages(exchange: exchange) }

    /// Calls back for each message, on the connection's loop, with no task; instead of `messages`. Must not block.
    public func onMessage(_ call: @escaping @Sendable (WebSocketMessage) -> Void) { exchange.forEachMessage(call) }

    /// Calls back once when the socket is closed; at once when it is already.
    public func onClose(_ call: @escaping @Sendable () -> Void) { exchange.onClose(call) }

    /// Sends what is queued, then the close frame. The reason is cut to 120 bytes of UTF-8.
    public func close(_ code: WebSocketCloseCode = .done, reason: String = "") {
        var short = reason
        while short.utf8.count > 120 { short.removeLast() }
        exchange.close(code.rawValue, short)
    }

    /// Whether sending still makes sense.
    public var isOpen: Bool { exchange.isOpen }

    /// How it was closed, once it is: the peer's code, or ours.
    public var closeCode: WebSocketCloseCode? { exchange.closeCode.map(WebSocketCloseCode.init(rawValue:)) }

    public static func == (left: ServerWebSocket, right: ServerWebSocket) -> Bool { left.exchange === right.exchange }
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(exchange)) }

    /// The messages of one socket.
    public struct Messages: AsyncSequence, Sendable {
        let exchange: Exchange

        public func makeAsyncIterator() -> Iterator { Iterator(exchange: exchange) }

        /// Waits for one message after the other.
        public struct Iterator: AsyncIteratorProtocol {
            let exchange: Exchange

            /// nil when the socket is closed or the task cancelled.
            public mutating func next() async throws -> WebSocketMessage? { await exchange.nextMessage() }
        }
    }
}

extension Exchange {
    func forEachMessage(_ call: @escaping @Sendable (WebSocketMessage) -> Void) {
        receiveMessage { [self] message in
            guard let message else { return }
            call(message)
            forEachMessage(call)
        }
    }
}
