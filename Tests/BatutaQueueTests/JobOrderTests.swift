import BatutaCore
@testable import BatutaQueue
import BatutaStorage
import BatutaTesting
import Synchronization
import Testing

/// Which jobs go first, how many at a time, and which come again.
@Suite(.timeLimit(.minutes(5))) struct JobOrderTests {
    private struct Broken: Error {}

    @Test(arguments: StoreEngine.all) func `what matters more goes first, and what came first among equals`(_ kind: StoreEngine)
        async throws
    {
        let stand = try await QueueStand(kind)
        let done = Diary<String>()
        for (name, priority) in [("low", JobPriority.low), ("normal", .normal), ("high", .high)] {
            for turn in 1...2 {
                var draft = stand.draft("send", ["name": .string("\(name) \(turn)")])
                draft.priority = priority
                let id = try #require(try await stand.jobs.enqueue(draft))
                // Moments of the database's clock, of which there is one per millisecond.
                var batch = WriteBatch(order: "jobs")
                batch.add("UPDATE jobs SET run_at = run_at + \(turn) WHERE id = \(id.rawValue)")
                _ = try await stand.database.write(batch)
            }
        }
        let workers = stand.workers(
            limits: QueueLimits(slots: 1),
            JobHandler("send") { context in
                done.note(context.job.payload["name"]?.string ?? "")
                return .done
            }
        )
        try await working(workers) { await done.wait(for: 6) }
        #expect(done.entries == ["high 1", "high 2", "normal 1", "normal 2", "low 1", "low 2"])
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `a tenant with a thousand jobs leaves room for another's one`(_ kind: StoreEngine) async throws {
        let stand = try await QueueStand(kind)
        var batch = WriteBatch(order: "jobs")
        for number in 0...1_000 {
            var draft = stand.draft()
            draft.tenant = number == 1_000 ? "small" : "large"
            stand.jobs.enqueue(draft, in: &batch)
        }
        _ = try await stand.database.write(batch)
        let (started, gate) = (Diary<String>(), TestGate())
        let workers = stand.workers(
            limits: QueueLimits(slots: 4),
            JobHandler("send") { context in
                started.note(context.job.tenant)
                await gate.wait()
                return .done
            }
        )
        try await working(workers) {
            await started.wait(for: 4)
            #expect(started.entries.contains("small"))
            gate.open()
        }
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `a queue that is full keeps no other from its work`(_ kind: StoreEngine) async throws {
        let stand = try await QueueStand(kind)
        let (started, gate) = (Diary<Void>(), TestGate())
        var configuration = JobWorkersConfiguration(queues: [QueueStand.queue: QueueLimits(slots: 1), "other": QueueLimits(slots: 1)])
        configuration.terms = JobTerms(looking: .milliseconds(20))
        configuration.isShared = true
        let workers = JobWorkers(
            stand.jobs,
            node: NodeID.make(at: SystemClock().now(), random: SystemRandom()),
            handlers: [
                JobHandler("send") { _ in
                    started.note(())
                    await gate.wait()
                    return .done
                },
                JobHandler("print") { _ in .done },
            ],
            configuration: configuration
        )
        try await working(workers) {
            for _ in 0..<20 { _ = try await stand.jobs.enqueue(stand.draft()) }
            await started.wait(for: 1)
            let id = try #require(try await stand.jobs.enqueue(JobDraft("print", in: "other")))
            _ = try await stand.job(id, reaches: .succeeded)
            #expect(started.entries.count == 1)
            gate.open()
        }
        await stand.database.close()
    }

    struct Limit: Sendable {
        var kind: StoreEngine
        var limits: QueueLimits
        var most: Int
    }

    @Test(
        arguments: StoreEngine.all.flatMap { kind in
            [
                Limit(kind: kind, limits: QueueLimits(slots: 8, total: 3), most: 3),
                Limit(kind: kind, limits: QueueLimits(slots: 8, perTenant: 2), most: 4),
                Limit(kind: kind, limits: QueueLimits(slots: 8, total: 3, perTenant: 2), most: 3),
            ]
        }
    )
    func `limits hold over all nodes, and everything is done`(_ limit: Limit) async throws {
        let stand = try await QueueStand(limit.kind)
        let other = try await stand.other()
        let meter = Mutex((now: 0, most: 0, perTenant: [String: Int](), mostOfTenant: 0))
        let handler = JobHandler("send") { context in
            meter.withLock { meter in
                meter.now += 1
                meter.most = max(meter.most, meter.now)
                meter.perTenant[context.job.tenant, default: 0] += 1
                meter.mostOfTenant = max(meter.mostOfTenant, meter.perTenant[context.job.tenant] ?? 0)
            }
            for _ in 0..<20 { await Task.yield() }
            meter.withLock { meter in
                meter.now -= 1
                meter.perTenant[context.job.tenant, default: 0] -= 1
            }
            return .done
        }
        var ids: [JobID] = []
        var batch = WriteBatch(order: "jobs")
        for number in 0..<40 {
            var draft = stand.draft()
            draft.tenant = number.isMultiple(of: 2) ? "default" : "another"
            ids.append(stand.jobs.enqueue(draft, in: &batch).id)
        }
        _ = try await stand.database.write(batch)
        try await working(stand.workers(limits: limit.limits, handler), stand.workers(on: other, limits: limit.limits, handler)) {
            try await stand.until { try await stand.open() == 0 }
        }
        #expect(meter.withLock { $0.most } <= limit.most)
        #expect(meter.withLock { $0.mostOfTenant } <= limit.limits.perTenant ?? .max)
        await other.close()
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `what recurs is there once, and its next waits when it has ended`(_ kind: StoreEngine)
        async throws
    {
        let stand = try await QueueStand(kind)
        let other = try await stand.other()
        let done = Diary<JobID>()
        let recurring = [stand.draft("sweep").recurring(every: .seconds(3_600))]
        let handler = JobHandler("sweep") { context in
            done.note(context.job.id)
            return .done
        }
        try await working(stand.workers(recurring: recurring, handler), stand.workers(on: other, recurring: recurring, handler)) {
            await done.wait(for: 1)
            _ = try await stand.job(done.entries[0], reaches: .succeeded)
        }
        // As a node that comes later.
        let late = stand.workers(recurring: recurring, handler)
        try await late.look()
        let all = try await stand.jobs.jobs.list(limit: 10)
        #expect(done.entries.count == 1 && all.map(\.status) == [.scheduled, .succeeded])
        #expect(try all[0].runAt >= #require(all[1].endedAt).advanced(by: .seconds(3_600)) && all[0].uniqueKey == "sweep")
        await other.close()
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `what recurs goes on after a dead letter, which can be retried beside it`(_ kind: StoreEngine)
        async throws
    {
        let stand = try await QueueStand(kind)
        let isMended = Mutex(false)
        var draft = stand.draft("sweep").recurring(every: .seconds(3_600))
        draft.maximumAttempts = 1
        let id = try #require(try await stand.jobs.enqueue(draft))
        let workers = stand.workers(
            JobHandler("sweep", backoff: soon) { _ in
                if isMended.withLock({ $0 }) { return .done }
                throw Broken()
            }
        )
        try await working(workers) {
            let job = try await stand.job(id, reaches: .dead)
            #expect(job.reason == .attemptsExhausted)
            #expect(try await stand.jobs.jobs.list(status: .scheduled, limit: 10).map(\.kind) == ["sweep"])
            isMended.withLock { $0 = true }
            let once = try await stand.jobs.retry(id)
            #expect(once.period == nil && once.uniqueKey == nil)
            _ = try await stand.job(id, reaches: .succeeded)
        }
        #expect(try await stand.jobs.jobs.list(limit: 10).count == 2, "it has one next, not two")
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `what recurs and is cancelled comes again`(_ kind: StoreEngine) async throws {
        let stand = try await QueueStand(kind)
        let id = try #require(try await stand.jobs.enqueue(stand.draft("sweep").recurring(every: .seconds(3_600))))
        _ = try await stand.jobs.cancel(id)
        // Both may bear names of the same millisecond, so which of them is listed first is left open.
        let jobs = try await stand.jobs.jobs.list(limit: 10)
        #expect(jobs.count == 2 && jobs.first { $0.id == id }?.status == .cancelled && jobs.first { $0.id != id }?.status == .scheduled)
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all) func `jobs are listed newest first, by state and queue, page by page`(_ kind: StoreEngine)
        async throws
    {
        let stand = try await QueueStand(kind)
        var ids: [JobID] = []
        for _ in 0..<5 { ids.append(try #require(try await stand.jobs.enqueue(stand.draft()))) }
        _ = try await stand.jobs.enqueue(JobDraft("print", in: "other"))
        _ = try await stand.jobs.cancel(ids[1])
        let newest = ids.sorted(by: >)
        let store = stand.jobs.jobs
        #expect(try await store.list(queue: QueueStand.queue, limit: 3).map(\.id) == Array(newest.prefix(3)))
        #expect(try await store.list(queue: QueueStand.queue, before: newest[2], limit: 3).map(\.id) == Array(newest.suffix(2)))
        #expect(try await store.list(status: .cancelled, limit: 3).map(\.id) == [ids[1]])
        #expect(try await store.list(status: .queued, queue: QueueStand.queue, limit: 9).count == 4)
        for status in [JobStatus.scheduled, .running, .succeeded, .dead] { #expect(try await store.list(status: status, limit: 3).isEmpty) }
        await stand.database.close()
    }

    @Test(arguments: ["mail", "a-b_9"]) func `a queue's name is plain`(_ name: String) { #expect(JobDraft.isName(name)) }

    @Test(arguments: ["", "Mail", "a b", "a,b", "a:b", "#a", "ç", String(repeating: "a", count: 65)])
    func `a queue's name that the bell could not carry is none`(_ name: String) { #expect(!JobDraft.isName(name)) }
}
