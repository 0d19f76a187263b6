import CPostgres
import Glibc
import Synchronization

/// The rings that wait for a bell's thread, and the wire that wakes it.
final class BellWire: Sendable {
    /// A pipe that interrupts the thread's waiting.
    let wake: Int32
    private let wakeEnd: Int32
    private let state = Mutex(State())

    private struct State {
        var gathered = GatheredRings()
        /// When what gathered is to be said.
        var due = ContinuousClock.now
        var isClosed = false
    }

    init() throws(StorageError) {
        var ends: [Int32] = [-1, -1]
        guard batuta_postgres_pipe(&ends) == 0 else { throw .system("cannot make the doorbell", errno) }
        (wake, wakeEnd) = (ends[0], ends[1])
    }

    deinit {
        Glibc.close(wake)
        Glibc.close(wakeEnd)
    }

    /// - Parameter delay: How long it may wait for others.
    func add(_ ring: BellRing, within delay: Duration = .zero) {
        let due = ContinuousClock.now + delay
        let isSooner = state.withLock { state in
            let isSooner = state.gathered.isEmpty || due < state.due
            if isSooner { state.due = due }
            state.gathered.add(ring)
            return isSooner
        }
        if isSooner { interrupt() }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        interrupt()
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// The message for what has gathered and is due.
    func takePayload() -> String? {
        state.withLock { state in
            guard !state.gathered.isEmpty, state.due <= .now else { return nil }
            return state.gathered.takePayload()
        }
    }

    /// How long the thread may wait before it has something to say.
    func timeToRest(atMost longest: Duration) -> Duration {
        state.withLock { state in
            guard !state.gathered.isEmpty else { return longest }
            // A millisecond is the least that `poll` waits, and so nobody spins until the moment has come.
            return min(longest, max(.milliseconds(1), state.due - .now + .milliseconds(1)))
        }
    }

    /// Waits, unless the bell is closed. Rings do not shorten it: what they say goes out with the next connection.
    func pause(_ time: Duration) {
        let end = ContinuousClock.now + time
        while !isClosed, ContinuousClock.now < end { usleep(20_000) }
    }

    func forgetInterruptions() {
        var bytes = [UInt8](repeating: 0, count: 512)
        while read(wake, &bytes, bytes.count) == bytes.count {}
    }

    private func interrupt() {
        // A pipe that is full interrupts as well.
        _ = write(wakeEnd, [1], 1)
    }
}
