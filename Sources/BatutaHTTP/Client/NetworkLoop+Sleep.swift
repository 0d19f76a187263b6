import CCurl

extension NetworkLoop {
    /// Waits on one of the loop's timers: no thread is woken but the loop's. Accurate to a millisecond, never early.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled, or when the loop shuts down.
    public func sleep(for duration: Duration) async throws {
        let sleeper = Sleeper(loop: self, due: bcurl_now().later(by: duration))
        let completed = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                if !perform({ sleeper.begin(continuation) }) { continuation.resume(returning: false) }
            }
        } onCancel: {
            submit(.operation { sleeper.cancel() })
        }
        guard completed else { throw CancellationError() }
    }
}

/// One waiting task.
private final class Sleeper: @unchecked Sendable {
    // SAFETY: after `init`, touched on the loop's thread only.
    private let loop: NetworkLoop
    private let due: UInt64
    private var continuation: UnsafeContinuation<Bool, Never>?
    private var timer: LoopTimer?
    private var isCancelled = false

    init(loop: NetworkLoop, due: UInt64) {
        self.loop = loop
        self.due = due
    }

    func begin(_ continuation: UnsafeContinuation<Bool, Never>) {
        guard !isCancelled else { return continuation.resume(returning: false) }
        self.continuation = continuation
        let timer = LoopTimer(due: due) { [self] completed in finish(completed) }
        self.timer = timer
        loop.add(timer)
    }

    func cancel() {
        isCancelled = true
        if let timer { loop.remove(timer) }
        finish(false)
    }

    private func finish(_ completed: Bool) {
        timer = nil
        continuation?.resume(returning: completed)
        continuation = nil
    }
}
