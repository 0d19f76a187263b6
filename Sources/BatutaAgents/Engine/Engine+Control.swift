public import BatutaCore
public import BatutaRuns
import BatutaTools
import Synchronization

extension Engine {
    /// Asks a run to stop. Returns when it has ended, or after the engine's patience.
    ///
    /// - Returns: Whether it has ended.
    public func stop(_ run: Run) async throws -> Bool { try await stop([run]) }

    /// Stops several runs of a session. All are told before any is waited for, so that none begins because the one before it has ended.
    public func stop(_ runs: [Run]) async throws -> Bool {
        let event = EventData.status(StatusEvent(word: StatusEvent.stopping))
        var told: [Run] = []
        for run in runs where !run.status.isEnded {
            do {
                try await append(event, whileOpen: run)
                told.append(run)
            } catch let error as RunsError where error.code == .conflict {
                // It has ended.
            }
        }
        return await haveEnded(told.reversed(), by: event)
    }

    /// All are cut before any is waited for, and all have the same time: one whose tool is stuck costs the others nothing.
    private func haveEnded(_ runs: [Run], by event: EventData) async -> Bool {
        var ends: [@Sendable () async -> Bool] = []
        for run in runs {
            guard await takesOver(run.sessionID) else {
                ends.append { [self] in await restsElsewhere(run.id, within: configuration.patience, until: \.isEnded) }
                continue
            }
            let handle = handleToInterrupt(run, event)
            handle.cut(.stop)
            ends.append { [self] in await within(configuration.patience) { await handle.untilRest() } }
        }
        return await withTaskGroup(of: Bool.self) { [ends] group in
            for end in ends { group.addTask { await end() } }
            return await group.reduce(true) { $0 && $1 }
        }
    }

    /// Nothing may follow a run's end: throws `conflict` when it has ended.
    private func append(_ event: EventData, whileOpen run: Run) async throws {
        var draft = Draft(
            [NewEvent(runID: run.id, parentRunID: run.parentRunID, agent: run.agent, event)],
            prelude: [RunProjections.isOpen(run.id)]
        )
        draft.isInput = true
        _ = try await services.log.append(draft, to: run.sessionID)
    }

    /// Waits until the run ended or gave up its turn.
    public func waitUntilRest(of run: RunID) async {
        if let handle = state.withLock({ $0.handles[run] }) { return await handle.untilYield() }
        guard services.leases != nil else { return }
        while !Task.isCancelled, await !restsElsewhere(run, within: .seconds(3_600)) {}
    }

    /// Waits until nothing on this node works on the run any more, calls that a pause lets finish included.
    package func waitUntilGone(of run: RunID) async {
        guard let handle = state.withLock({ $0.handles[run] }) else { return }
        await handle.untilRest()
    }

    /// Decides an approval: one guarded update, its event and the run's return to the queue in one commit (DESIGN §9.20).
    ///
    /// Saying again what was decided changes nothing; anything else is refused with what was decided.
    public func decide(_ approval: Approval, _ decision: ApprovalDecision) async throws -> Approval {
        if approval.isAlready(decision) {
            try await revive(approval.runID)
            return approval
        }
        let now = services.clock.now()
        if approval.state == .requested, approval.expiresAt <= now { try await expire(approval) }
        if approval.state == .expired || (approval.state == .requested && approval.expiresAt <= now) {
            let moment = approval.expiresAt.rfc3339
            throw EngineError(.expired, Words("The approval expired at \(moment).", "O prazo para decidir acabou em \(moment)."))
        }
        guard approval.state == .requested else { throw Self.decidedOtherwise(approval) }
        try await validate(decision, for: approval)
        do {
            try await settle(approval, as: decision.approve ? .approved : .rejected, decision)
        } catch let error as RunsError where error.code == .conflict {
            let decided = try await approvals.find(approval.id, owner: nil) ?? approval
            guard decided.isAlready(decision) else { throw Self.decidedOtherwise(decided) }
            try await revive(decided.runID)
            return decided
        }
        return try await approvals.find(approval.id, owner: nil) ?? approval
    }

    /// The answer is in the log, but whoever gave it may have been told that it is not: the run must go on all the same.
    private func revive(_ id: RunID) async throws {
        guard let run = try await runs.find(id, owner: nil), !run.status.isEnded, !isDriven(run), try await take(run.sessionID) else {
            return
        }
        let folded = try await folded(run)
        if !folded.state.sleeps { await goOn(with: run, order: folded.last) }
    }

    private static func decidedOtherwise(_ approval: Approval) -> EngineError {
        let opening = Words("The approval is decided already: ", "Este pedido já foi decidido: ")
        let closing = Words(". What you sent changes nothing.", ". O que você enviou não muda nada.")
        return EngineError(.alreadyDecided, opening + approval.decided + closing)
    }

    /// Edited arguments are checked anew; the approval stays pending when they do not fit.
    private func validate(_ decision: ApprovalDecision, for approval: Approval) async throws {
        guard let arguments = decision.arguments ?? Self.emptyAnswer(to: approval, decision),
            let run = try await runs.find(approval.runID, owner: nil),
            let project = try await projects.project(hash: run.projectHash, isRehearsal: run.isRehearsal),
            let agent = project.agent(of: run)
        else { return }
        if approval.reason == .question { return try Self.check(arguments, answering: approval) }
        let context = ToolContext(sessionID: run.sessionID, runID: run.id, agent: run.agent, language: project.language)
        let checked = services.tools.validate(tool: approval.tool, arguments: .valid(arguments), context: context, in: agent.tools)
        guard case .refused = checked else { return try await consult(about: approval, with: arguments, run, project) }
        throw Self.misfit(services.tools.problems(with: arguments, of: approval.tool, context: context, in: agent.tools))
    }

    /// Whoever agrees to a question of a graph answers its fields.
    private static func emptyAnswer(to approval: Approval, _ decision: ApprovalDecision) -> JSON? {
        approval.reason == .question && decision.approve ? [:] : nil
    }

    private static func check(_ answer: JSON, answering approval: Approval) throws {
        let schema = try JSONSchema(GraphPlan.Question.schema(of: approval.params["fields"]?.object ?? [:]))
        let problems = schema.fieldProblems(of: answer)
        if !problems.isEmpty { throw misfit(problems) }
    }

    /// Said to whoever edited the arguments.
    private static func misfit(_ problems: [FieldProblem]) -> EngineError {
        let opening = Words("The arguments do not fit", "Os argumentos não servem")
        let reasons = problems.prefix(20).map { problem in
            let name = problem.path.joined(separator: ".")
            return name.isEmpty ? problem.words : Words("\(name) \(problem.words.english)", "\(name) \(problem.words.portuguese)")
        }
        let english = reasons.map(\.english).joined(separator: "; "), portuguese = reasons.map(\.portuguese).joined(separator: "; ")
        let list = reasons.isEmpty ? Words(".", ".") : Words(": \(english).", ": \(portuguese).")
        return EngineError(.invalidArguments, opening + list, fields: problems)
    }

    /// Nobody answered in time: the same statement as a decision (DESIGN §9.20).
    func expire(_ approval: Approval) async throws {
        try await settle(approval, as: .expired, ApprovalDecision(approve: false, by: "clock"))
    }

    private func settle(_ approval: Approval, as state: ApprovalState, _ decision: ApprovalDecision) async throws {
        guard let run = try await runs.find(approval.runID, owner: nil) else { return }
        var event = ApprovalEvent(approval, state: state)
        event.by = decision.by
        event.note = decision.note
        event.arguments = decision.arguments
        event.result = decision.result
        let now = services.clock.now()
        var draft = Draft([NewEvent(runID: run.id, parentRunID: run.parentRunID, agent: run.agent, .approval(event))])
        draft.isInput = true
        draft.prelude = [ApprovalProjections.decision(state, of: approval.id, decision, at: now)]
        if !isDriven(run), run.status != .paused {
            draft.events.append(NewEvent(runID: run.id, parentRunID: run.parentRunID, agent: run.agent, .status(StatusEvent(.queued))))
            draft.projections = [RunProjections.status(.queued, of: run.id, at: now)]
        }
        let committed = try await services.log.append(draft, to: run.sessionID)
        services.metrics?.count(.approval(event), target: run.target)
        guard await takesOver(run.sessionID) else { return }
        await goOn(with: run, hearing: draft.events.map(\.data), order: committed.after)
    }

    /// Whether the work was done in time; it goes on either way.
    func within(_ limit: Duration, _ work: @escaping @Sendable () async -> Void) async -> Bool {
        let done = Signal()
        // Awaited through `done`, at the latest when the run comes to rest.
        Task {
            await work()
            done.set(true)
        }
        Task {
            try? await Task.sleep(for: limit)
            done.set(false)
        }
        return await done.value
    }
}
