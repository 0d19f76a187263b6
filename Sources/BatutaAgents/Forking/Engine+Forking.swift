public import BatutaCore
public import BatutaRuns
import BatutaTelemetry
import BatutaTools

/// Forking (DESIGN §9.11): a new session that begins as a run's branch began, and goes on by itself.
extension Engine {
    /// Events that a fork takes over at most.
    static let mostForked = 20_000

    /// Begins a session with what happened in a run's branch up to the last whole step at or before an event. Results that are recorded are
    /// not asked for again.
    ///
    /// - Parameters:
    ///   - owner: Whose session it is.
    ///   - claim: A row to be committed together with the run, by the run's identifier.
    /// - Throws: `not_forkable`, `unknown_event`, `invalid_change`, `project_unavailable`.
    public func fork(
        _ run: Run,
        from event: Int64,
        changes: ForkChanges = ForkChanges(),
        owner: String,
        claim: (@Sendable (RunID) -> Projection)? = nil
    ) async throws -> Acceptance {
        try checkCapacity()
        guard run.parentRunID == nil else { throw Self.isMembers(run) }
        let agent = try await agent(of: run, with: changes)
        let branch = try await branch(of: run, from: event, changes)
        try check(changes, in: branch, of: run)
        try checkEffect(of: changes, in: branch, agent, run)
        let now = services.clock.now()
        let session = try await session(forking: run, at: event, changes, branch, owner: owner, now)
        var forked = forkedRun(of: run, branch, in: session, now)
        guard let message = branch.messages.last(where: { $0.runID == forked.id && $0.role == .user }) else { throw Self.notBegun(run) }
        forked.changes = Self.merged(run.changes, changes.ofAgent)
        var draft = try await draft(of: forked, from: run, branch, session)
        if let claim { draft.projections.append(claim(forked.id)) }
        draft.isInput = true
        let isOurs = try await isPerformedHere(session.id, isNew: true, hasRoom: hasRoom)
        if isOurs, let leases = services.leases { draft.projections.append(leases.beginning(of: session.id)) }
        let committed = try await services.log.writer(forNew: session.id).append(draft)
        if isOurs { enqueue(forked, order: committed.after) }
        services.logger.info("A run was forked", ["run.id": .string(run.id.rawValue), "fork.id": .string(forked.id.rawValue)])
        return Acceptance(sessionID: session.id, runID: forked.id, messageID: message.id, after: Int64(branch.events.count))
    }

    /// What stands at an event of a run that a fork from there may have otherwise.
    ///
    /// - Throws: as `fork` does.
    public func forkGround(of run: Run, at event: Int64) async throws -> ForkGround {
        guard run.parentRunID == nil else { throw Self.isMembers(run) }
        guard let project = try await projects.project(hash: run.projectHash, isRehearsal: run.isRehearsal),
            let agent = project.agent(of: run)
        else { throw Self.projectUnavailable(run) }
        try await check(event, of: run)
        let own = try await services.log.pages.ofRun(run.id, session: run.sessionID).filter { $0.runID == run.id && $0.number <= event }
        let models = project.models.keys.sorted()
        guard let ground = ForkGround(of: run, agent, models: models, events: try own.map { try $0.data() }, at: services.clock.now())
        else {
            throw Self.notBegun(run)
        }
        return ground
    }

    private static func merged(_ earlier: JSON?, _ later: JSON?) -> JSON? {
        guard var members = earlier?.object else { return later }
        for (name, value) in later?.object ?? [:] { members[name] = value }
        return .object(members)
    }

    private func agent(of run: Run, with changes: ForkChanges) async throws -> RunnableAgent {
        guard let project = try await projects.project(hash: run.projectHash, isRehearsal: run.isRehearsal),
            let agent = project.agent(of: run)
        else { throw Self.projectUnavailable(run) }
        if let team = agent.team, case .graph = team.plan { try Self.check(changes, ofGraph: team) }
        return try changes.ofAgent.map { try project.changed(agent, by: $0) } ?? agent
    }

    private func check(_ event: Int64, of run: Run) async throws {
        let last = try await services.log.lastEvent(of: run.sessionID)
        guard (1...max(last, 1)).contains(event) else {
            let message = Words(
                "from_event must be a number from 1 to \(last), the session's last event.",
                "from_event precisa ser um número de 1 a \(last), o último evento da sessão."
            )
            throw EngineError(.unknownEvent, message)
        }
    }

    private func branch(of run: Run, from event: Int64, _ changes: ForkChanges) async throws -> ForkedBranch {
        try await check(event, of: run)
        let source = ForkedBranch.Source(
            run: run,
            events: try await events(of: run.sessionID, through: event),
            tree: try await services.messages.tree(run.sessionID)
        )
        let names = CopiedNames(at: services.clock.now(), random: services.random)
        guard let branch = try ForkedBranch(source, changes, names: names) else { throw Self.notBegun(run) }
        guard branch.events.count <= Self.mostForked else { throw Self.tooLong(branch.events.count) }
        return branch
    }

    private func events(of session: SessionID, through last: Int64) async throws -> [LoggedEvent] {
        var events: [LoggedEvent] = []
        while (events.last?.number ?? 0) < last {
            let page = try await services.log.pages.read(session, after: events.last?.number ?? 0, through: last, limit: 500)
            guard !page.isEmpty else { break }
            events += page
        }
        return events
    }

    private func session(
        forking run: Run,
        at event: Int64,
        _ changes: ForkChanges,
        _ branch: ForkedBranch,
        owner: String,
        _ now: Timestamp
    ) async throws -> Session {
        guard let original = try await sessions.find(run.sessionID, owner: nil) else {
            throw EngineError(.notFound, Words("There is no session \(run.sessionID).", "Não existe a sessão \(run.sessionID)."))
        }
        var session = Session(
            id: SessionID.make(at: now, random: services.random),
            owner: owner,
            target: original.target,
            title: original.title,
            metadata: original.metadata,
            variables: original.variables,
            createdAt: now
        )
        let open = try await services.doubts.uncertainCalls(before: branch.runID, in: run.sessionID)
        var origin: JSONObject = [
            "session_id": .string(run.sessionID.rawValue), "run_id": .string(run.id.rawValue), "event": .int(event),
            "changed": .array(changes.names.map(JSON.string)),
        ]
        // The world outside knows no sessions: what nobody knows of the original's calls, nobody knows of here.
        let unknown = open.filter { !branch.settled.contains($0.callID) }
        if !unknown.isEmpty { origin["open"] = .array(unknown.map(\.json)) }
        if !changes.isEmpty { origin["changes"] = changes.told(over: try await forkGround(of: run, at: event), branch.names) }
        session.forkedFrom = .object(origin)
        return session
    }

    private func forkedRun(of run: Run, _ branch: ForkedBranch, in session: Session, _ now: Timestamp) -> Run {
        Run(
            id: branch.runID,
            sessionID: session.id,
            owner: session.owner,
            target: run.target,
            agent: run.agent,
            projectHash: run.projectHash,
            isRehearsal: run.isRehearsal,
            variables: run.variables,
            createdAt: now
        )
    }

    /// The copy, and after it the run's return to the queue.
    private func draft(of forked: Run, from run: Run, _ branch: ForkedBranch, _ session: Session) async throws -> Draft {
        var draft = Draft(branch.events + [NewEvent(runID: forked.id, agent: forked.agent, .status(StatusEvent(.queued)))])
        draft.messages = branch.messages
        draft.summaries = try await services.messages.summaries(of: run.sessionID).compactMap { summary in
            branch.names.messages[summary.through].map { NewSummary(through: $0, hash: summary.hash) }
        }
        draft.session = session
        draft.projections = [RunProjections.insertion(of: forked)]
        if let changes = forked.changes { draft.projections.append(RunProjections.changes(changes, of: forked.id)) }
        for other in branch.earlier {
            guard var copy = try await runs.find(other.run, owner: nil) else { continue }
            copy.id = other.copy
            copy.sessionID = session.id
            copy.owner = session.owner
            if !other.hasEnded { (copy.status, copy.endedAt, copy.output, copy.error) = (.cancelled, forked.createdAt, nil, nil) }
            draft.projections.append(RunProjections.copy(copy, of: other.run))
        }
        draft.projections.append(FileStore.sharing(blobsOf: run.sessionID, with: session.id))
        for (file, copy) in branch.names.files.sorted(by: { $0.key < $1.key }) {
            draft.projections += FileStore.copies(file, of: run.sessionID, as: copy, in: session.id, owner: session.owner)
        }
        return draft
    }
}

// MARK: - What cannot be forked

extension Engine {
    /// Results can be given for calls that the fork has.
    private func check(_ changes: ForkChanges, in branch: ForkedBranch, of run: Run) throws {
        let known = branch.point.calls.map(\.callID)
        guard let unknown = changes.toolResults.keys.sorted().first(where: { !known.contains($0) }) else { return }
        let list = branch.point.calls.suffix(20).map { "\($0.callID) (\($0.tool))" }.joined(separator: ", ")
        let opening = Words(
            "changes.tool_results: there is no call \(unknown) up to this event.",
            "changes.tool_results: não existe a chamada \(unknown) até este evento."
        )
        let listed = list.isEmpty ? Words(" There is none.", " Não há nenhuma.") : Words(" Calls: \(list).", " Existem: \(list).")
        throw EngineError.invalidChange("tool_results", opening + listed)
    }

    /// A change of which nothing could come is refused: the model would not be asked again.
    private func checkEffect(of changes: ForkChanges, in branch: ForkedBranch, _ agent: RunnableAgent, _ run: Run) throws {
        guard !changes.isEmpty else { return }
        var state = RunState(id: run.id, agent: run.agent, limits: agent.definition.limits)
        let id = branch.runID
        for event in branch.events where event.runID == id { state.apply(event.data, at: services.clock.now()) }
        guard case .finish(.completed) = state.next(tools: agent.tools.catalog.facts).first else { return }
        let number = branch.lastQuestion ?? 1
        let message = Words(
            "Up to this event the run has its answer, and the model would not be asked again: the changes would do nothing. Fork from an event "
                + "before \(number).",
            "Até este evento a execução já tem a resposta, e o modelo não seria consultado de novo: as mudanças não teriam efeito. Use um evento "
                + "anterior a \(number)."
        )
        throw EngineError(.invalidChange, message)
    }

    /// A graph asks no model by itself, so there is nothing of its own to change.
    private static func check(_ changes: ForkChanges, ofGraph team: RunnableTeam) throws {
        guard let name = changes.names.first(where: ["instructions", "model"].contains) else { return }
        let agents = Set(team.members.values).filter { $0.hasPrefix("agent:") }.map { String($0.dropFirst(6)) }.sorted()
        let files = agents.map { "agents/\($0).md" }.joined(separator: ", ")
        let place = files.isEmpty ? Words(".", ".") : Words(" (\(files)).", " (\(files)).")
        let message = Words(
            "changes.\(name) would do nothing: the team \(team.name) is a graph and asks no model itself. Change content or tool_results (--content, --tool-results), or "
                + "change the files of its agents and send the message again",
            "changes.\(name) não teria efeito: a equipe \(team.name) é um grafo e não consulta modelo nenhum. Mude content ou tool_results (--content, --tool-results), ou "
                + "altere os arquivos dos agentes e envie a mensagem de novo"
        )
        throw EngineError.invalidChange(name, message + place)
    }

    private static func isMembers(_ run: Run) -> EngineError {
        let message = Words(
            "The run \(run.id) is a member's, a part of its team's work. Fork the team's run: \(run.rootRunID).",
            "A execução \(run.id) é de um membro, parte do trabalho da equipe. Bifurque a execução da equipe: \(run.rootRunID)."
        )
        return EngineError(.notForkable, message)
    }

    private static func notBegun(_ run: Run) -> EngineError {
        let message = Words(
            "from_event: the run \(run.id) had not begun by then; choose one of its events.",
            "from_event: a execução \(run.id) ainda não tinha começado; escolha um evento dela."
        )
        return EngineError(.unknownEvent, message)
    }

    private static func tooLong(_ count: Int) -> EngineError {
        let message = Words(
            "The branch has \(count) events up to there; a fork takes over at most \(mostForked). Fork from an earlier event.",
            "O ramo tem \(count) eventos até ali; uma bifurcação leva no máximo \(mostForked). Use um evento anterior."
        )
        return EngineError(.unknownEvent, message)
    }

    static func projectUnavailable(_ run: Run) -> EngineError {
        let message = Words(
            "The project version \(run.projectHash) of this run, or its agent \(run.agent), cannot be loaded any more.",
            "A versão \(run.projectHash) do projeto desta execução, ou o agente \(run.agent), não pode mais ser carregada."
        )
        return EngineError(.projectUnavailable, message)
    }
}
