import CCurl

extension NetworkLoop {
    /// Calls `ring` on the loop's thread when so much time has passed, unless the alarm is cancelled or the loop shut down before.
    /// Accurate to a millisecond, never early.
    public func alarm(after duration: Duration, _ ring: @escaping @Sendable () -> Void) -> LoopAlarm {
        let alarm = LoopAlarm(loop: self)
        let due = bcurl_now().later(by: duration)
        _ = perform { alarm.begin(due: due, ring) }
        return alarm
    }

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

/// One call that is to come, or not.
public final class LoopAlarm: @unchecked Sendable {
    // SAFETY: after `init`, touched on the loop's thread only.
    private let loop: NetworkLoop
    private var timer: LoopTimer?
    private var isOver = false

    fileprivate init(loop: NetworkLoop) { self.loop = loop }

    fileprivate func begin(due: UInt64, _ ring: @escaping @Sendable () -> Void) {
        guard !isOver else { return }
        let timer = LoopTimer(due: due) { [self] completed in
            end()
            if completed { ring() }
        }
        self.timer = timer
        loop.add(timer)
    }

    /// It rings no more, unless it is ringing right now.
    public func cancel() {
        _ = loop.perform { [self] in end() }
    }

    private func end() {
        isOver = true
        if let timer { loop.remove(timer) }
        timer = nil
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
