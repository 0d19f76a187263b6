import BatutaCore
import BatutaStorage
import BatutaTelemetry
import Synchronization

/// One attempt of one job.
extension JobWorkers {
    func perform(_ handle: JobHandle) async {
        let job = handle.job
        let start = ContinuousClock.now
        let outcome = await attempt(handle)
        metrics?.seconds.observe(ContinuousClock.now - start, job.queue, job.kind)
        if case .success(.done(let writing?)) = outcome, handle.interruption != .leaseLost { return await finish(handle, writing) }
        end(handle, ending(of: outcome, handle))
    }

    private func ending(of outcome: Result<JobResult, any Error>, _ handle: JobHandle) -> JobEnding? {
        JobEnding(
            outcome,
            of: handle.job,
            interruption: handle.interruption,
            backoff: handler(handle.job.kind)?.backoff ?? JobBackoff(),
            chance: Double(random.next() >> 11) / Double(1 << 53),
            text: text(of:)
        )
    }

    private func attempt(_ handle: JobHandle) async -> Result<JobResult, any Error> {
        guard let handler = handler(handle.job.kind) else { return .failure(UnknownKind(kind: handle.job.kind)) }
        // Awaited right here; a task of its own, because only this one is to be cut.
        let work = Task { try await handler.perform(JobContext(job: handle.job, handle: handle)) }
        handle.attach { work.cancel() }
        return await withTaskCancellationHandler {
            await work.result
        } onCancel: {
            handle.cut(.drain)
        }
    }

    /// At most 2,000 characters.
    private func text(of error: any Error) -> String { String(configuration.mask("\(error)").prefix(2_000)) }

    /// The hand is free. What is to be written goes with the next turn.
    private func end(_ handle: JobHandle, _ ending: JobEnding?) {
        state.withLock { state in
            if let ending { state.endings.append(Ended(handle: handle, ending: ending)) }
            state.plan.ended(handle.job.lane)
            // Others wait for room that this node does not know of.
            if configuration.queues[handle.job.queue]?.isCounted == true { state.nextLook = .now }
        }
        if let ending { log(ending, of: handle.job) } else { drop(handle, result: "lost") }
        goOn(after: handle)
    }

    private func goOn(after handle: JobHandle) {
        kick()
        if isDraining || configuration.queues[handle.job.queue]?.isCounted == true { wish.ring() }
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

    /// Commits what the job writes together with its end, for as long as the job is this node's.
    private func finish(_ handle: JobHandle, _ writing: @Sendable (inout WriteBatch) -> Void) async {
        var batch = WriteBatch(order: JobQueue.order)
        let statement = batch.add(.succeeded, of: handle.job, next: queue.nextID(), expecting: 1)
        writing(&batch)
        do {
            switch try await write(batch, for: handle) {
            case .guardFailed(let failed) where failed != statement: fail(handle, RefusedWrites())
            case let outcome:
                state.withLock { $0.plan.ended(handle.job.lane) }
                forget(Ended(handle: handle, ending: .succeeded), wasOurs: outcome.results != nil)
                goOn(after: handle)
            }
        } catch {
            fail(handle, error)
        }
    }

    private func write(_ batch: WriteBatch, for handle: JobHandle) async throws(StorageError) -> BatchOutcome {
        while true {
            do throws(StorageError) {
                return try await queue.database.write(batch)
            } catch {
                guard error.isTransient, handle.interruption != .leaseLost, !Task.isCancelled else { throw error }
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    private func fail(_ handle: JobHandle, _ error: any Error) { end(handle, ending(of: .failure(error), handle)) }
}

/// What a job wanted to write together with its end does not go with how things stand.
private struct RefusedWrites: Error, CustomStringConvertible {
    let description = "what the job was to write does not go with how things stand; nothing of it was written"
}

extension StorageError {
    /// The same write may succeed later.
    fileprivate var isTransient: Bool {
        switch code {
        case .busy, .locked, .overloaded, .unavailable, .full, .readOnly, .io: true
        default: false
        }
    }
}
