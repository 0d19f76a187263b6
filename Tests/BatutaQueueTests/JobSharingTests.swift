import BatutaCore
@testable import BatutaQueue
import BatutaStorage
import BatutaTesting
import Synchronization
import Testing

/// Several workers on one store, and workers that go away.
@Suite(.timeLimit(.minutes(5))) struct JobSharingTests {
    private struct Broken: Error {}

    /// No heartbeat within a test, and a lease that is over soon.
    private static let dying = JobTerms(life: .milliseconds(150), heartbeat: .seconds(600), looking: .milliseconds(20))

    @Test(arguments: StoreEngine.all) func `two nodes do each job once`(_ kind: StoreEngine) async throws {
        let stand = try await QueueStand(kind)
        let other = try await stand.other()
        let done = Diary<JobID>()
        let handler = JobHandler("send") { context in
            done.note(context.job.id)
            return .done
        }
        var ids: [JobID] = []
        try await working(stand.workers(handler), stand.workers(on: other, handler)) {
            for _ in 0..<20 {
                var batch = WriteBatch(order: "jobs")
                for _ in 0..<10 { ids.append(stand.jobs.enqueue(stand.draft(), in: &batch).id) }
                _ = try await stand.database.write(batch)
            }
            for id in ids { _ = try await stand.job(id, reaches: .succeeded) }
        }
        #expect(done.entries.sorted() == ids.sorted())
        await other.close()
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all)
    func `S3.27 what a process left behind is taken over when its lease is over, and the process writes nothing more`(
        _ kind: StoreEngine
    ) async throws {
        let stand = try await QueueStand(kind)
        let other = try await stand.other()
        let (first, gate, second) = (Diary<Void>(), TestGate(), Diary<Int>())
        // It does not hear that it lost the job: it works on, and then wants to write.
        let dying = stand.workers(
            // No hand is free for what it itself left.
            limits: QueueLimits(slots: 1),
            terms: Self.dying,
            JobHandler("send") { _ in
                first.note(())
                await gate.wait()
                return .done { [stand] batch in stand.jobs.enqueue(JobDraft("trace", in: "elsewhere"), in: &batch) }
            }
        )
        let alive = stand.workers(
            on: other,
            JobHandler("send") { context in
                second.note(context.job.attempts)
                return .done
            }
        )
        let id = try #require(try await stand.jobs.enqueue(stand.draft()))
        try await working(dying) {
            await first.wait(for: 1)
            try await working(alive) {
                let done = try await stand.job(id, reaches: .succeeded)
                #expect(done.attempts == 2 && done.fence == 2 && second.entries == [2])
                gate.open()
                // Its write has been refused when it has a hand free for the next.
                while dying.activeJobs > 0 { await Task.yield() }
                #expect(try await stand.job(id) == done)
                #expect(try await stand.jobs.jobs.list(queue: "elsewhere", limit: 1).isEmpty)
            }
        }
        await other.close()
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `S3.29 a job whose workers go away each time is a dead letter`(_ kind: StoreEngine) async throws
    {
        let stand = try await QueueStand(kind)
        var draft = stand.draft()
        draft.maximumAttempts = 1
        let id = try #require(try await stand.jobs.enqueue(draft))
        let (started, gate) = (Diary<Void>(), TestGate())
        let dying = stand.workers(
            // No hand is free for what it itself left.
            limits: QueueLimits(slots: 1),
            terms: Self.dying,
            JobHandler("send") { _ in
                started.note(())
                await gate.wait()
                return .done
            }
        )
        try await working(dying) {
            await started.wait(for: 1)
            try await working(stand.workers(JobHandler("send") { _ in .done })) {
                let dead = try await stand.job(id, reaches: .dead)
                #expect(dead.reason == .workerLost && dead.error?.contains(dying.node.rawValue) == true)
            }
            gate.open()
        }
        #expect(try await stand.job(id).status == .dead)
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `S4.19 a process that was killed gives nothing back, and its job goes on elsewhere`(
        _ kind: StoreEngine
    ) async throws {
        let stand = try await QueueStand(kind)
        let isGone = Mutex(false)
        let cut = DisturbedDatabase(stand.database) { _ in
            isGone.withLock { $0 } ? .refuse(StorageError(.unavailable, "gone")) : .commit
        }
        let id = try #require(try await stand.jobs.enqueue(stand.draft()))
        let (started, never) = (Diary<Void>(), TestGate())
        let killed = stand.workers(
            on: cut,
            limits: QueueLimits(slots: 1),
            terms: Self.dying,
            JobHandler("send") { _ in
                started.note(())
                try await never.waitUnlessCancelled()
                return .done
            }
        )
        try await working(killed) {
            await started.wait(for: 1)
            isGone.withLock { $0 = true }
        }
        #expect(try await stand.job(id).status == .running)
        try await working(stand.workers(JobHandler("send") { _ in .done })) {
            let job = try await stand.job(id, reaches: .succeeded)
            #expect(job.attempts == 2)
        }
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `the only process of a store takes over at once what the one before it left`(_ kind: StoreEngine)
        async throws
    {
        let stand = try await QueueStand(kind)
        let id = try #require(try await stand.jobs.enqueue(stand.draft()))
        var batch = WriteBatch(order: "jobs")
        let before = NodeID.make(at: SystemClock().now(), random: SystemRandom())
        batch.add(
            JobStatements.claim,
            [.text(QueueStand.queue), .text("default"), .int(1), .text(before.rawValue), .int(3_600_000), .text("default")],
            expecting: 1
        )
        _ = try await stand.database.write(batch)
        try await working(stand.workers(isShared: false, JobHandler("send") { _ in .done })) {
            let job = try await stand.job(id, reaches: .succeeded)
            #expect(job.attempts == 2)
        }
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `S3.28 heartbeats keep a job that takes longer than its lease`(_ kind: StoreEngine) async throws
    {
        let stand = try await QueueStand(kind)
        let (started, gate) = (Diary<Void>(), TestGate())
        let terms = JobTerms(life: .seconds(6), heartbeat: .milliseconds(50), looking: .milliseconds(20))
        let handler = JobHandler("send") { _ in
            started.note(())
            await gate.wait()
            return .done
        }
        let id = try #require(try await stand.jobs.enqueue(stand.draft()))
        try await working(stand.workers(terms: terms, handler), stand.workers(terms: terms, handler)) {
            await started.wait(for: 1)
            // Longer than the lease that it began with.
            _ = try await stand.job(id) { $0.startedAt.map { $0.advanced(by: .milliseconds(6_200)) < SystemClock().now() } ?? false }
            gate.open()
            #expect(try await stand.job(id, reaches: .succeeded).attempts == 1)
        }
        #expect(started.entries.count == 1)
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `a worker that cannot renew lets go before anybody else may begin`(_ kind: StoreEngine)
        async throws
    {
        let stand = try await QueueStand(kind)
        let isGone = Mutex(false)
        let cut = DisturbedDatabase(stand.database) { _ in
            isGone.withLock { $0 } ? .refuse(StorageError(.unavailable, "gone")) : .commit
        }
        let (started, causes, never) = (Diary<Void>(), Diary<JobInterruption?>(), TestGate())
        let workers = stand.workers(
            on: cut,
            // No hand is free for what it itself left.
            limits: QueueLimits(slots: 1),
            terms: JobTerms(life: .seconds(2), heartbeat: .milliseconds(50), looking: .milliseconds(20)),
            JobHandler("send") { context in
                started.note(())
                do { try await never.waitUnlessCancelled() } catch {
                    causes.note(context.interruption)
                    throw error
                }
                return .done
            }
        )
        let id = try #require(try await stand.jobs.enqueue(stand.draft()))
        try await working(workers) {
            await started.wait(for: 1)
            isGone.withLock { $0 = true }
            await causes.wait(for: 1)
            #expect(causes.entries == [.leaseLost])
        }
        let left = try await stand.job(id)
        #expect(left.status == .running && left.attempts == 1)
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `a claim whose answer was lost is given back`(_ kind: StoreEngine) async throws {
        let stand = try await QueueStand(kind)
        let id = try #require(try await stand.jobs.enqueue(stand.draft()))
        let workers = stand.workers(JobHandler("send") { _ in .done })
        var batch = WriteBatch(order: "jobs")
        batch.add(
            JobStatements.claim,
            [.text(QueueStand.queue), .text("default"), .int(1), .text(workers.node.rawValue), .int(3_600_000), .text("default")],
            expecting: 1
        )
        _ = try await stand.database.write(batch)
        // Nothing runs here, so only what is unknown makes it look.
        workers.state.withLock { $0.strays = [id] }
        await workers.renew()
        let back = try await stand.job(id)
        #expect(back.status == .queued && back.attempts == 0 && back.owner == nil)
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `a process that leaves gives its work back as if it had not begun`(_ kind: StoreEngine)
        async throws
    {
        let stand = try await QueueStand(kind)
        let (started, causes, never) = (Diary<Void>(), Diary<JobInterruption?>(), TestGate())
        let leaving = stand.workers(
            JobHandler("send") { context in
                started.note(())
                do { try await never.waitUnlessCancelled() } catch {
                    causes.note(context.interruption)
                    throw error
                }
                return .done
            }
        )
        let id = try #require(try await stand.jobs.enqueue(stand.draft()))
        let service = Task { await leaving.run() }
        await started.wait(for: 1)
        await leaving.drain(within: .milliseconds(1))
        await service.value
        #expect(causes.entries == [.drain])
        let back = try await stand.job(id)
        #expect(back.status == .queued && back.attempts == 0)
        try await working(stand.workers(JobHandler("send") { _ in .done })) {
            let job = try await stand.job(id, reaches: .succeeded)
            #expect(job.attempts == 1)
        }
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `a process that leaves lets work end that does so in time, and begins no other`(
        _ kind: StoreEngine
    ) async throws {
        let stand = try await QueueStand(kind)
        let (started, gate) = (Diary<Void>(), TestGate())
        let leaving = stand.workers(
            JobHandler("send") { _ in
                started.note(())
                await gate.wait()
                return .done
            }
        )
        let service = Task { await leaving.run() }
        let id = try #require(try await leaving.queue.enqueue(stand.draft()))
        await started.wait(for: 1)
        let drain = Task { await leaving.drain(within: .seconds(100)) }
        while !leaving.state.withLock({ $0.isDraining }) { await Task.yield() }
        let later = try #require(try await leaving.queue.enqueue(stand.draft()))
        gate.open()
        await drain.value
        await service.value
        #expect(try await stand.job(id).status == .succeeded)
        #expect(try await stand.job(later).status == .queued && started.entries.count == 1)
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `a job of another node is cancelled there`(_ kind: StoreEngine) async throws {
        let stand = try await QueueStand(kind)
        let other = try await stand.other()
        let (started, never) = (Diary<Void>(), TestGate())
        let workers = stand.workers(
            on: other,
            JobHandler("send") { _ in
                started.note(())
                try await never.waitUnlessCancelled()
                return .done
            }
        )
        let id = try #require(try await stand.jobs.enqueue(stand.draft()))
        try await working(workers) {
            await started.wait(for: 1)
            #expect(try await stand.jobs.cancel(id).isCancelling)
            _ = try await stand.job(id, reaches: .cancelled)
        }
        await other.close()
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `what no bell told of is seen with the next look`(_ kind: StoreEngine) async throws {
        let stand = try await QueueStand(kind)
        try await working(stand.workers(terms: JobTerms(), JobHandler("send") { _ in .done })) {
            let id = try #require(try await stand.jobs.enqueue(stand.draft()))
            _ = try await stand.job(id, reaches: .succeeded)
        }
        #expect(JobTerms().looking == .seconds(1) && JobTerms().life == .seconds(30) && JobTerms().heartbeat == .seconds(10))
        await stand.database.close()
    }

    @Test func `the bell tells other nodes of work, of its end, and of what was given back`() async throws {
        let stand = try await QueueStand(.postgres)
        let other = try await stand.other()
        let configuration = try await PostgresCluster.shared().configuration(for: stand.folder)
        let (here, there) = (try PostgresDoorbell(configuration), try PostgresDoorbell(configuration))
        let (heard, started, never) = (Diary<BellNews>(), Diary<Void>(), TestGate())
        here.listen(heard.note)
        await heard.wait(for: 1)
        let ringing = JobQueue(database: stand.database, clock: SystemClock(), doorbell: here)
        // It would see nothing by itself within the test.
        let workers = stand.workers(
            on: other,
            doorbell: there,
            terms: JobTerms(looking: .seconds(3_600)),
            JobHandler("send") { _ in
                started.note(())
                try await never.waitUnlessCancelled()
                return .done
            }
        )
        try await working(workers) {
            // It listens when its own beginning was heard.
            await heard.wait(for: 2)
            let id = try #require(try await ringing.enqueue(stand.draft()))
            await started.wait(for: 1)
            #expect(try await ringing.cancel(id).isCancelling)
            _ = try await stand.job(id, reaches: .cancelled)
        }
        here.close()
        there.close()
        await other.close()
        await stand.database.close()
    }

    @Test func `a store of its own is looked at when something is due, and else hardly ever`() async throws {
        let stand = try await QueueStand(.sqlite)
        let counting = DisturbedDatabase(stand.database) { _ in .commit }
        let workers = stand.workers(on: counting, isShared: false, JobHandler("send") { _ in .done })
        try await workers.look()
        #expect(workers.timeToLook > .seconds(50) && counting.writes == 0)
        var draft = stand.draft()
        draft.delay = .seconds(10)
        _ = try await workers.queue.enqueue(draft)
        #expect(workers.timeToLook < .seconds(11) && workers.timeToLook > .seconds(1))
        try await workers.look()
        #expect(workers.timeToLook < .seconds(11) && workers.timeToLook > .seconds(1))
        #expect(counting.writes == 1)
        await stand.database.close()
    }
}
