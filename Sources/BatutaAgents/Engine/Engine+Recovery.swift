import BatutaCore
import BatutaRuns
import Synchronization

/// What a start found of runs that had no end.
public struct RecoveryReport: Sendable, Hashable {
    /// Runs that went on by themselves.
    public var resumed: Int
    /// Runs that wait for a human.
    public var awaitingHuman: Int
}

extension Engine {
    /// Queues every run without an end, in order of acceptance. One that waits for a human stays asleep, unless an answer or a stop was
    /// committed that its driver never saw.
    func recover() async throws {
        var report = RecoveryReport(resumed: 0, awaitingHuman: 0)
        for run in try await runs.unfinished() {
            guard state.withLock({ $0.handles[run.id] == nil }) else { continue }
            if run.status == .pendingApproval, try await sleepsRightly(run) {
                report.awaitingHuman += 1
                continue
            }
            report.resumed += 1
            let first = try await services.log.pages.ofRun(run.id, session: run.sessionID).first
            _ = enqueue(run, order: first?.number ?? 0)
        }
        recovery.withLock { $0 = report }
    }

    private func sleepsRightly(_ run: Run) async throws -> Bool {
        let limits = RunLimits()
        var state = RunState(id: run.id, agent: run.agent, limits: limits)
        for event in try await services.log.pages.ofRun(run.id, session: run.sessionID) { state.apply(try event.data(), at: event.at) }
        return state.next(tools: [:]) == [.awaitHuman]
    }

    /// Ends the patience of approvals whose time is over, while the engine runs.
    func expireApprovals() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: services.configuration.expiryInterval)
            guard let overdue = try? await approvals.overdue(at: services.clock.now()) else { continue }
            for approval in overdue { try? await expire(approval) }
            services.log.closeIdleChannels()
        }
    }
}
