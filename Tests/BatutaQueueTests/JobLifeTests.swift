import BatutaCore
@testable import BatutaQueue
import BatutaStorage
import BatutaTelemetry
import BatutaTesting
import Synchronization
import Testing

/// What becomes of one job, on both databases.
@Suite(.timeLimit(.minutes(5))) struct JobLifeTests {
    private struct Broken: Error {}

    @Test(arguments: StoreEngine.all) func `a job is done once, and every state of it is kept`(_ kind: StoreEngine) async throws {
        let stand = try await QueueStand(kind)
        let (seen, gate) = (Diary<Job>(), TestGate())
        let registry = MetricsRegistry()
        var draft = stand.draft("send", ["to": "member@example.com"])
        draft.user = "usr_a"
        let workers = stand.workers(
            metrics: JobMetrics(in: registry),
            JobHandler("send") { context in
                seen.note(context.job)
                await gate.wait()
                return .done
            }
        )
        let id = try #require(try await stand.jobs.enqueue(draft))
        let waiting = try await stand.job(id)
        #expect(waiting.status == .queued && waiting.attempts == 0 && waiting.startedAt == nil && waiting.user == "usr_a")
        try await working(workers) {
            await seen.wait(for: 1)
            let running = try await stand.job(id)
            #expect(running.status == .running && running.attempts == 1 && running.owner == workers.node.rawValue)
            #expect(running.startedAt != nil && running.fence == 1 && running.payload == ["to": "member@example.com"])
            gate.open()
            let done = try await stand.job(id, reaches: .succeeded)
            #expect(done.endedAt != nil && done.owner == nil && done.error == nil && done.reason == nil)
        }
        #expect(seen.entries.count == 1)
        #expect(registry.prometheusText().contains(#"batuta_job_attempts_total{queue="mail",kind="send",result="succeeded"} 1"#))
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `S4.18 a job goes with the change that it follows from, or not at all`(_ kind: StoreEngine)
        async throws
    {
        let stand = try await QueueStand(kind)
        var refused = WriteBatch(order: "a")
        let lost = stand.jobs.enqueue(stand.draft(), in: &refused)
        refused.add("UPDATE jobs SET priority = 1 WHERE id = 'nobody'", expecting: 1)
        #expect(try await stand.database.write(refused).results == nil)
        #expect(try await stand.jobs.jobs.find(lost.id) == nil)
        var batch = WriteBatch(order: "a")
        let kept = stand.jobs.enqueue(stand.draft(), in: &batch)
        let results = try #require(try await stand.database.write(batch).results)
        #expect(kept.isNew(in: results))
        #expect(try await stand.job(kept.id).status == .queued)
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `a key keeps others away until its job has ended`(_ kind: StoreEngine) async throws {
        let stand = try await QueueStand(kind)
        let (started, gate) = (Diary<Void>(), TestGate())
        var draft = stand.draft()
        draft.uniqueKey = "report of July"
        let id = try #require(try await stand.jobs.enqueue(draft))
        #expect(try await stand.jobs.enqueue(draft) == nil, "one waits")
        var another = JobDraft("print", in: QueueStand.queue)
        another.uniqueKey = draft.uniqueKey
        #expect(try await stand.jobs.enqueue(another) != nil, "a key counts within its kind")
        let workers = stand.workers(
            JobHandler("send") { _ in
                started.note(())
                await gate.wait()
                return .done
            },
            JobHandler("print") { _ in .done }
        )
        try await working(workers) {
            await started.wait(for: 1)
            #expect(try await stand.jobs.enqueue(draft) == nil, "one runs")
            gate.open()
            _ = try await stand.job(id, reaches: .succeeded)
        }
        #expect(try await stand.jobs.enqueue(draft) != nil)
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `what is wanted later waits for its time by the database's clock`(_ kind: StoreEngine)
        async throws
    {
        let stand = try await QueueStand(kind)
        var draft = stand.draft()
        draft.delay = .milliseconds(120)
        let id = try #require(try await stand.jobs.enqueue(draft))
        #expect(try await stand.job(id).status == .scheduled)
        try await working(stand.workers(isShared: false, JobHandler("send") { _ in .done })) {
            let done = try await stand.job(id, reaches: .succeeded)
            #expect(try #require(done.startedAt) >= done.createdAt.advanced(by: .milliseconds(120)))
        }
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `S4.20 a job that fails at every attempt is a dead letter with its reason, and a retry does it`(
        _ kind: StoreEngine
    ) async throws {
        let stand = try await QueueStand(kind)
        let attempts = Diary<Int>()
        let isMended = Mutex(false)
        let workers = stand.workers(
            JobHandler("send", backoff: soon) { context in
                attempts.note(context.job.attempts)
                if isMended.withLock({ $0 }) { return .done }
                throw Broken()
            }
        )
        let id = try #require(try await stand.jobs.enqueue(stand.draft()))
        await #expect(throws: QueueError.self) { try await stand.jobs.retry(id) }
        try await working(workers) {
            let dead = try await stand.job(id, reaches: .dead)
            #expect(attempts.entries == [1, 2, 3] && dead.attempts == 3)
            #expect(dead.reason == .attemptsExhausted && dead.error == "Broken()" && dead.endedAt != nil)
            #expect(try await stand.jobs.jobs.list(status: .dead, limit: 10).map(\.id) == [id])
            isMended.withLock { $0 = true }
            #expect(try await stand.jobs.retry(id).status == .queued)
            let done = try await stand.job(id, reaches: .succeeded)
            #expect(done.attempts == 1 && done.reason == nil)
        }
        let error = await #expect(throws: QueueError.self) { try await stand.jobs.retry(id) }
        #expect(error?.code == .notRetriable)
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `what refuses is dead at once, and what nobody knows after its attempts`(_ kind: StoreEngine)
        async throws
    {
        let stand = try await QueueStand(kind)
        let workers = stand.workers(JobHandler("send") { _ in throw JobFailure.refused("no such address") })
        var unknown = stand.draft("unheard-of")
        unknown.maximumAttempts = 1
        let refused = try #require(try await stand.jobs.enqueue(stand.draft()))
        let strange = try #require(try await stand.jobs.enqueue(unknown))
        try await working(workers) {
            let dead = try await stand.job(refused, reaches: .dead)
            #expect(dead.reason == .refused && dead.error == "no such address" && dead.attempts == 1)
            #expect(try await stand.job(strange, reaches: .dead).reason == .unknownKind)
        }
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `a retry does not go beside another of the same key`(_ kind: StoreEngine) async throws {
        let stand = try await QueueStand(kind)
        var draft = stand.draft()
        draft.uniqueKey = "a"
        let first = try #require(try await stand.jobs.enqueue(draft))
        #expect(try await stand.jobs.cancel(first).status == .cancelled)
        let second = try #require(try await stand.jobs.enqueue(draft))
        let error = await #expect(throws: QueueError.self) { try await stand.jobs.retry(first) }
        #expect(error?.code == .duplicate)
        _ = try await stand.jobs.cancel(second)
        #expect(try await stand.jobs.retry(first).status == .queued)
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `what waits is cancelled at once, what runs is told why, and what ended stays`(
        _ kind: StoreEngine
    ) async throws {
        let stand = try await QueueStand(kind)
        let (causes, gate) = (Diary<JobInterruption?>(), TestGate())
        let waiting = try #require(try await stand.jobs.enqueue(stand.draft()))
        #expect(try await stand.jobs.cancel(waiting).status == .cancelled)
        let error = await #expect(throws: QueueError.self) { try await stand.jobs.cancel(waiting) }
        #expect(error?.code == .ended)
        let started = Diary<Void>()
        let workers = stand.workers(
            JobHandler("send") { context in
                started.note(())
                do { try await gate.waitUnlessCancelled() } catch {
                    causes.note(context.interruption)
                    throw error
                }
                return .done
            }
        )
        try await working(workers) {
            let running = try #require(try await workers.queue.enqueue(stand.draft()))
            await started.wait(for: 1)
            #expect(try await workers.queue.cancel(running).isCancelling)
            let cancelled = try await stand.job(running, reaches: .cancelled)
            #expect(causes.entries == [.cancel] && cancelled.endedAt != nil && cancelled.attempts == 1)
        }
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `what a job writes is committed with its end`(_ kind: StoreEngine) async throws {
        let stand = try await QueueStand(kind)
        let id = try #require(try await stand.jobs.enqueue(stand.draft()))
        let workers = stand.workers(
            JobHandler("send") { context in
                let follower = JobDraft("print", in: "elsewhere")
                return .done { [stand] batch in stand.jobs.enqueue(follower, in: &batch) }
            }
        )
        try await working(workers) { _ = try await stand.job(id, reaches: .succeeded) }
        #expect(try await stand.jobs.jobs.list(queue: "elsewhere", limit: 10).map(\.status) == [.queued])
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `when what a job writes does not go, the attempt has failed`(_ kind: StoreEngine) async throws {
        let stand = try await QueueStand(kind)
        var draft = stand.draft()
        draft.maximumAttempts = 1
        let id = try #require(try await stand.jobs.enqueue(draft))
        let workers = stand.workers(
            JobHandler("send") { _ in .done { $0.add("UPDATE jobs SET priority = 1 WHERE id = 'nobody'", expecting: 1) } }
        )
        try await working(workers) {
            let job = try await stand.job(id, reaches: .dead)
            #expect(job.reason == .attemptsExhausted)
        }
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `work in steps goes on where it was`(_ kind: StoreEngine) async throws {
        let stand = try await QueueStand(kind)
        let steps = Diary<Int>()
        let id = try #require(try await stand.jobs.enqueue(stand.draft()))
        let workers = stand.workers(
            JobHandler("send") { context in
                steps.note(context.job.attempts)
                return steps.entries.count < 5 ? .again(after: .milliseconds(1)) : .done
            }
        )
        try await working(workers) { _ = try await stand.job(id, reaches: .succeeded) }
        #expect(steps.entries == [1, 1, 1, 1, 1])
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `what ended long ago is taken away, dead letters later`(_ kind: StoreEngine) async throws {
        let stand = try await QueueStand(kind)
        var ids: [JobID] = []
        for _ in 0..<4 { ids.append(try #require(try await stand.jobs.enqueue(stand.draft()))) }
        var batch = WriteBatch(order: "jobs")
        for (id, status, days) in [(ids[0], "succeeded", 2), (ids[1], "dead", 2), (ids[2], "dead", 31), (ids[3], "cancelled", 2)] {
            batch.add(
                "UPDATE jobs SET status = \(status), ended_at = {clock} - \(days * 86_400_000) WHERE id = \(id.rawValue)",
                expecting: 1
            )
        }
        #expect(try await stand.database.write(batch).results != nil)
        #expect(try await !JobPruning(database: stand.database).step())
        #expect(try await stand.jobs.jobs.list(limit: 10).map(\.id) == [ids[1]])
        await stand.database.close()
    }
}
