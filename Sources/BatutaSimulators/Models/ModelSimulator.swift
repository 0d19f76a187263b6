import Glibc
import Synchronization

/// A server of models on loopback whose answers are scripted, in all four protocols: the counterpart of provider tests, engine tests and
/// benchmarks, and of projects that are tried without a model (`batuta simulate models`).
///
/// It runs on one thread of its own, speaks HTTP/1.1 with keep-alive and chunked server-sent events, and costs so little that a
/// measurement next to it measures the client. Queued replies come first, in order; then `script` decides by the model's name.
public final class ModelSimulator: Sendable {
    /// The port it listens on, once started.
    public var port: Int { state.withLock { $0.port } }
    /// What a provider's `base_url` should be.
    public var baseURL: String { "http://127.0.0.1:\(port)/v1" }
    /// The same for Google's protocol.
    public var geminiBaseURL: String { "http://127.0.0.1:\(port)/v1beta" }

    private struct State {
        var port: Int
        var queue: [SimulatedReply] = []
        var requests: [SimulatedRequest] = []
        var count = 0
        var closed = 0
        var plans: [String: ReplyPlan] = [:]
        var waiters: [(count: Int, signal: AsyncStream<Void>.Continuation)] = []
        var loop: SimulatorLoop?
        var thread: pthread_t?
    }

    private let script: SimulatedScript
    private let records: Bool
    private let checks: Bool
    private let talk = SimulatedTalk()
    private let state: Mutex<State>

    /// - Parameters:
    ///   - port: 0 takes a free one.
    ///   - records: whether bodies are kept for `requests`; switch it off for measurements.
    ///   - checks: whether what the provider would refuse is refused; it means reading each request, so switch it off for measurements.
    public init(port: Int = 0, script: SimulatedScript = SimulatedScript(), records: Bool = true, checks: Bool = true) {
        self.script = script
        self.records = records
        self.checks = checks
        state = Mutex(State(port: port))
    }

    deinit { stop() }

    /// Listens on 127.0.0.1 and answers from now on. Throws `SimulatorError` when the port is taken.
    @discardableResult
    public func start() throws -> ModelSimulator {
        let (listener, port) = try Self.listen(on: state.withLock { $0.port })
        let loop = try Self.loop(
            listener,
            onClose: { [weak self] in self?.state.withLock { $0.closed += 1 } },
            answer: { [weak self] request in self?.plan(for: request) ?? ReplyPlan(.drop, for: request) }
        )
        var thread = pthread_t()
        let context = Unmanaged.passRetained(loop)
        let code = pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                Unmanaged<SimulatorLoop>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            context.toOpaque()
        )
        guard code == 0 else {
            context.release()
            throw SimulatorError(message: "no thread: errno \(code)")
        }
        state.withLock { state in
            state.port = port
            state.loop = loop
            state.thread = thread
        }
        return self
    }

    /// Closes every connection and ends the thread; waits for it.
    public func stop() {
        let (loop, thread) = state.withLock { state in
            defer {
                state.loop = nil
                state.thread = nil
            }
            return (state.loop, state.thread)
        }
        loop?.stop()
        if let thread { pthread_join(thread, nil) }
    }

    /// Answers the next requests with these, in order, before the script is asked again.
    public func enqueue(_ replies: SimulatedReply...) { state.withLock { $0.queue += replies } }

    /// What the model `talk` can be told to do wrong (`fault: NAME`).
    public static var faults: [String] { SimulatedTalk.faultNames }

    /// How many requests came in.
    public var requestCount: Int { state.withLock { $0.count } }
    /// How many connections were closed, by either side.
    public var closedConnections: Int { state.withLock { $0.closed } }
    /// The requests, oldest first (when `records` is on).
    public var requests: [SimulatedRequest] { state.withLock { $0.requests } }

    /// Waits until so many requests have come in.
    public func waitForRequests(_ count: Int) async {
        let (signal, continuation) = AsyncStream<Void>.makeStream()
        let isThere = state.withLock { state in
            if state.count >= count { return true }
            state.waiters.append((count, continuation))
            return false
        }
        if isThere { return }
        for await _ in signal { break }
    }

    private func plan(for request: SimulatedRequest) -> ReplyPlan {
        let (queued, ready) = state.withLock { state in
            state.count += 1
            if records { state.requests.append(request) }
            let ready = state.waiters.filter { $0.count <= state.count }
            state.waiters.removeAll { $0.count <= state.count }
            return (state.queue.isEmpty ? nil : state.queue.removeFirst(), ready)
        }
        for waiter in ready { waiter.signal.yield() }
        if request.path.hasSuffix("/models") { return ReplyPlan(.body("{\"object\":\"list\",\"data\":[]}"), for: request) }
        // A model that is asked what its provider would refuse says so, whatever was to come.
        if checks, let wrong = SimulatedRules.violation(in: request), wrong.status == 404 || !request.path.hasSuffix("/embeddings") {
            return ReplyPlan(.failure(wrong.status, wrong.message, code: wrong.code), for: request)
        }
        if request.path.hasSuffix("/embeddings") { return ReplyPlan(queued ?? SimulatedEmbeddings.reply(to: request), for: request) }
        return queued.map { ReplyPlan($0, for: request) } ?? scriptedPlan(for: request)
    }

    /// Answers of the script are few; each is composed once.
    private func scriptedPlan(for request: SimulatedRequest) -> ReplyPlan {
        let model = request.model
        if SimulatedScript.isTalk(model) { return ReplyPlan(talk.reply(to: request), for: request) }
        let round = model.hasPrefix("tools") ? "\(request.toolResults) \(request.firstTool ?? "")" : ""
        let key = "\(request.wire) \(model) \(request.streams) \(round)"
        if let plan = state.withLock({ $0.plans[key] }) { return plan }
        let plan = ReplyPlan(script.reply(to: request), for: request)
        state.withLock { $0.plans[key] = plan }
        return plan
    }

    /// The loop closes the listener at its end; without one it is closed here.
    private static func loop(
        _ listener: Int32,
        onClose: @escaping @Sendable () -> Void,
        answer: @escaping @Sendable (SimulatedRequest) -> ReplyPlan
    ) throws -> SimulatorLoop {
        do {
            return try SimulatorLoop(listener: listener, onClose: onClose, answer: answer)
        } catch {
            close(listener)
            throw error
        }
    }

    private static func listen(on port: Int) throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SimulatorError(message: "no socket: errno \(errno)") }
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(clamping: port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && Glibc.listen(descriptor, 1_024) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        guard bound else {
            defer { close(descriptor) }
            throw SimulatorError(message: "127.0.0.1:\(port) cannot be used: errno \(errno)")
        }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }
}
