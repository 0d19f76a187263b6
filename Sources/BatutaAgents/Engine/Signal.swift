import Synchronization

/// A value that is set once; the first setting counts.
final class Signal: Sendable {
    private let state = Mutex(State())

    private struct State {
        var value: Bool?
        var waiter: CheckedContinuation<Bool, Never>?
    }

    func set(_ value: Bool) {
        let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.value == nil else { return nil }
            state.value = value
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: value)
    }

    /// Waits for the value; only one may wait.
    var value: Bool {
        get async {
            await withCheckedContinuation { continuation in
                let known = state.withLock { state -> Bool? in
                    if state.value == nil { state.waiter = continuation }
                    return state.value
                }
                if let known { continuation.resume(returning: known) }
            }
        }
    }
}
