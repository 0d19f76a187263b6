import BatutaCore
import BatutaStorage
import BatutaTelemetry
import Synchronization

/// One turn after the other: look around when it is time, write what has ended, take what there are hands for, else wait.
extension JobWorkers {
    /// - Returns: Jobs to begin with.
    func turn() async -> [JobHandle] {
        do {
            if isTimeToLook { try await look() }
            let (endings, claims) = takeWork()
            if endings.isEmpty, claims.isEmpty {
                await wish.wait(atMost: timeToLook)
                return []
            }
            return try await write(endings, claims)
        } catch {
            logger.warning("Jobs wait for the store", ["error": .string("\(error)")])
            // Nothing is lost: leases end by themselves when this lasts.
            try? await Task.sleep(for: .milliseconds(500))
            return []
        }
    }

    private func takeWork() -> ([Ended], [ClaimPlan.Claim]) {
        state.withLock { state in
            let endings = state.endings
            state.endings = []
            return (endings, state.isDraining ? [] : state.plan.next())
        }
    }

    private func write(_ endings: [Ended], _ claims: [ClaimPlan.Claim]) async throws -> [JobHandle] {
        var batch = WriteBatch(order: JobQueue.order)
        let settled = endings.map { batch.add($0.ending, of: $0.handle.job, next: queue.nextID()) }
        let places = claims.map { add($0, to: &batch) }
        let start = ContinuousClock.now
        let results: [StatementResult]
        do {
            results = try await queue.database.write(batch).results ?? []
        } catch {
            state.withLock { state in
                state.endings = endings + state.endings
                for claim in claims { state.plan.failed(claim) }
            }
            throw error
        }
        for (ended, statement) in zip(endings, settled) { forget(ended, wasOurs: results[statement].rowsAffected == 1) }
        return zip(claims, places).flatMap { took($0, results[$1].returned, at: start) }
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

    private func took(_ claim: ClaimPlan.Claim, _ rows: [Row], at start: ContinuousClock.Instant) -> [JobHandle] {
        let jobs = rows.map(Job.init(_:)).sorted { ($0.priority, $0.runAt, $0.id) < ($1.priority, $1.runAt, $1.id) }
        let handles = jobs.map { JobHandle($0, leasedAt: start) }
        let old = state.withLock { state in
            state.plan.answered(claim, got: handles.count)
            return handles.compactMap { state.running.updateValue($0, forKey: $0.job.id) }
        }
        // Its own lease ended before it did, and the job came back here.
        for handle in old { handle.cut(.leaseLost) }
        metrics?.running.add(Double(handles.count - old.count), claim.lane.queue)
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
        log(ended.ending, of: job)
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

    private func log(_ ending: JobEnding, of job: Job) {
        switch ending {
        case .dead(let reason, let error):
            logger.error(
                "A job is a dead letter",
                ["job": .string(job.id.rawValue), "kind": .string(job.kind), "reason": .string(reason.rawValue), "error": .string(error)]
            )
        case .retried(_, let error):
            logger.warning(
                "A job failed and is tried again",
                ["job": .string(job.id.rawValue), "kind": .string(job.kind), "attempt": .int(Int64(job.attempts)), "error": .string(error)]
            )
        case .succeeded, .cancelled, .again, .givenBack:
            logger.debug(
                "A job's attempt ended",
                ["job": .string(job.id.rawValue), "kind": .string(job.kind), "result": .string(ending.word)]
            )
        }
    }

    /// The last that a worker writes, once; what cannot be written is done again by whoever takes over.
    func settleRest() async {
        let (endings, _) = state.withLock { state in
            let endings = state.endings
            state.endings = []
            return (endings, ())
        }
        guard !endings.isEmpty else { return }
        do {
            _ = try await write(endings, [])
        } catch {
            logger.error(
                "Ends of jobs were not written; they are done again",
                ["error": .string("\(error)"), "jobs": .int(Int64(endings.count))]
            )
        }
    }
}
