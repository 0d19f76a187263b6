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
            let left = try await LeftRun.read(run, from: log.pages)
            let ending = Ending(of: left, failing: Self.code, moment.rfc3339, at: clock.now(), on: try await bill(of: run))
            _ = try await log.append(ending.draft(masking: mask), to: run.sessionID)
        }
        report.ended = ending.count
        return report
    }

    /// Whether the run only waits for a person; a member, for a team that stays.
    private func stays(_ run: Run, among kept: Set<RunID>) async throws -> Bool {
        guard [.pendingApproval, .paused, .waiting].contains(run.status) else { return false }
        guard run.parentRunID.map(kept.contains) ?? true else { return false }
        return try await LeftRun.read(run, from: log.pages).state.sleeps
    }

    /// No node has these rows of the bill, and no project is at hand that says whose day it was.
    private func bill(of run: Run) async throws -> Ending.Bill {
        let root = run.parentRunID == nil ? run : try await runs.find(run.rootRunID, owner: nil)
        return Ending.Bill(node: "restore", zone: .utc, team: (root ?? run).team)
    }

    private static let code = "store_restored"
}
