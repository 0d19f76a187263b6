import Synchronization

/// A job that this node works on, for those who want its work to end.
final class JobHandle: Sendable {
    let job: Job
    /// When the statement left that took it: its lease lasts that long at least.
    let leasedAt: ContinuousClock.Instant
    private let state = Mutex(State())

    private struct State {
        var interruption: JobInterruption?
        var cut: (@Sendable () -> Void)?
    }

    init(_ job: Job, leasedAt: ContinuousClock.Instant = .now) {
        self.job = job
        self.leasedAt = leasedAt
    }

    var interruption: JobInterruption? { state.withLock { $0.interruption } }

    /// Cancels the work. The first cause stays, but a job that is another's is nothing else any more.
    func cut(_ cause: JobInterruption) {
        let cut = state.withLock { state in
            if state.interruption == nil || cause == .leaseLost { state.interruption = cause }
            return state.cut
        }
        cut?()
    }

    /// What cancels the work, as soon as there is some; at once when it was cut before.
    func attach(_ cut: @escaping @Sendable () -> Void) {
        let isCut = state.withLock { state in
            state.cut = cut
            return state.interruption != nil
        }
        if isCut { cut() }
    }
}
