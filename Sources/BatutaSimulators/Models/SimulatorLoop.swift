import Glibc
import Synchronization

/// The thread of a simulator: waits for its sockets with poll(2) and performs replies.
final class SimulatorLoop: Sendable {
    private let listener: Int32
    private let wakeRead: Int32
    private let wakeWrite: Int32
    private let isStopping = Mutex(false)
    private let answer: @Sendable (SimulatedRequest) -> ReplyPlan
    private let onClose: @Sendable () -> Void

    init(listener: Int32, onClose: @escaping @Sendable () -> Void, answer: @escaping @Sendable (SimulatedRequest) -> ReplyPlan) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SimulatorError(message: "pipe failed: errno \(errno)") }
        self.listener = listener
        wakeRead = ends[0]
        wakeWrite = ends[1]
        self.answer = answer
        self.onClose = onClose
    }

    func stop() {
        isStopping.withLock { $0 = true }
        _ = write(wakeWrite, [1], 1)
    }

    func run() {
        var connections: [Int32: SimulatorConnection] = [:]
        while !isStopping.withLock({ $0 }) {
            var watched = [
                pollfd(fd: listener, events: Int16(POLLIN), revents: 0), pollfd(fd: wakeRead, events: Int16(POLLIN), revents: 0),
            ]
            for connection in connections.values {
                let events = POLLIN | (connection.wantsToWrite ? POLLOUT : 0)
                watched.append(pollfd(fd: connection.descriptor, events: Int16(events), revents: 0))
            }
            _ = poll(&watched, nfds_t(watched.count), Self.timeout(connections.values))
            for ready in watched.dropFirst(2) where ready.revents != 0 {
                if let connection = connections[ready.fd] { serve(connection, ready.revents) }
            }
            wakeDue(connections.values)
            for (descriptor, connection) in connections where connection.isClosed {
                connections[descriptor] = nil
                onClose()
            }
            if watched[0].revents != 0 { accept(into: &connections) }
        }
        for connection in connections.values { connection.close() }
        for descriptor in [listener, wakeRead, wakeWrite] { _ = close(descriptor) }
    }

    private func serve(_ connection: SimulatorConnection, _ events: Int16) {
        if events & Int16(POLLOUT) != 0 { connection.writable() }
        if events & Int16(POLLIN | POLLHUP | POLLERR) != 0, !connection.isClosed { connection.readable(answer) }
        if !connection.isClosed { connection.serve(answer) }
    }

    private func wakeDue(_ connections: some Collection<SimulatorConnection>) {
        let waiting = connections.filter { $0.wakeAt != nil }
        guard !waiting.isEmpty else { return }
        let now = SimulatorParser.now()
        for connection in waiting where (connection.wakeAt ?? .max) <= now && !connection.isClosed {
            connection.wake()
            connection.serve(answer)
        }
    }

    /// Milliseconds until the next pause is over, rounded up; -1 for none.
    private static func timeout(_ connections: some Collection<SimulatorConnection>) -> Int32 {
        guard let next = connections.compactMap(\.wakeAt).min() else { return -1 }
        let now = SimulatorParser.now()
        return next <= now ? 0 : Int32(clamping: (next - now + 999_999) / 1_000_000)
    }

    private func accept(into connections: inout [Int32: SimulatorConnection]) {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            var on: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            connections[descriptor] = SimulatorConnection(descriptor)
        }
    }
}

/// Why a simulator could not start.
public struct SimulatorError: Error, Sendable {
    public var message: String
}
