import Glibc
import Synchronization

/// The running numbers of a writer.
final class WriterCounters: Sendable {
    private let groupCount = Atomic<Int>(0)
    private let batchCount = Atomic<Int>(0)
    private let nanoseconds = Atomic<Int>(0)
    private let isFailing = Atomic<Bool>(false)
    private let failure = Mutex<StorageError?>(nil)

    func note(group count: Int) {
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

    /// Why the last group was lost, if none was written since.
    var writeFailure: StorageError? { isFailing.load(ordering: .acquiring) ? failure.withLock { $0 } : nil }

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
