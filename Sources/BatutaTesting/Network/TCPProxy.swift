import Foundation
import Glibc
import Synchronization

/// A way to a server that a test can disturb: it cuts, delays, halves and swallows what goes through, and lets later connections overtake earlier ones.
public final class TCPProxy: Sendable {
    public enum Upstream: Sendable {
        case port(Int)
        case socket(String)
    }

    /// What becomes of bytes.
    public enum Weather: Sendable, Hashable {
        case clear
        /// Each piece is that late.
        case slow(milliseconds: UInt32)
        /// Nothing arrives, and nobody is told.
        case silent
        /// New connections are closed at once.
        case closed
        /// A new connection waits for the next one, which is served first; alone it waits for a quarter of a second.
        case disorderly
    }

    public let port: Int
    private let upstream: Upstream
    private let listener: Int32
    private let state = Mutex(State())

    private struct State {
        var weather = Weather.clear
        var links: [Link] = []
        var held: Int32?
        var accepted = 0
        var isClosed = false
    }

    public init(to upstream: Upstream) throws {
        self.upstream = upstream
        (listener, port) = try LoopbackSocket.listen()
        Thread { [self] in acceptAll() }.start()
    }

    public var weather: Weather {
        get { state.withLock { $0.weather } }
        set { state.withLock { $0.weather = newValue } }
    }

    /// Connections that came so far.
    public var accepted: Int { state.withLock { $0.accepted } }

    /// Breaks every connection, as a firewall that forgot them does.
    public func cut() { for link in state.withLock({ $0.links }) { link.cut() } }

    /// Every client is told that the server has nothing more to say, and may go on to speak.
    public func halve() { for link in state.withLock({ $0.links }) { link.halve() } }

    public func close() {
        state.withLock { $0.isClosed = true }
        cut()
    }

    private var isClosed: Bool { state.withLock { $0.isClosed } }

    private func acceptAll() {
        defer { Glibc.close(listener) }
        while !isClosed {
            var watched = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            guard poll(&watched, 1, 250) > 0 else {
                serveHeld()
                continue
            }
            let client = SpawnedProcess.starting.withLock { _ in
                let client = accept(listener, nil, nil)
                if client >= 0 { _ = fcntl(client, F_SETFD, FD_CLOEXEC) }
                return client
            }
            guard client >= 0 else { continue }
            take(client)
        }
        serveHeld()
    }

    private func take(_ client: Int32) {
        state.withLock { $0.accepted += 1 }
        switch weather {
        case .closed: Glibc.close(client)
        case .disorderly:
            let isFirst = state.withLock { state in
                guard state.held == nil else { return false }
                state.held = client
                return true
            }
            guard !isFirst else { return }
            serve(client)
            serveHeld()
        default:
            serveHeld()
            serve(client)
        }
    }

    private func serveHeld() {
        let held = state.withLock { state in
            defer { state.held = nil }
            return state.held
        }
        if let held { serve(held) }
    }

    private func serve(_ client: Int32) {
        guard let server = connect() else {
            Glibc.close(client)
            return
        }
        let link = Link(client: client, server: server)
        let isLate = state.withLock { state in
            state.links.append(link)
            return state.isClosed
        }
        if isLate { link.cut() }
        for (from, to) in [(client, server), (server, client)] {
            Thread { [self] in
                link.pump(from, to) { [self] in weather }
                if link.hasEnded() { state.withLock { $0.links.removeAll { $0 === link } } }
            }
            .start()
        }
    }

    private func connect() -> Int32? {
        switch upstream {
        case .port(let port): LoopbackSocket.connect(port: port)
        case .socket(let path): LoopbackSocket.connect(path: path)
        }
    }
}

/// Two ends of one connection.
private final class Link: Sendable {
    private let client: Int32
    private let server: Int32
    private let state = Mutex((isCut: false, pumps: 2))

    init(client: Int32, server: Int32) { (self.client, self.server) = (client, server) }

    func cut() {
        state.withLock { state in
            guard state.pumps > 0 else { return }
            state.isCut = true
            // What is closed with this set is reset.
            var now = linger(l_onoff: 1, l_linger: 0)
            for end in [client, server] {
                setsockopt(end, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
                shutdown(end, Int32(SHUT_RDWR))
            }
        }
    }

    func halve() { state.withLock { if $0.pumps > 0 { _ = shutdown(client, Int32(SHUT_WR)) } } }

    /// One of the two directions is over; true when that was the last.
    func hasEnded() -> Bool {
        state.withLock { state in
            state.pumps -= 1
            guard state.pumps == 0 else { return false }
            close(client)
            close(server)
            return true
        }
    }

    private var isCut: Bool { state.withLock { $0.isCut } }

    func pump(_ from: Int32, _ to: Int32, _ weather: () -> TCPProxy.Weather) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while !isCut {
            if weather() == .silent {
                usleep(20_000)
                continue
            }
            var watched = pollfd(fd: from, events: Int16(POLLIN), revents: 0)
            guard poll(&watched, 1, 50) > 0 else { continue }
            let count = read(from, &buffer, buffer.count)
            guard count > 0 else { break }
            if case .slow(let milliseconds) = weather() { usleep(milliseconds * 1_000) }
            // What was taken before the silence is lost in it, as on the way.
            if weather() == .silent { continue }
            guard LoopbackSocket.send(buffer[..<count], to: to) else { break }
        }
        shutdown(to, Int32(SHUT_WR))
    }
}
