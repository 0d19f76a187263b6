import Synchronization

/// Lets somebody who looks at intervals look at once.
public final class Wish: Sendable {
    private struct State {
        var isRung = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    public init() {}

    public func ring() {
        let waiter = state.withLock { state in
            state.isRung = state.waiter == nil
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Returns when it was rung, when the time is over, or when the task is cancelled. For one waiter.
    public func wait(atMost time: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.untilRung() }
            group.addTask { try? await Task.sleep(for: time) }
            await group.next()
            ring()
            group.cancelAll()
        }
        state.withLock { $0.isRung = false }
    }

    private func untilRung() async {
        await withCheckedContinuation { continuation in
            let isRung = state.withLock { state in
                if state.isRung { return true }
                state.waiter = continuation
                return false
            }
            if isRung { continuation.resume() }
        }
    }
}
