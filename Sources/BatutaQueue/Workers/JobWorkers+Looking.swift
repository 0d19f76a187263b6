import BatutaCore
import BatutaStorage
import BatutaTelemetry
import Synchronization

/// What a node sees when it looks around: work that nobody told it of, jobs whose time has come, and what a process left behind that is gone.
extension JobWorkers {
    /// The longest that a node sleeps on a store of its own, whose every change it hears of: a minute bounds what a clock that was set costs.
    private static let longestSleep = Duration.seconds(60)

    /// After the store refused.
    private static let pause = Duration.milliseconds(500)

    private struct View: Sendable {
        var wishes: [(id: JobID, fence: Int64)] = []
        var lanes: [Lane] = []
        var orphans: [Job] = []
        /// nil when nothing waits for its time.
        var due: Duration?
        var expiry: Duration?
    }

    /// Looks around when it is time, and lets turns go on that the store refused, until there is nothing left to do.
    func keepLooking() async {
        while !Task.isCancelled, !isOver {
            do {
                if isTimeToLook { try await look() }
                if state.withLock({ $0.isPaused }) { try await Task.sleep(for: Self.pause) }
            } catch {
                if !Task.isCancelled { logger.warning("Jobs wait for the store", ["error": .string("\(error)")]) }
                try? await Task.sleep(for: Self.pause)
            }
            state.withLock { $0.isPaused = false }
            kick()
            await wish.wait(atMost: timeToLook)
        }
        starts.continuation.finish()
    }

    var isTimeToLook: Bool { state.withLock { !$0.isDraining && $0.nextLook <= .now } }

    var timeToLook: Duration { state.withLock { $0.isDraining ? .seconds(1) : max($0.nextLook - .now, .zero) } }

    /// Told by whoever rings.
    func hear(_ news: BellNews) {
        let isForUs =
            switch news {
            case .everything: true
            case .silence: false
            case .rings(let rings): rings.contains { if case .queue(let name) = $0 { configuration.queues[name] != nil } else { false } }
            }
        guard isForUs else { return }
        state.withLock { $0.nextLook = .now }
        wish.ring()
    }

    /// Told by this node's own commits, on the writer's thread.
    /// - Returns: Whether a hand is free for it here.
    func hears(of lane: Lane, in delay: Duration?) -> Bool {
        guard let delay else {
            let isTaken = state.withLock { $0.isAtWork && !$0.isDraining && $0.plan.mayHaveWork(lane) }
            kick()
            return isTaken
        }
        let isSooner = state.withLock { state in
            let moment = ContinuousClock.now + delay
            guard moment < state.nextLook else { return false }
            state.nextLook = moment
            return true
        }
        if isSooner { wish.ring() }
        return true
    }

    /// Somebody wants a job to end.
    /// - Returns: Whether this node has it.
    func end(_ id: JobID, _ fence: Int64) -> Bool {
        guard let handle = state.withLock({ $0.running[id] }), handle.job.fence == fence else { return false }
        handle.cut(.cancel)
        return true
    }

    func look() async throws {
        // What is heard from here on asks for another look.
        state.withLock { $0.nextLook = .now + max(Self.longestSleep, configuration.terms.looking) }
        do { try await lookAround() } catch {
            state.withLock { $0.nextLook = .now }
            throw error
        }
    }

    private func lookAround() async throws {
        try await begin()
        let view = try await view()
        for wish in view.wishes { _ = end(wish.id, wish.fence) }
        var lanes = view.lanes
        var isAll = true
        if let due = view.due, due <= .zero {
            let staged = try await stage()
            lanes += staged
            isAll = staged.count < 500
        }
        if !view.orphans.isEmpty { lanes += try await takeOver(view.orphans) }
        plan(lanes, next: isAll && view.orphans.count < 100 ? view : nil)
    }

    private func plan(_ lanes: [Lane], next view: View?) {
        let longest = configuration.isShared ? configuration.terms.looking : Self.longestSleep
        state.withLock { state in
            for lane in lanes { _ = state.plan.mayHaveWork(lane) }
            let waits = [longest, view?.due, view?.expiry].compactMap { $0 }.filter { $0 > .zero }
            state.nextLook = min(state.nextLook, view == nil ? .now : .now + (waits.min() ?? longest))
        }
    }

    /// What has to be there before the first look; once.
    private func begin() async throws {
        guard !state.withLock({ $0.hasRecurring }) else { return }
        var batch = WriteBatch(order: JobQueue.order)
        for (name, limits) in configuration.queues where limits.isCounted { batch.add(JobStatements.addLimit, [.text(name)]) }
        for draft in configuration.recurring { queue.enqueue(draft, in: &batch) }
        if !batch.isEmpty { _ = try await queue.database.write(batch) }
        state.withLock { $0.hasRecurring = true }
    }

    private func view() async throws -> View {
        let (node, queues, isAlone) = (
            Bind.text(node.rawValue), configuration.queues.keys.sorted(), Bind.int(configuration.isShared ? 0 : 1)
        )
        return try await queue.database.read { connection in
            var view = View()
            view.wishes = try connection.rows(JobStatements.wishes, [node]) { (JobID(trusted: $0.text(0)), $0.int(1)) }
            for name in queues {
                view.lanes += try connection.rows(JobStatements.tenants, [.text(name), .text(name)]) {
                    Lane(queue: name, tenant: $0.text(0))
                }
            }
            view.due = try connection.first(JobStatements.due, []) { $0.optionalInt(0) }??.milliseconds
            view.expiry = try connection.first(JobStatements.expiry, [node]) { $0.optionalInt(0) }??.milliseconds
            view.orphans = try connection.rows(JobStatements.orphans, [isAlone, node], Job.init(_:))
            return view
        }
    }

    /// Jobs whose time has come wait for a worker now.
    private func stage() async throws -> [Lane] {
        var batch = WriteBatch(order: JobQueue.order)
        batch.add(JobStatements.stage, [])
        let rows = try await queue.database.write(batch).results?[0].returned ?? []
        return rows.map { Lane(queue: $0.text(0), tenant: $0.text(1)) }
    }

    private func takeOver(_ orphans: [Job]) async throws -> [Lane] {
        var batch = WriteBatch(order: JobQueue.order)
        let places = orphans.map { (job: $0, verdict: TakeoverVerdict($0)) }.map { orphan in
            (orphan.job, orphan.verdict, add(orphan.verdict, of: orphan.job, to: &batch))
        }
        let results = try await queue.database.write(batch).results ?? []
        var lanes: [Lane] = []
        for (job, verdict, statement) in places where results[statement].rowsAffected == 1 {
            logger.warning(
                "A job was taken over from a process that is gone",
                ["job": .string(job.id.rawValue), "kind": .string(job.kind), "now": .string(verdict.status.rawValue)]
            )
            if verdict == .queued { lanes.append(job.lane) }
        }
        return lanes
    }

    private func add(_ verdict: TakeoverVerdict, of job: Job, to batch: inout WriteBatch) -> Int {
        let error = "the process that worked on it (\(job.owner ?? "unknown")) went away"
        let statement = batch.add(
            JobStatements.takeOver,
            [
                .text(verdict.status.rawValue), .optional(verdict.reason?.rawValue), .text(error), .int(verdict.status.isEnded ? 1 : 0),
                .text(job.tenant), .text(job.id.rawValue), .int(job.fence), .int(configuration.isShared ? 0 : 1), .text(node.rawValue),
            ]
        )
        if job.period != nil { batch.addNext(queue.nextID(), after: job) }
        return statement
    }
}

extension TakeoverVerdict {
    var status: JobStatus {
        switch self {
        case .queued: .queued
        case .dead: .dead
        case .cancelled: .cancelled
        }
    }

    var reason: JobReason? { if case .dead(let reason) = self { reason } else { nil } }
}

extension Int64 {
    fileprivate var milliseconds: Duration { .milliseconds(self) }
}
