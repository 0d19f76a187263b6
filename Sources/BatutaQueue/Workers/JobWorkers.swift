public import BatutaCore
import BatutaStorage
public import BatutaTelemetry
import Synchronization

/// What a node's workers need besides the queue.
public struct JobWorkersConfiguration: Sendable {
    /// Queues that this node works on.
    public var queues: [String: QueueLimits]
    public var terms = JobTerms()
    /// Jobs that are there as soon as a node is.
    public var recurring: [JobDraft] = []
    /// Whether other nodes work on the store: then work may appear without a word, and a lease may be somebody's who is alive.
    public var isShared = false
    /// Takes secrets out of the words of errors, which admins read.
    public var mask: @Sendable (String) -> String = { $0 }

    public init(queues: [String: QueueLimits]) { self.queues = queues }
}

/// Does the jobs of a node: the service that claims, performs, renews and takes over.
///
/// Everything that waits to be written goes with what is claimed into one batch, and the next gathers while the disk works: so one job costs a commit for
/// each of its states, and a thousand cost little more.
public final class JobWorkers: Sendable {
    let queue: JobQueue
    let node: NodeID
    let configuration: JobWorkersConfiguration
    let metrics: JobMetrics?
    let logger: Logger
    let random: any RandomSource
    let state: Mutex<State>
    /// Something changed: work, an ending, a wish to leave.
    let wish = Wish()
    private let handlers: [String: JobHandler]
    let starts = AsyncStream.makeStream(of: Claimed.self)

    struct State {
        var plan: ClaimPlan
        var running: [JobID: JobHandle] = [:]
        var endings: [Ended] = []
        var nextLook = ContinuousClock.now
        var renewedAt = ContinuousClock.now
        /// Jobs that the store gave this node at the last renewal and that it does not know of.
        var strays: Set<JobID> = []
        var hasRecurring = false
        /// Jobs that came when nobody was there any more to begin with them.
        var unstarted: [Row] = []
        var isAtWork = false
        /// A turn is under way.
        var isWriting = false
        /// The store refused: for a moment nothing is tried.
        var isPaused = false
        var turnWaiters: [CheckedContinuation<Void, Never>] = []
        var isDraining = false
        var isOver = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// An attempt that is over and not yet written.
    struct Ended: Sendable {
        var handle: JobHandle
        var ending: JobEnding
    }

    public init(
        _ queue: JobQueue,
        node: NodeID,
        handlers: [JobHandler],
        configuration: JobWorkersConfiguration,
        metrics: JobMetrics? = nil,
        logger: Logger = .silent,
        random: any RandomSource = SystemRandom()
    ) {
        self.queue = queue
        self.node = node
        self.configuration = configuration
        self.metrics = metrics
        self.logger = logger
        self.random = random
        self.handlers = Dictionary(handlers.map { ($0.kind, $0) }) { first, _ in first }
        state = Mutex(State(plan: ClaimPlan(configuration.queues)))
        queue.tell(self)
    }

    func handler(_ kind: String) -> JobHandler? { handlers[kind] }

    /// Jobs that this node works on.
    public var activeJobs: Int { state.withLock { $0.running.count } }

    /// Works until the task is cancelled, or until `drain` has come to its end. What is under way then is given back. Once.
    public func run() async {
        state.withLock { $0.isAtWork = true }
        queue.listen { [weak self] in self?.hear($0) }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.keepLeases() }
            group.addTask { await self.keepLooking() }
            for await claimed in starts.stream {
                for handle in begin(claimed) { group.addTask { await self.perform(handle) } }
            }
            group.cancelAll()
        }
        await settleRest()
        state.withLock { state in
            state.isOver = true
            state.isAtWork = false
        }
        rest()
    }

    /// Takes no more work; what is under way has until the deadline, then is cut and given back for others.
    public func drain(within deadline: Duration) async {
        let isAtWork = state.withLock { state in
            state.isDraining = true
            return state.isAtWork
        }
        guard isAtWork else { return }
        wish.ring()
        // Awaited through the end of the work: it ends with it, or cuts it.
        let cutter = Task {
            try await Task.sleep(for: deadline)
            for handle in state.withLock({ Array($0.running.values) }) { handle.cut(.drain) }
            try await Task.sleep(for: .seconds(1))
            // What does not listen is another node's when its lease is over.
            state.withLock { $0.isOver = true }
            wish.ring()
            rest()
        }
        await untilRest()
        cutter.cancel()
    }

    var isDraining: Bool { state.withLock { $0.isDraining } }

    /// Nothing is left to do, or nothing may be done any more.
    var isOver: Bool {
        state.withLock { state in
            state.isOver || (state.isDraining && state.plan.isIdle && state.running.isEmpty && state.endings.isEmpty && !state.isWriting)
        }
    }

    private func untilRest() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isOver { state.waiters.append(continuation) }
                return state.isOver
            }
            if isOver { continuation.resume() }
        }
    }

    private func rest() {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
