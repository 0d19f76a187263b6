public import BatutaCore
public import BatutaStorage
import Synchronization

/// Takes jobs in, and what people want of them: that they end, or are tried again.
public final class JobQueue: Sendable {
    let database: any Database
    private let clock: any ProjectClock
    private let random: any RandomSource
    private let doorbell: (any Doorbell)?
    private let workers = Mutex(Listener())
    /// Reads jobs.
    public let jobs: JobStore

    private struct Listener {
        weak var value: JobWorkers?
    }

    /// - Parameters:
    ///   - clock: For identifiers only: times of jobs are the database's.
    ///   - doorbell: How other nodes hear of work; nil where there are none or none can hear, who look once a second then.
    public init(
        database: any Database,
        clock: any ProjectClock,
        random: any RandomSource = SystemRandom(),
        doorbell: (any Doorbell)? = nil
    ) {
        self.database = database
        self.clock = clock
        self.random = random
        self.doorbell = doorbell
        jobs = JobStore(database: database)
    }

    /// A job that goes with a batch: it exists when the batch is committed, and no worker sees it before.
    public struct Enqueued: Sendable {
        public let id: JobID
        /// The statement in the batch: it changed no row when another job of the same kind and key waits or runs.
        public let statement: Int

        /// Whether the committed batch added it.
        public func isNew(in results: [StatementResult]) -> Bool { results[statement].rowsAffected == 1 }
    }

    /// Adds a job to a batch, so that it and the change that it follows from are committed together or not at all. Workers hear of it right after.
    @discardableResult
    public func enqueue(_ draft: JobDraft, in batch: inout WriteBatch) -> Enqueued {
        let id = nextID()
        let isLater = draft.delay > .zero
        let statement = batch.add(
            JobStatements.insert,
            [
                .text(draft.tenant), .text(id.rawValue), .optional(draft.user), .text(draft.queue), .text(draft.kind),
                .text(draft.payload.text),
                .optional(draft.uniqueKey), .integer(draft.priority.rawValue), .text((isLater ? JobStatus.scheduled : .queued).rawValue),
                .integer(max(draft.maximumAttempts, 1)), .optional(draft.period?.inMilliseconds),
                .int(isLater ? draft.delay.inMilliseconds : 0),
            ]
        )
        let lane = Lane(queue: draft.queue, tenant: draft.tenant)
        let delay = draft.delay
        batch.afterCommit { [weak self] in self?.announce(lane, in: isLater ? delay : nil) }
        return Enqueued(id: id, statement: statement)
    }

    /// Lets the fires of a schedule that wait for a run go on with the commit of its end, instead of at their next look. One that is just
    /// looking is left alone: it looks again.
    public func hurryFires(of schedule: String, in batch: inout WriteBatch) {
        batch.add(JobStatements.hurryFires, [.text(ScheduleStore.kind), .text(schedule)])
        let lane = Lane(queue: ScheduleStore.queue, tenant: "default")
        batch.afterCommit { [weak self] in self?.announce(lane, in: nil) }
    }

    /// Adds one job, and waits until it is on disk.
    /// - Returns: nil when another job of the same kind and key waits or runs.
    @discardableResult
    public func enqueue(_ draft: JobDraft) async throws(StorageError) -> JobID? {
        var batch = WriteBatch(order: Self.order)
        let enqueued = enqueue(draft, in: &batch)
        let results = try await database.write(batch).results ?? []
        return enqueued.isNew(in: results) ? enqueued.id : nil
    }

    /// Batches that are about jobs only.
    static let order = "jobs"

    func nextID() -> JobID { JobID.make(at: clock.now(), random: random) }

    // MARK: What people want

    /// Ends a job that waits; asks the worker of one that runs to end it.
    /// - Returns: The job as it stands now: cancelled, or still running and `isCancelling`.
    public func cancel(_ id: JobID) async throws -> Job {
        let job = try await existing(id)
        var batch = WriteBatch(order: Self.order)
        let name: [Bind] = [.text(job.tenant), .text(id.rawValue)]
        batch.add(JobStatements.cancelWaiting, name)
        batch.add(JobStatements.cancelRunning, name)
        if job.period != nil { batch.addNext(nextID(), after: job) }
        let results = try await database.write(batch).results ?? []
        let now = try await existing(id)
        guard results.contains(where: { $0.rowsAffected > 0 }) else {
            let words = now.status.words
            throw QueueError(
                .ended,
                Words("The job has ended already: it is \(words.english).", "A tarefa já terminou: está \(words.portuguese).")
            )
        }
        if now.status == .running, !toldWorkers({ $0.end(id, now.fence) }) { doorbell?.ring(.queue(job.queue)) }
        return now
    }

    /// Queues a dead or cancelled job once more, with all its attempts before it.
    public func retry(_ id: JobID) async throws -> Job {
        let job = try await existing(id)
        var batch = WriteBatch(order: Self.order)
        batch.add(JobStatements.retry, [.text(job.tenant), .text(id.rawValue)], expecting: 1)
        batch.afterCommit { [weak self] in self?.announce(job.lane, in: nil) }
        do {
            guard case .committed = try await database.write(batch) else { throw Self.notRetriable(try await existing(id).status) }
        } catch let error as StorageError where error.code == .constraint {
            throw QueueError(
                .duplicate,
                Words(
                    "Another job of the same kind and key waits or runs. Cancel that one first, or let it do the work.",
                    "Outra tarefa do mesmo tipo e chave está na fila ou em execução. Cancele-a antes, ou deixe que ela faça o trabalho."
                )
            )
        }
        return try await existing(id)
    }

    private static func notRetriable(_ status: JobStatus) -> QueueError {
        let words = status.words
        return QueueError(
            .notRetriable,
            Words(
                "The job is \(words.english): only one that is dead or cancelled can be retried.",
                "A tarefa está \(words.portuguese): só se tenta de novo uma que esteja morta ou cancelada."
            )
        )
    }

    private func existing(_ id: JobID) async throws -> Job {
        guard let job = try await jobs.find(id) else {
            throw QueueError(.notFound, Words("There is no job \(id).", "Não existe a tarefa \(id)."))
        }
        return job
    }

    // MARK: Who hears of it

    /// Jobs of this node's queues are its workers' first. Not kept alive.
    func tell(_ workers: JobWorkers) { self.workers.withLock { $0.value = workers } }

    private func toldWorkers(_ tell: (JobWorkers) -> Bool) -> Bool { workers.withLock { $0.value }.map(tell) ?? false }

    /// Tells of work: this node's workers, and the other nodes when those have no hand free.
    func announce(_ lane: Lane, in delay: Duration?, isForOthers: Bool = false) {
        let isTaken = toldWorkers { $0.hears(of: lane, in: delay) }
        if isForOthers || (!isTaken && delay == nil) { doorbell?.ring(.queue(lane.queue)) }
    }

    /// Hears what other nodes ring.
    func listen(_ heard: @escaping @Sendable (BellNews) -> Void) { doorbell?.listen(heard) }
}

extension WriteBatch {
    /// After a job of this batch that ended and recurs: the next one.
    mutating func addNext(_ id: JobID, after job: Job) {
        add(JobStatements.next, [.text(id.rawValue), .text(job.tenant), .text(job.id.rawValue), .int(job.fence)])
    }
}
