import BatutaCore
import BatutaStorage
import BatutaTelemetry
import Synchronization

/// One turn after the other: write what has ended, take what there are hands for. The next gathers while the disk works.
///
/// A turn begins where its reason is found, on whatever thread that is, and the next where it ends: the writer's own. So between the wish for a job and the
/// claim that takes it nobody has to wake up.
extension JobWorkers {
    /// What goes in one commit.
    private struct Turn: Sendable {
        var endings: [Ended]
        var claims: [ClaimPlan.Claim]
        var batch = WriteBatch(order: JobQueue.order)
        var settled: [Settled] = []
        var places: [Int] = []
        var begin = ContinuousClock.now
    }

    /// Where a turn says whether a job was still this worker's.
    private enum Settled: Sendable {
        case alone(Int)
        case among(Int)
    }

    /// Jobs that the store gave this node.
    struct Claimed: Sendable {
        var rows: [Row]
        var begin: ContinuousClock.Instant
    }

    /// Begins a turn if there is something to write or to take, and none is under way.
    func kick() {
        guard let (endings, claims) = takeWork() else { return }
        var turn = Turn(endings: endings, claims: claims)
        settle(&turn)
        for claim in claims { turn.places.append(add(claim, to: &turn.batch)) }
        let submitted = turn
        queue.database.submit(turn.batch) { [self] in finish(submitted, $0) }
    }

    private func takeWork() -> (endings: [Ended], claims: [ClaimPlan.Claim])? {
        state.withLock { state in
            guard state.isAtWork, !state.isWriting, !state.isPaused else { return nil }
            let claims = state.isDraining ? [] : state.plan.next()
            guard !claims.isEmpty || !state.endings.isEmpty else { return nil }
            defer { state.endings = [] }
            state.isWriting = true
            return (state.endings, claims)
        }
    }

    /// What ended well goes in groups, which spares the database most of the work; everything else alone.
    private func settle(_ turn: inout Turn) {
        var plain: [Int] = []
        turn.settled = [Settled](repeating: .alone(-1), count: turn.endings.count)
        for (index, ended) in turn.endings.enumerated() {
            if ended.ending == .succeeded, ended.handle.job.period == nil {
                plain.append(index)
            } else {
                turn.settled[index] = .alone(turn.batch.add(ended.ending, of: ended.handle.job, next: queue.nextID()))
            }
        }
        while plain.count >= JobStatements.groupSize {
            let group = plain.suffix(JobStatements.groupSize)
            plain.removeLast(JobStatements.groupSize)
            let binds: [Bind] = group.flatMap { index -> [Bind] in
                let job = turn.endings[index].handle.job
                return [.text(job.tenant), .text(job.id.rawValue), .int(job.fence)]
            }
            let statement = turn.batch.add(JobStatements.succeedGroup, binds)
            for index in group { turn.settled[index] = .among(statement) }
        }
        for index in plain {
            let ended = turn.endings[index]
            turn.settled[index] = .alone(turn.batch.add(ended.ending, of: ended.handle.job, next: queue.nextID()))
        }
    }

    private func add(_ claim: ClaimPlan.Claim, to batch: inout WriteBatch) -> Int {
        let limits = configuration.queues[claim.lane.queue] ?? QueueLimits()
        let (queue, tenant, count) = (Bind.text(claim.lane.queue), Bind.text(claim.lane.tenant), Bind.integer(claim.count))
        let lease: [Bind] = [.text(node.rawValue), .int(configuration.terms.life.inMilliseconds), tenant]
        guard limits.isCounted else { return batch.add(JobStatements.claim, [queue, tenant, count] + lease) }
        batch.add(JobStatements.lockLimit, [queue])
        let (total, perTenant) = (limits.total ?? .max / 2, limits.perTenant ?? .max / 2)
        return batch.add(
            JobStatements.claimLimited,
            [queue, tenant, count, .integer(total), queue, .integer(perTenant), queue, tenant] + lease
        )
    }

    /// On the writer's thread.
    private func finish(_ turn: Turn, _ result: Result<BatchOutcome, StorageError>) {
        switch result {
        case .success(let outcome): apply(turn, outcome.results ?? [])
        case .failure(let error): takeBack(turn, error)
        }
        let waiters = state.withLock { state in
            state.isWriting = false
            defer { state.turnWaiters = [] }
            return state.turnWaiters
        }
        for waiter in waiters { waiter.resume() }
        kick()
        if isDraining { wish.ring() }
    }

    private func apply(_ turn: Turn, _ results: [StatementResult]) {
        guard results.count == turn.batch.count else { return takeBack(turn, StorageError(.misuse, "a turn of the queue was refused")) }
        for (ended, settled) in zip(turn.endings, turn.settled) {
            switch settled {
            case .alone(let statement): forget(ended, wasOurs: results[statement].rowsAffected == 1)
            case .among(let statement): forget(ended, wasOurs: results[statement].names(ended.handle.job.id))
            }
        }
        for (claim, place) in zip(turn.claims, turn.places) {
            let rows = results[place].returned
            state.withLock { $0.plan.answered(claim, got: rows.count) }
            guard !rows.isEmpty else { continue }
            if case .terminated = starts.continuation.yield(Claimed(rows: rows, begin: turn.begin)) {
                state.withLock { $0.unstarted += rows }
            }
        }
    }

    /// Nothing is lost: what was to be written is written later, and what was to be taken is asked for again. Leases end by themselves when this lasts.
    private func takeBack(_ turn: Turn, _ error: StorageError) {
        state.withLock { state in
            state.endings = turn.endings + state.endings
            for claim in turn.claims { state.plan.failed(claim) }
            state.isPaused = true
        }
        wish.ring()
        logger.warning("Jobs wait for the store", ["error": .string("\(error)")])
    }

    /// What was taken begins.
    func begin(_ claimed: Claimed) -> [JobHandle] {
        let jobs = claimed.rows.map(Job.init(_:)).sorted { ($0.priority, $0.runAt, $0.id) < ($1.priority, $1.runAt, $1.id) }
        let handles = jobs.map { JobHandle($0, leasedAt: claimed.begin) }
        let old = state.withLock { state in handles.compactMap { state.running.updateValue($0, forKey: $0.job.id) } }
        // Its own lease ended before it did, and the job came back here.
        for handle in old {
            handle.cut(.leaseLost)
            metrics?.running.add(-1, handle.job.queue)
        }
        for handle in handles { metrics?.running.add(1, handle.job.queue) }
        return handles
    }

    /// An attempt is on disk, or nothing of it because the job is another's.
    func forget(_ ended: Ended, wasOurs: Bool) {
        let job = ended.handle.job
        drop(ended.handle, result: wasOurs ? ended.ending.word : "lost")
        guard wasOurs else {
            logger.warning(
                "A job was taken over before its end could be written",
                ["job": .string(job.id.rawValue), "kind": .string(job.kind)]
            )
            return
        }
        if ended.ending == .givenBack {
            queue.announce(job.lane, in: nil, isForOthers: true)
        } else if let delay = ended.ending.delay {
            queue.announce(job.lane, in: delay > .zero ? delay : nil)
        } else if let period = job.period {
            queue.announce(job.lane, in: period)
        }
    }

    /// This node has nothing more to do with a job.
    func drop(_ handle: JobHandle, result: String) {
        let job = handle.job
        let wasHere = state.withLock { state in
            guard state.running[job.id] === handle else { return false }
            state.running[job.id] = nil
            return true
        }
        guard wasHere else { return }
        metrics?.running.add(-1, job.queue)
        metrics?.attempts.increment(job.queue, job.kind, result)
    }

    /// The last that a worker writes, once; what cannot be written is done again by whoever takes over.
    func settleRest() async {
        state.withLock { $0.isDraining = true }
        await untilWritten()
        state.withLock { state in
            for row in state.unstarted { state.endings.append(Ended(handle: JobHandle(Job(row)), ending: .givenBack)) }
            state.unstarted = []
            state.isPaused = false
        }
        kick()
        await untilWritten()
        let left = state.withLock { $0.endings.count }
        if left > 0 { logger.error("Ends of jobs were not written; they are done again", ["jobs": .int(Int64(left))]) }
    }

    /// No turn is under way.
    private func untilWritten() async {
        await withCheckedContinuation { continuation in
            let isQuiet = state.withLock { state in
                if state.isWriting { state.turnWaiters.append(continuation) }
                return !state.isWriting
            }
            if isQuiet { continuation.resume() }
        }
    }
}

extension StatementResult {
    /// Whether a statement that gives back identifiers changed this job.
    fileprivate func names(_ id: JobID) -> Bool {
        returned.count == JobStatements.groupSize || returned.contains { $0.text(0) == id.rawValue }
    }
}
