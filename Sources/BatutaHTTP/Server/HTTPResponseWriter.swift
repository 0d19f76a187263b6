/// The open end of a streamed response. A value: copies write to the same stream. Usable from any thread.
public struct HTTPResponseWriter: Sendable, Hashable {
    /// Above this many waiting bytes `write` awaits; below 64 KiB it goes on.
    public static let highWater = 256 * 1024

    let exchange: Exchange

    /// Writes into the connection's buffer; suspends only while the reader is far behind. Throws `peer_left` when the stream is over.
    public func write(_ bytes: [UInt8]) async throws {
        guard let queued = tryWrite(bytes) else { throw HTTPServerError.streamOver }
        guard queued > Self.highWater else { return }
        guard await exchange.drained() else { throw HTTPServerError.streamOver }
    }

    /// Writes without ever waiting and tells how many bytes are now queued; nil when the stream is over.
    /// A reader that lets `Limits.unsentBytes` gather is cut off.
    @discardableResult
    public func tryWrite(_ bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBufferPointer { exchange.write($0) }
    }

    /// Has bytes written whenever the stream was silent for so long. Such a stream ends by itself when the server drains.
    public func keepAlive(_ heartbeat: HTTPResponse.Heartbeat) { exchange.heartbeat(heartbeat) }

    /// Ends the response well. What is queued is still sent.
    public func finish() { exchange.finish(whole: true) }

    /// Cuts the connection, so that the reader sees that something is missing.
    public func abort() { exchange.finish(whole: false) }

    /// Whether writing still makes sense.
    public var isOpen: Bool { exchange.isOpen }

    /// Calls back once, when the stream is over for whatever reason; at once when it is over already. Must not block.
    public func onClose(_ call: @escaping @Sendable () -> Void) { exchange.onClose(call) }

    public static func == (left: HTTPResponseWriter, right: HTTPResponseWriter) -> Bool { left.exchange === right.exchange }
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(exchange)) }
}

extension HTTPServerError {
    static let streamOver = HTTPServerError(.peerLeft, "The response is over: its reader left, was too slow, or the server drains.")
}
