import CBeast
import Glibc
import Synchronization

/// An HTTP/1.1 and WebSocket server on one or a few threads of its own. TLS and HTTP/2 are the reverse proxy's.
public final class HTTPServer: Sendable {
    private let core: ServerCore
    private let state = Mutex(State())

    private struct State {
        var handle: ServerHandle?
        var address: BoundAddress?
    }

    /// Throws `invalid_route` when two routes are the same or a pattern cannot be read.
    public init(configuration: Configuration = Configuration(), router: Router) throws(HTTPServerError) {
        core = ServerCore(configuration, try RouteTree(router.routes))
    }

    deinit {
        state.withLock { $0.handle }.map { cb_server_drain($0.pointer, 0) }
    }

    /// Binds, listens and serves from now on; returns at once. Ignores SIGPIPE in the process.
    /// Throws `address_in_use`, `bind_failed`, or `already_started`.
    @discardableResult
    public func start() throws(HTTPServerError) -> BoundAddress {
        guard state.withLock({ $0.handle }) == nil else {
            throw HTTPServerError(.alreadyStarted, "The server was started before; make a new one.")
        }
        if core.configuration.raisesFileLimit { Self.raiseFileLimit() }
        let handle = ServerHandle(createServer())
        core.setExecutors((0..<loopCount).map { LoopExecutor(handle, loop: UInt32($0)) })
        let retained = Unmanaged.passRetained(core)
        do { try listen(handle) } catch {
            core.setExecutors([])
            retained.release()
            throw error
        }
        cb_server_on_end(handle.pointer, { HTTPServer.ended($0) }, retained.toOpaque())
        let configuration = core.configuration
        let address = BoundAddress(host: configuration.host, port: cb_server_port(handle.pointer), unixSocket: configuration.unixSocket)
        state.withLock {
            $0.handle = handle
            $0.address = address
        }
        return address
    }

    /// Serves until its task is cancelled, then drains; also returns when somebody else drained. Starts the server unless that was done.
    public func run() async throws {
        if state.withLock({ $0.handle }) == nil { try start() }
        await withTaskCancellationHandler {
            await core.waitUntilEnded()
        } onCancel: {
            beginDrain(core.configuration.drainTimeout)
        }
        await core.waitForHandlers(upTo: .seconds(5))
    }

    /// Stops listening, closes idle connections and quiet event streams (WebSockets with 1001), lets requests finish, cuts what is left at the
    /// deadline, and returns when all is closed.
    public func drain(deadline: Duration) async {
        guard state.withLock({ $0.handle }) != nil else { return }
        beginDrain(deadline)
        await core.waitUntilEnded()
        await core.waitForHandlers(upTo: .seconds(5))
    }

    /// Open connections, idle ones included.
    public var connectionCount: Int {
        state.withLock { $0.handle }.map { Int(cb_server_connections($0.pointer)) } ?? 0
    }

    /// How late the loops' timers came since the last reading; empty when there was no connection.
    public func takeLag() -> LoopLag { core.takeLag() }

    /// Where it listens, once started.
    public var address: BoundAddress? { state.withLock { $0.address } }

    private func beginDrain(_ deadline: Duration) {
        guard let handle = state.withLock({ $0.handle }) else { return }
        cb_server_drain(handle.pointer, deadline.wholeMilliseconds)
    }

    private static func ended(_ context: UnsafeMutableRawPointer?) {
        guard let context else { return }
        Unmanaged<ServerCore>.fromOpaque(context).takeRetainedValue().loopsEnded()
    }

    // MARK: Starting

    private var loopCount: Int { min(64, max(1, core.configuration.loops)) }

    private func createServer() -> OpaquePointer {
        let configuration = core.configuration
        var config = cb_config()
        config.port = configuration.port
        config.loops = UInt32(loopCount)
        config.backlog = 1024
        config.app = Unmanaged.passUnretained(core).toOpaque()
        configuration.limits.apply(to: &config)
        configuration.timeouts.apply(to: &config)
        ServerCallbacks.install(in: &config)
        return withOptionalCString(configuration.host) { host in
            withOptionalCString(configuration.unixSocket) { path in
                config.host = host
                config.unix_path = path
                return cb_server_create(&config)
            }
        }
    }

    /// Debian's soft limit of 1,024 descriptors is no match for thousands of subscribers; the hard limit is what the operator meant.
    private static func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private func listen(_ handle: ServerHandle) throws(HTTPServerError) {
        var message = [CChar](repeating: 0, count: 256)
        let failure = cb_server_start(handle.pointer, &message, message.count)
        guard failure != 0 else { return }
        let words = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // `127.0.0.1:7700: Address already in use`
        let place = words.split(separator: ": ").dropLast().joined(separator: ": ")
        let isInUse = failure == EADDRINUSE
        throw HTTPServerError(
            isInUse ? .addressInUse : .bindFailed,
            "Cannot listen on \(words). \(isInUse ? "Stop the other process or choose another port." : "Choose another address.")",
            place: place
        )
    }
}

private func withOptionalCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
}

extension HTTPServer.Limits {
    fileprivate func apply(to config: inout cb_config) {
        config.header_limit = UInt32(clamping: header)
        config.message_limit = UInt64(clamping: webSocketMessage)
        config.max_queued = Int(clamping: unsentBytes)
        config.max_connections = UInt32(clamping: connections)
        config.low_water = 64 * 1024
    }
}

extension HTTPServer.Timeouts {
    fileprivate func apply(to config: inout cb_config) {
        config.idle_ms = idle.wholeMilliseconds
        config.header_ms = header.wholeMilliseconds
        config.body_ms = body.wholeMilliseconds
        config.write_ms = write.wholeMilliseconds
        config.ping_ms = webSocketSilence.wholeMilliseconds
        config.linger_ms = linger.wholeMilliseconds
    }
}
