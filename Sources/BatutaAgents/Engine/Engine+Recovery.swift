public import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTelemetry
import Synchronization

/// What a start found of runs that had no end.
public struct RecoveryReport: Sendable, Hashable {
    /// Runs that went on by themselves.
    public var resumed: Int
    /// Runs that wait for a human.
    public var awaitingHuman: Int
    /// Runs that somebody paused.
    public var paused: Int
    /// Runs that are another node's, which may be gone.
    public var elsewhere: Int

    public init(resumed: Int, awaitingHuman: Int, paused: Int = 0, elsewhere: Int = 0) {
        self.resumed = resumed
        self.awaitingHuman = awaitingHuman
        self.paused = paused
        self.elsewhere = elsewhere
    }

    public var isEmpty: Bool { resumed == 0 && awaitingHuman == 0 && paused == 0 && elsewhere == 0 }

    mutating func add(_ other: RecoveryReport) {
        resumed += other.resumed
        awaitingHuman += other.awaitingHuman
        paused += other.paused
        elsewhere += other.elsewhere
    }

    /// A sentence or two; nil when there is nothing to tell.
    public var text: Words? {
        var sentences = work.map { [$0] } ?? []
        if paused > 0 {
            sentences.append(
                Self.counted(paused, "run is paused.", "runs are paused.", "execução está em pausa.", "execuções estão em pausa.")
            )
        }
        if elsewhere > 0 {
            let other = Self.counted(
                elsewhere,
                "run is another node's",
                "runs are other nodes'",
                "execução é de outro nó",
                "execuções são de outros nós"
            )
            let next = Words("; what a node that is gone left goes on within 40 s.", "; o que um nó que caiu deixou continua em até 40 s.")
            sentences.append(other + next)
        }
        guard let first = sentences.first else { return nil }
        return sentences.dropFirst().reduce(first) { $0 + Words(" ", " ") + $1 }
    }

    private var work: Words? {
        let wentOn = Self.counted(resumed, "run went on", "runs went on", "execução continuou", "execuções continuaram")
        let wait = Self.counted(awaitingHuman, "waits for you.", "wait for you.", "espera por você.", "esperam por você.")
        let runsWait = Self.counted(awaitingHuman, "run waits", "runs wait", "execução espera", "execuções esperam")
        switch (resumed, awaitingHuman) {
        case (0, 0): return nil
        case (0, _): return runsWait + Words(" for you.", " por você.")
        case (_, 0): return wentOn + Words(".", ".")
        default: return wentOn + Words(", ", ", ") + wait
        }
    }

    private static func counted(_ count: Int, _ one: String, _ many: String, _ um: String, _ muitos: String) -> Words {
        Words("\(count) \(count == 1 ? one : many)", "\(count) \(count == 1 ? um : muitos)")
    }
}

extension Engine {
    /// Looks at what is undone as often as it takes: the store may be away for a moment just when a node starts. nil when the engine is told to end
    /// before that.
    func recoverAtLast() async -> RecoveryReport? {
        var tries = 0
        while !Task.isCancelled, !isDraining {
            do {
                let report = try await recover()
                state.withLock { $0.trouble = nil }
                tell(report)
                return report
            } catch {
                tries += 1
                note(error, tries)
                try? await Task.sleep(for: min(.milliseconds(50 * tries), .seconds(1)))
            }
        }
        return nil
    }

    /// For whoever reads the log and not the terminal.
    private func tell(_ report: RecoveryReport) {
        guard !report.isEmpty else { return }
        services.logger.info(
            "Looked at the runs without an end",
            [
                "went_on": .int(Int64(report.resumed)), "wait_for_people": .int(Int64(report.awaitingHuman)),
                "paused": .int(Int64(report.paused)), "of_other_nodes": .int(Int64(report.elsewhere)),
            ]
        )
    }

    private func note(_ error: any Error, _ tries: Int) {
        let opening = Words(
            "The runs that have no end cannot be looked at yet, and new ones wait: ",
            "Ainda não dá para ver as execuções sem fim, e as novas esperam: "
        )
        state.withLock { $0.trouble = opening + Self.reason(error) }
        guard Repetition.isWorthALine(tries) else { return }
        services.logger.error(
            "The runs that have no end cannot be looked at; tried again each second",
            ["error": .string("\(error)"), "tries": .int(Int64(tries))]
        )
    }

    /// For whoever asks, without what a database says of itself.
    private static func reason(_ error: any Error) -> Words {
        switch error {
        case let error as StorageError: error.code.words
        case let error as RunsError: error.message
        default: Words("see the server's log.", "veja o registro do servidor.")
        }
    }

    /// Queues every run without an end, in order of acceptance. One that waits for a human stays asleep, unless an answer or a stop was
    /// committed that its driver never saw.
    func recover() async throws -> RecoveryReport {
        guard services.leases == nil else { return try await recoverAmongOthers() }
        var resumed: [(run: Run, order: Int64)] = []
        var report = RecoveryReport(resumed: 0, awaitingHuman: 0)
        var page: [Run] = []
        repeat {
            page = try await runs.unfinished(after: page.last, limit: Self.recoveryPage)
            let found = try await resumable(page)
            resumed += found.runs
            report.add(found.report)
        } while page.count == Self.recoveryPage
        for (run, order) in resumed.sorted(by: { $0.order < $1.order }) { enqueue(run, order: order) }
        return report
    }

    /// Runs that a start looks at together.
    private static let recoveryPage = 32

    /// What other nodes perform is theirs; this one goes on with what nobody does.
    private func recoverAmongOthers() async throws -> RecoveryReport {
        try await takeWanted()
        var report = RecoveryReport(resumed: activeRuns, awaitingHuman: try await runs.count(unfinishedIn: .pendingApproval))
        report.paused = try await runs.count(unfinishedIn: .paused)
        let working = try await runs.count(unfinishedIn: .running) + runs.count(unfinishedIn: .queued)
        report.elsewhere = max(0, working - report.resumed)
        return report
    }

    /// Of runs without an end those that go on by themselves, in order of acceptance, and how the others stand.
    func resumable(_ unfinished: [Run]) async throws -> (runs: [(run: Run, order: Int64)], report: RecoveryReport) {
        var resumed: [(run: Run, order: Int64)] = []
        var report = RecoveryReport(resumed: 0, awaitingHuman: 0)
        var roots: Set<RunID> = []
        for run in unfinished where !isDriven(run) {
            // Of what cannot be read the driver says so, and ends it.
            guard let folded = try await readable({ try await self.folded(run) }) else {
                if let root = try await root(of: run), roots.insert(root.id).inserted { resumed.append((root, 0)) }
                continue
            }
            if run.status == .pendingApproval, try await sleeps(folded.state) {
                if folded.state.asksHuman { report.awaitingHuman += 1 }
            } else if run.status == .paused, folded.state.sleeps {
                report.paused += 1
            } else if run.status == .waiting, try await sleeps(folded.state) {
                continue
            } else if let root = try await root(of: run), roots.insert(root.id).inserted {
                let first = root.id == run.id ? folded.first : try await readable { try await self.folded(root).first }
                resumed.append((root, first ?? 0))
            }
        }
        report.resumed = resumed.count
        return (resumed.sorted { $0.order < $1.order }, report)
    }

    /// nil for what no waiting makes readable.
    private func readable<Value: Sendable>(_ read: () async throws -> Value) async throws -> Value? {
        do {
            return try await read()
        } catch let error as RunsError where error.code == .corrupt {
            return nil
        }
    }

    /// Whether nothing is to be done for the run before somebody answers: a member that ended meanwhile has an answer for it.
    private func sleeps(_ state: RunState) async throws -> Bool {
        guard state.sleeps else { return false }
        for member in state.openMembers where try await runs.find(member, owner: nil)?.status.isEnded == true { return false }
        return true
    }

    /// The run that goes on when this one has something to do; nil when that is driven, or paused together with its members.
    private func root(of run: Run) async throws -> Run? {
        guard run.parentRunID != nil else { return run }
        guard let root = try await runs.find(run.rootRunID, owner: nil), !root.status.isEnded, !isDriven(root) else { return nil }
        return run.status == .paused && root.status == .paused ? nil : root
    }

    /// Ends the patience of approvals whose time is over, while the engine runs.
    func expireApprovals() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: services.configuration.expiryInterval)
            guard let overdue = try? await approvals.overdue(at: services.clock.now()) else { continue }
            for approval in overdue { try? await expire(approval) }
            await services.log.closeIdleChannels(except: state.withLock { Set($0.handles.values.map(\.run.sessionID)) })
        }
    }
}

extension RunState {
    /// Whether there is nothing to do before a human answers, or resumes.
    ///
    /// Runs below it sleep by themselves, or do not.
    var sleeps: Bool {
        let actions = next(tools: [:], resting: delegated)
        return actions == [.awaitHuman] || (actions == [.pause] && status == .paused)
    }

    /// Whether the run itself asks a human; one that only waits for a member does not.
    var asksHuman: Bool { openQuestions > 0 }
}
