import Glibc

/// A bounded queue between callers that must not block and threads that do nothing else than wait for it.
// SAFETY: every field is touched only while `lock` is held; the C objects live at fixed addresses until deinit.
final class Mailbox<Element: Sendable>: @unchecked Sendable {
    enum Admission { case accepted, full, closed }

    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let arrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let maximumCount: Int
    private let maximumWeight: Int
    private var waiting: [Element] = []
    private var head = 0
    private var weight = 0
    private var sleepers = 0
    private var isClosed = false

    init(maximumCount: Int, maximumWeight: Int = .max) {
        self.maximumCount = maximumCount
        self.maximumWeight = maximumWeight
        pthread_mutex_init(lock, nil)
        pthread_cond_init(arrived, nil)
    }

    deinit {
        pthread_cond_destroy(arrived)
        pthread_mutex_destroy(lock)
        arrived.deallocate()
        lock.deallocate()
    }

    /// Never blocks longer than another caller needs to append. One element of any weight fits an empty queue.
    /// - Parameter always: for what must be taken although the queue is full.
    func put(_ element: Element, weight added: Int = 0, always: Bool = false) -> Admission {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        if isClosed { return .closed }
        let count = waiting.count - head
        if !always, count > 0, count >= maximumCount || added > maximumWeight - min(weight, maximumWeight) { return .full }
        waiting.append(element)
        weight = weight.addingReportingOverflow(added).overflow ? .max : weight + added
        if sleepers > 0 { pthread_cond_signal(arrived) }
        return .accepted
    }

    /// Waits, then moves everything into `taken`. False when the queue is closed and empty.
    func takeAll(into taken: inout [Element]) -> Bool {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        guard waitForArrival() else { return false }
        taken.removeAll(keepingCapacity: true)
        swap(&taken, &waiting)
        weight = 0
        return true
    }

    /// Waits, then takes the oldest. Nil when the queue is closed and empty.
    func takeOne() -> Element? {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return waitForArrival() ? takeOldest() : nil
    }

    enum Taking {
        case element(Element)
        /// Nothing came in time.
        case nothing
        /// The queue is closed and empty.
        case closed
    }

    /// Waits at most so long, then takes the oldest.
    func takeOne(within time: Duration) -> Taking {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        var deadline = timespec()
        clock_gettime(CLOCK_REALTIME, &deadline)
        deadline.tv_sec += Int(clamping: time.components.seconds)
        while waiting.count == head {
            if isClosed { return .closed }
            sleepers += 1
            let code = pthread_cond_timedwait(arrived, lock, &deadline)
            sleepers -= 1
            if code == ETIMEDOUT, waiting.count == head { return isClosed ? .closed : .nothing }
        }
        return .element(takeOldest())
    }

    /// The oldest, or nil when nothing waits.
    func takeNow() -> Element? {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return waiting.count == head ? nil : takeOldest()
    }

    /// Nothing more is accepted; what waits is still handed out.
    func close() {
        pthread_mutex_lock(lock)
        isClosed = true
        pthread_cond_broadcast(arrived)
        pthread_mutex_unlock(lock)
    }

    var count: Int {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return waiting.count - head
    }

    /// With the lock held, when something waits.
    private func takeOldest() -> Element {
        let element = waiting[head]
        head += 1
        if head == waiting.count || head == 1_024 {
            waiting.removeFirst(head)
            head = 0
        }
        return element
    }

    private func waitForArrival() -> Bool {
        while waiting.count == head {
            if isClosed { return false }
            sleepers += 1
            pthread_cond_wait(arrived, lock)
            sleepers -= 1
        }
        return true
    }
}
