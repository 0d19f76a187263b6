import Glibc
import Synchronization

/// SIGINT and SIGTERM as streams. A handler writes to a pipe, a thread of its own reads it: masks would not help, since libdispatch's
/// main thread waits with every signal unblocked.
final class Signals: Sendable {
    static let shared = Signals()

    private struct State {
        var listeners: [Int: (signal: Int32, continuation: AsyncStream<Void>.Continuation)] = [:]
        var next = 0
    }

    private let state = Mutex(State())
    /// Where the handler writes; −1 until `start`.
    private static let pipeEnd = Atomic<Int32>(-1)

    /// Takes the signals from now on; called first of all.
    func start() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        Self.pipeEnd.store(ends[1], ordering: .releasing)
        for signal in [SIGINT, SIGTERM] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { Signals.write($0) }
            sigaction(signal, &action, nil)
        }
        Glibc.signal(SIGPIPE, SIG_IGN)
        // A file that may not grow is an error of a write, not the end.
        Glibc.signal(SIGXFSZ, SIG_IGN)
        let reading = UnsafeMutableRawPointer(bitPattern: Int(ends[0]) + 1)
        var thread = pthread_t()
        pthread_create(&thread, nil, { Signals.shared.read($0) }, reading)
    }

    /// The signal's arrivals from now until the stream is dropped. While somebody listens it does not end the program.
    func stream(of signal: Int32) -> AsyncStream<Void> {
        AsyncStream { continuation in
            let number = state.withLock { state in
                state.next += 1
                state.listeners[state.next] = (signal, continuation)
                return state.next
            }
            continuation.onTermination = { _ in self.state.withLock { _ = $0.listeners.removeValue(forKey: number) } }
        }
    }

    /// Runs in the signal's context: only a write.
    private static func write(_ signal: Int32) {
        var byte = UInt8(truncatingIfNeeded: signal)
        let end = pipeEnd.load(ordering: .acquiring)
        if end >= 0 { _ = Glibc.write(end, &byte, 1) }
    }

    private func read(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        let end = Int32(Int(bitPattern: argument) - 1)
        var byte: UInt8 = 0
        while true {
            let count = Glibc.read(end, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return nil }
            arrived(Int32(byte))
        }
    }

    private func arrived(_ signal: Int32) {
        let isHeard = state.withLock { state in
            let listeners = state.listeners.values.filter { $0.signal == signal }
            for listener in listeners { listener.continuation.yield() }
            return !listeners.isEmpty
        }
        if !isHeard { exit(signal == SIGINT ? ExitCode.interrupted.rawValue : 128 + signal) }
    }
}
