import Glibc
import Synchronization

/// The running numbers of a writer.
final class WriterCounters: Sendable {
    private let groupCount = Atomic<Int>(0)
    private let batchCount = Atomic<Int>(0)
    private let nanoseconds = Atomic<Int>(0)

    func note(group count: Int) {
        groupCount.wrappingAdd(1, ordering: .relaxed)
        batchCount.wrappingAdd(count, ordering: .relaxed)
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
