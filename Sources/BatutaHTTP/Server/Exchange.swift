import CBeast
import Synchronization

/// One request and its response on a connection. Every function may be called from any thread, at any time, also after the end.
final class Exchange: Sendable {
    /// What waits for the body's first part.
    struct Pending {
        var request: HTTPRequest
        var handler: RouteHandler
    }

    private struct State {
        var pending: Pending?
        var task: Task<Void, Never>?
        /// How many tasks came to their end before they were held.
        var ended = 0
        var onClose: [@Sendable () -> Void] = []
        var isOver = false
        var closeCode: UInt16?
    }

    // SAFETY: the C connection is reference counted and takes its own locks.
    nonisolated(unsafe) private let connection: OpaquePointer
    private let serial: UInt32
    let core: ServerCore
    let loop: Int
    private let state: Mutex<State>

    init(connection: OpaquePointer, serial: UInt32, core: ServerCore, loop: Int, pending: Pending?) {
        cb_conn_retain(connection)
        self.connection = connection
        self.serial = serial
        self.core = core
        self.loop = loop
        state = Mutex(State(pending: pending))
    }

    deinit { cb_conn_release(connection) }

    func takePending() -> Pending? {
        state.withLock { state in
            defer { state.pending = nil }
            return state.pending
        }
    }

    /// Begins the exchange's work, which is cancelled when the peer leaves, at once when it is gone already. A task that has come to its end is let go:
    /// a stream may stay open for days, and ten thousand of them.
    func hold(_ placement: HandlerPlacement, _ work: @escaping @Sendable () async -> Void) {
        let task = core.startTask(on: loop, placement) {
            await work()
            self.letGo()
        }
        let isOver = state.withLock { state in
            guard state.ended == 0 else {
                state.ended -= 1
                return false
            }
            if !state.isOver { state.task = task }
            return state.isOver
        }
        if isOver { task.cancel() }
    }

    private func letGo() {
        state.withLock { state in
            if state.task == nil, !state.isOver { state.ended += 1 }
            state.task = nil
        }
    }

    // MARK: The response

    /// False when the request is over.
    @discardableResult
    func respond(_ status: HTTPStatus, _ headers: HTTPHeaders, _ body: [UInt8], closing: Bool = false) -> Bool {
        let lines = HeaderLines.encode(headers)
        return body.withUnsafeBufferPointer { body in
            let flags = closing ? Int32(CB_CLOSE) : 0
            return cb_respond(connection, serial, Int32(clamping: status.code), lines, lines.count, body.baseAddress, body.count, flags)
                == 0
        }
    }

    func begin(_ status: HTTPStatus, _ headers: HTTPHeaders, length: Int?) -> Bool {
        let lines = HeaderLines.encode(headers)
        return cb_begin(connection, serial, Int32(clamping: status.code), lines, lines.count, Int64(length ?? -1)) == 0
    }

    func write(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        let queued = cb_write(connection, serial, bytes.baseAddress, bytes.count)
        return queued >= 0 ? Int(queued) : nil
    }

    func finish(whole: Bool) { cb_finish(connection, serial, whole ? 1 : 0) }

    func heartbeat(_ heartbeat: HTTPResponse.Heartbeat) {
        cb_heartbeat(connection, serial, heartbeat.bytes, heartbeat.bytes.count, heartbeat.every.wholeMilliseconds)
    }

    // MARK: WebSocket

    func acceptWebSocket(_ headers: HTTPHeaders) -> Bool {
        let lines = HeaderLines.encode(headers)
        return cb_ws_accept(connection, serial, lines, lines.count) == 0
    }

    func send(_ bytes: UnsafeBufferPointer<UInt8>, isText: Bool) -> Int? {
        let queued = cb_ws_send(connection, serial, isText ? 1 : 0, bytes.baseAddress, bytes.count)
        return queued >= 0 ? Int(queued) : nil
    }

    func close(_ code: UInt16, _ reason: String) {
        var reason = reason
        reason.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { cb_ws_close(connection, serial, code, $0.baseAddress, $0.count) }
        }
    }

    /// Asks for one message; `receive` is called once, on the loop unless the socket is closed, with nil when it is.
    func receiveMessage(_ receive: @escaping @Sendable (WebSocketMessage?) -> Void) {
        let waiter = Reader { part in receive(part.message) }
        cb_ws_receive(connection, serial, 1, Reader.callback, Unmanaged.passRetained(waiter).toOpaque())
    }

    // MARK: Waiting

    func readBody() async throws -> (bytes: [UInt8], isLast: Bool) {
        let part = await wait { cb_read_body(connection, serial, Reader.callback, $0) }
        switch part.kind {
        case CB_BYTES: return (part.bytes, false)
        case CB_LAST: return (part.bytes, true)
        case CB_FAILED where part.code == CB_BODY_TOO_LARGE: throw Problem.bodyTooLarge
        case CB_FAILED where part.code == CB_BODY_TOO_SLOW: throw Problem.bodyTooSlow
        case CB_FAILED: throw Problem.badFraming
        default: throw HTTPServerError.streamOver
        }
    }

    func nextMessage() async -> WebSocketMessage? {
        await wait { cb_ws_receive(connection, serial, 0, Reader.callback, $0) }.message
    }

    func drained() async -> Bool {
        await wait { cb_drained(connection, serial, Reader.callback, $0) }.kind == CB_BYTES
    }

    /// Suspends until the C side answers, which it does exactly once; a cancelled task is answered at once.
    private func wait(_ ask: (UnsafeMutableRawPointer) -> Void) async -> Reader.Part {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let reader = Reader { continuation.resume(returning: $0) }
                ask(Unmanaged.passRetained(reader).toOpaque())
                if Task.isCancelled { cb_cancel_waits(connection, serial) }
            }
        } onCancel: {
            cb_cancel_waits(connection, serial)
        }
    }

    // MARK: The end

    var isOpen: Bool { state.withLock { !$0.isOver } }
    var closeCode: UInt16? { state.withLock { $0.closeCode } }

    func onClose(_ call: @escaping @Sendable () -> Void) {
        let isOver = state.withLock { state in
            if !state.isOver { state.onClose.append(call) }
            return state.isOver
        }
        if isOver { call() }
    }

    /// The last that the loop says of this request.
    func closed(reason: Int32, code: Int32) {
        let (task, calls) = state.withLock { state in
            defer {
                state.isOver = true
                state.closeCode = UInt16(exactly: code)
                state.onClose = []
                state.task = nil
                state.pending = nil
            }
            return (state.task, state.onClose)
        }
        if reason != Int32(CB_DONE) { task?.cancel() }
        for call in calls { call() }
    }
}
