import Glibc
import Synchronization

/// The running numbers of a writer.
final class WriterCounters: Sendable {
    private let groupCount = Atomic<Int>(0)
    private let batchCount = Atomic<Int>(0)
    private let nanoseconds = Atomic<Int>(0)
    private let isFailing = Atomic<Bool>(false)
    private let failure = Mutex<StorageError?>(nil)

    /// Since when a group is under way, in nanoseconds of a clock that nobody sets; 0 when none is.
    private let began = Atomic<Int>(0)

    /// A store that says nothing for so long has failed, although the write may still come back.
    private static let patience = 10_000_000_000

    func beginGroup() { began.store(Self.now, ordering: .relaxed) }

    func note(group count: Int) {
        began.store(0, ordering: .relaxed)
        groupCount.wrappingAdd(1, ordering: .relaxed)
        batchCount.wrappingAdd(count, ordering: .relaxed)
    }

    /// Called on the writer's thread with what became of a group; costs a look at a flag as long as all is well.
    func note(_ outcomes: [Result<BatchOutcome, StorageError>]) {
        if case .failure(let error) = outcomes.first, error.concernsStore {
            failure.withLock { $0 = error }
            isFailing.store(true, ordering: .releasing)
        } else if isFailing.load(ordering: .relaxed), outcomes.contains(where: { if case .success = $0 { true } else { false } }) {
            isFailing.store(false, ordering: .releasing)
            failure.withLock { $0 = nil }
        }
    }

    /// The store cannot be reached at the moment; what waits may still be written when it can.
    func note(unreachable error: StorageError) {
        failure.withLock { $0 = error }
        isFailing.store(true, ordering: .releasing)
    }

    /// Why the last group was lost, if none was written since; or that one is under way for too long.
    var writeFailure: StorageError? {
        if isFailing.load(ordering: .acquiring) { return failure.withLock { $0 } }
        let began = began.load(ordering: .relaxed)
        guard began > 0, Self.now - began > Self.patience else { return nil }
        let seconds = (Self.now - began) / 1_000_000_000
        return StorageError(.unavailable, "the store has not answered for \(seconds) s; check that its server works")
    }

    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// Called on the writer's thread.
    func noteThreadTime() {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        nanoseconds.store(time.tv_sec * 1_000_000_000 + time.tv_nsec, ordering: .relaxed)
    }

    var groups: Int { groupCount.load(ordering: .relaxed) }
    var batches: Int { batchCount.load(ordering: .relaxed) }
    var threadTime: Duration { .nanoseconds(nanoseconds.load(ordering: .relaxed)) }
}
