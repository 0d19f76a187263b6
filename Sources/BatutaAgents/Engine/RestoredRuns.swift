public import BatutaCore
import BatutaModels
import BatutaRuns
public import BatutaStorage

/// Runs that were under way when the backup was taken from which the store was restored.
///
/// What they did afterwards happened, but is not in the log: going on would do it again (DESIGN §2, promise 4). So they end, and say why; what
/// they had begun counts as uncertain for the later runs of their sessions. Those that ask a human, or were paused, stay: a human decides.
public struct RestoredRuns: Sendable {
    public struct Report: Sendable, Hashable {
        public var ended = 0
        public var awaitingHuman = 0

        public init() {}
    }

    private let log: EventLog
    private let runs: RunStore
    private let clock: any ProjectClock
    private let mask: @Sendable (String) -> String

    /// - Parameter secrets: What must not be shown of calls; nil when nobody knows, and then nothing of their arguments is.
    public init(in database: any Database, clock: any ProjectClock, secrets: [String]?) {
        let patterns = secrets.map { SecretPatterns($0) }
        mask = { patterns?.masked($0) ?? SecretPatterns.mask }
        log = EventLog(database: database, clock: clock)
        runs = RunStore(database: database)
        self.clock = clock
    }

    /// - Parameter moment: When the backup was taken.
    public func settle(backupOf moment: Timestamp) async throws -> Report {
        var report = Report()
        var kept: Set<RunID> = []
        var ending: [Run] = []
        // Whoever asked a member is older than it, and comes first.
        for run in try await runs.unfinished() {
            guard try await stays(run, among: kept) else {
                ending.append(run)
                continue
            }
            kept.insert(run.id)
            if run.status == .pendingApproval { report.awaitingHuman += 1 }
        }
        // Members end before those that asked them.
        for run in ending.reversed() {
            _ = try await log.append(self.ending(of: run, try await state(of: run), backupOf: moment), to: run.sessionID)
        }
        report.ended = ending.count
        return report
    }

    /// Whether the run only waits for a person; a member, for a team that stays.
    private func stays(_ run: Run, among kept: Set<RunID>) async throws -> Bool {
        guard [.pendingApproval, .paused, .waiting].contains(run.status) else { return false }
        guard run.parentRunID.map(kept.contains) ?? true else { return false }
        return try await state(of: run).sleeps
    }

    private func state(of run: Run) async throws -> RunState {
        var state = RunState(id: run.id, agent: run.agent, limits: RunLimits())
        for event in try await log.pages.ofRun(run.id, session: run.sessionID) { state.apply(try event.data(), at: event.at) }
        return state
    }

    private func ending(of run: Run, _ state: RunState, backupOf moment: Timestamp) -> Draft {
        var state = state
        let now = clock.now()
        let error = ErrorEvent(code: Self.code, message: moment.rfc3339, recoverable: false)
        let questions = state.openQuestions
        let closing = state.closingEvents + [.error(error)]
        for event in closing { state.apply(event, at: now) }
        var draft = Draft(closing.map { NewEvent(runID: run.id, parentRunID: run.parentRunID, agent: run.agent, $0) })
        if questions > 0 { draft.projections.append(ApprovalProjections.cancellation(of: run.id, at: now, expecting: questions)) }
        if let doubts = RunProjections.doubts(state.doubts, of: run.id, masking: mask) { draft.projections.append(doubts) }
        draft.projections.append(RunProjections.end(state, .failed(code: Self.code, message: error.message), at: now))
        draft.projections.append(CheckpointStore.removal(of: run.id))
        return draft
    }

    private static let code = "store_restored"
}
