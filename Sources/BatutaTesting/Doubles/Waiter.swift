import Synchronization

/// A task of a test that waits for something. When the test's time is over it waits no longer: the test fails by its name, and the others go on.
public final class Waiter: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Void, Never>?
        var isOver = false
    }

    private let state = Mutex(State())

    private init() {}

    /// Returns after `resume`.
    ///
    /// - Parameter register: Puts the waiter where whoever makes it happen finds it, or resumes it at once.
    public static func wait(_ register: (Waiter) -> Void) async {
        let waiter = Waiter()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = waiter.state.withLock { state in
                    if !state.isOver { state.continuation = continuation }
                    return state.isOver
                }
                if isOver { continuation.resume() } else { register(waiter) }
            }
        } onCancel: {
            waiter.resume()
        }
    }

    /// Once is enough; more do no harm.
    public func resume() {
        let continuation = state.withLock { state in
            state.isOver = true
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume()
    }
}
