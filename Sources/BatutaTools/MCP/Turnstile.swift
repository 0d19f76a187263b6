import Synchronization

/// Lets one through at a time, in the order in which they came.
final class Turnstile: Sendable {
    fileprivate typealias Waiter = CheckedContinuation<Bool, Never>

    fileprivate struct State {
        var isTaken = false
        var last = 0
        var queue: [(seat: Int, waiter: Waiter)] = []
    }

    private let state = Mutex(State())

    /// False for a caller who was cancelled while it waited; it must not `leave`.
    func enter() async -> Bool {
        let seat = state.withLock { state in
            state.last += 1
            return state.last
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                if let answer = state.withLock({ $0.take(waiter, seat) }) { waiter.resume(returning: answer) }
            }
        } onCancel: {
            state.withLock { $0.giveUp(seat) }?.resume(returning: false)
        }
    }

    /// Hands the turn on.
    func leave() { state.withLock { $0.next() }?.resume(returning: true) }
}

extension Turnstile.State {
    /// nil: the caller has to wait.
    fileprivate mutating func take(_ waiter: Turnstile.Waiter, _ seat: Int) -> Bool? {
        if Task.isCancelled { return false }
        guard isTaken else {
            isTaken = true
            return true
        }
        queue.append((seat, waiter))
        return nil
    }

    fileprivate mutating func giveUp(_ seat: Int) -> Turnstile.Waiter? {
        queue.firstIndex { $0.seat == seat }.map { queue.remove(at: $0).waiter }
    }

    fileprivate mutating func next() -> Turnstile.Waiter? {
        if queue.isEmpty {
            isTaken = false
            return nil
        }
        return queue.removeFirst().waiter
    }
}
