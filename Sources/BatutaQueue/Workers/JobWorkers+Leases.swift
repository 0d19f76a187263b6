import BatutaCore
import BatutaStorage
import BatutaTelemetry
import Synchronization

/// Leases: one statement renews all of a node's, and says which it has no more.
extension JobWorkers {
    func keepLeases() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: configuration.terms.heartbeat)
            guard !Task.isCancelled else { return }
            await renew()
        }
    }

    func renew() async {
        let before = state.withLock { $0.running }
        guard !before.isEmpty || !state.withLock({ $0.strays.isEmpty }) else { return }
        let start = ContinuousClock.now
        do {
            var batch = WriteBatch(order: JobQueue.order)
            batch.add(JobStatements.renew, [.int(configuration.terms.life.inMilliseconds), .text(node.rawValue)])
            let rows = try await queue.database.write(batch).results?[0].returned ?? []
            state.withLock { $0.renewedAt = start }
            compare(before, with: rows)
            try await giveBackStrays(rows)
        } catch {
            cutExpired(before, now: start)
        }
    }

    private func compare(_ before: [JobID: JobHandle], with rows: [Row]) {
        var fences: [JobID: Int64] = [:]
        for row in rows {
            let id = JobID(trusted: row.text(0))
            fences[id] = row.int(1)
            if !row.isNull(2), before[id]?.job.fence == row.int(1) { before[id]?.cut(.cancel) }
        }
        for (id, handle) in before where fences[id] != handle.job.fence && isStillHere(handle) { handle.cut(.leaseLost) }
    }

    /// Its end is not even on its way.
    private func isStillHere(_ handle: JobHandle) -> Bool {
        state.withLock { state in
            state.running[handle.job.id] === handle && !state.endings.contains { $0.handle === handle }
        }
    }

    /// Nobody knows whether another node has what could not be renewed in time, so this one lets go of it.
    private func cutExpired(_ handles: [JobID: JobHandle], now: ContinuousClock.Instant) {
        let renewedAt = state.withLock { $0.renewedAt }
        for handle in handles.values where now - max(renewedAt, handle.leasedAt) >= configuration.terms.life { handle.cut(.leaseLost) }
    }

    /// A claim reached the store whose answer was lost: what is unknown at two renewals in a row is no claim that is still on its way.
    private func giveBackStrays(_ rows: [Row]) async throws {
        let (earlier, unknown) = state.withLock { state in
            let unknown = rows.filter { state.running[JobID(trusted: $0.text(0))] == nil }
            defer { state.strays = Set(unknown.map { JobID(trusted: $0.text(0)) }) }
            return (state.strays, unknown)
        }
        for row in unknown where earlier.contains(JobID(trusted: row.text(0))) {
            guard let job = try await queue.jobs.find(JobID(trusted: row.text(0))), job.fence == row.int(1) else { continue }
            var batch = WriteBatch(order: JobQueue.order)
            _ = batch.add(.givenBack, of: job, next: queue.nextID())
            _ = try await queue.database.write(batch)
            queue.announce(job.lane, in: nil, isForOthers: true)
        }
    }
}
