import CCurl
import Glibc
import Synchronization

/// One thread that waits for sockets and timers and runs Swift tasks in between.
///
/// It is a `TaskExecutor`: a task started with `Task(executorPreference: loop)` lives on the thread that owns its connections, so a
/// response resumes it without waking another thread (that would cost 10–30 µs a time). Jobs from other threads are gathered, and
/// the thread is woken only when it sleeps. Structured child tasks inherit the preference, an unstructured `Task` does not.
/// Work over 200 µs does not belong here.
public final class NetworkLoop: TaskExecutor, @unchecked Sendable {
    // SAFETY: `inbox`, `lag` and `threadID` are locked or atomic; every other variable is touched by the loop's thread only.
    // `handle` is set once; the C side allows other threads only to wake it.
    enum Work: Sendable {
        case job(UnownedJob)
        case operation(@Sendable () -> Void)
    }

    private struct Inbox {
        var work: [Work] = []
        var sleeps = false
        var stopping = false
        var closed = false

        /// Whether the loop must be woken; it is then counted as awake.
        mutating func wakeIfAsleep() -> Bool {
            defer { sleeps = false }
            return sleeps
        }
    }

    private let handle: OpaquePointer
    private let inbox = Mutex(Inbox())
    private let lag = Mutex(LagHistogram())
    private let threadID = Atomic<UInt>(0)

    private var local: [Work] = []
    private var timers = LoopTimers()
    private var transfers: [ObjectIdentifier: Transfer] = [:]
    private var isInsideCurl = false

    /// Starts the thread. Nil where the system gives no thread or descriptors.
    ///
    /// - Parameters:
    ///   - idleConnections: kept open at most, for all hosts together.
    ///   - connectionsPerHost: 0 = no limit; more requests wait for a free one.
    public init?(idleConnections: Int = 256, connectionsPerHost: Int = 0) {
        var callbacks = Transfer.callbacks
        guard let handle = bcurl_loop_create(&callbacks, idleConnections, connectionsPerHost) else { return nil }
        self.handle = handle
        guard startThread() else { return nil }
    }

    // The thread holds the loop while it runs, and whoever wakes it does so too: nobody can wake a handle that is gone.
    deinit { bcurl_loop_destroy(handle) }

    /// Whether the caller runs on the loop's thread.
    public var isCurrent: Bool { threadID.load(ordering: .relaxed) == UInt(pthread_self()) }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if !submit(.job(job)) { globalConcurrentExecutor.enqueue(job) }
    }

    /// The lag since this was last asked, for the metric `batuta_event_loop_lag_seconds`.
    public func takeLag() -> LoopLag { lag.withLock { $0.take() } }

    /// Cancels what is under way, runs the jobs that are left, and ends the thread; does not wait for it.
    /// Later jobs run on the global executor, later requests fail with `cancelled`.
    public func shutdown() {
        let wake = inbox.withLock { inbox in
            inbox.stopping = true
            return inbox.wakeIfAsleep()
        }
        if wake { bcurl_loop_wake(handle) }
    }

    // MARK: - Work from anywhere

    /// False once the thread has ended; then nothing is done.
    @discardableResult
    func submit(_ work: Work) -> Bool {
        if isCurrent {
            local.append(work)
            return true
        }
        let (accepted, wake) = inbox.withLock { inbox in
            guard !inbox.closed else { return (false, false) }
            inbox.work.append(work)
            return (true, inbox.wakeIfAsleep())
        }
        if wake { bcurl_loop_wake(handle) }
        return accepted
    }

    /// Runs `operation` on the loop's thread, at once where that is possible. False once the thread has ended.
    func perform(_ operation: @escaping @Sendable () -> Void) -> Bool {
        guard isCurrent, !isInsideCurl else { return submit(.operation(operation)) }
        operation()
        return true
    }

    // MARK: - The thread

    private func startThread() -> Bool {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let result = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<NetworkLoop>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            context.toOpaque()
        )
        guard result == 0 else {
            context.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private func run() {
        threadID.store(UInt(pthread_self()), ordering: .relaxed)
        bcurl_name_thread("batuta-net")
        blockSignals()
        var batch: [Work] = []
        while takeWork(into: &batch) {
            performAll(&batch)
            fireTimers()
            insideCurl { bcurl_loop_advance(handle) }
            wait()
        }
        threadID.store(0, ordering: .relaxed)
    }

    /// Also what this work made ready, and so on: a run takes several steps between two of its sockets' turns, and each look at the sockets
    /// is a system call. Bounded, so that sockets and timers get their turn.
    private func performAll(_ batch: inout [Work]) {
        for _ in 0..<16 {
            for work in batch { perform(work) }
            batch.removeAll(keepingCapacity: true)
            if local.isEmpty { return }
            swap(&batch, &local)
        }
        swap(&batch, &local)
    }

    private func perform(_ work: Work) {
        switch work {
        case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
        case .operation(let operation): operation()
        }
    }

    /// Swaps the gathered work into the empty `batch`. False when the loop has shut down and nothing is left.
    private func takeWork(into batch: inout [Work]) -> Bool {
        swap(&batch, &local)
        let stopping = inbox.withLock { inbox in
            inbox.sleeps = false
            if !inbox.work.isEmpty {
                batch.append(contentsOf: inbox.work)
                inbox.work.removeAll(keepingCapacity: true)
            }
            inbox.closed = inbox.stopping && batch.isEmpty && transfers.isEmpty && timers.isEmpty
            return (now: inbox.stopping, done: inbox.closed)
        }
        if stopping.now { abandonAll() }
        return !stopping.done
    }

    private func abandonAll() {
        for transfer in transfers.values { transfer.cancel(because: "The HTTP client shut down.") }
        while let timer = timers.popDue(at: .max) { timer.fire(false) }
    }

    /// A thread that is late finds a time-out and what it waited for at the same moment: what has come counts, so it is taken in first.
    private func fireTimers() {
        guard let earliest = timers.earliest, earliest <= bcurl_now() else { return }
        look(until: 0)
        let now = bcurl_now()
        while let timer = timers.popDue(at: now) { timer.fire(true) }
    }

    private func wait() {
        let mustLook =
            !local.isEmpty
            || inbox.withLock { inbox in
                guard inbox.work.isEmpty, !inbox.stopping else { return true }
                inbox.sleeps = true
                return false
            }
        look(until: mustLook ? 0 : timers.earliest ?? .max)
    }

    /// Takes in what sockets hold, and waits for it that long where they hold nothing.
    private func look(until deadline: UInt64) {
        let busy = bcurl_now() &- bcurl_loop_woke_at(handle)
        lag.withLock { $0.record(nanoseconds: busy) }
        insideCurl { bcurl_loop_wait(handle, deadline) }
    }

    private func insideCurl(_ body: () -> Void) {
        isInsideCurl = true
        body()
        isInsideCurl = false
    }

    /// Signals are for the threads that expect them; a peer that closed its socket is an error code here.
    private func blockSignals() {
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
    }

    // MARK: - On the thread

    /// The moment of this turn, monotonic; cheaper than asking the clock.
    var turnTime: UInt64 { bcurl_loop_woke_at(handle) }

    func add(_ timer: LoopTimer) { timers.add(timer) }

    func move(_ timer: LoopTimer, to due: UInt64) { timers.move(timer, to: due) }

    func remove(_ timer: LoopTimer) { timers.remove(timer) }

    func start(_ transfer: Transfer, _ request: bcurl_request) -> (OpaquePointer?, code: Int32) {
        guard !inbox.withLock({ $0.stopping }) else { return (nil, Transfer.shutDownCode) }
        var request = request
        var code: Int32 = 0
        let started = bcurl_transfer_start(handle, &request, Unmanaged.passUnretained(transfer).toOpaque(), &code)
        if started != nil { transfers[ObjectIdentifier(transfer)] = transfer }
        return (started, code)
    }

    func forget(_ transfer: Transfer) { transfers[ObjectIdentifier(transfer)] = nil }
}
