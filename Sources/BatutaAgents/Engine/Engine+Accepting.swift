public import BatutaCore
public import BatutaRuns
import Synchronization

/// A message that somebody sent.
public struct IncomingMessage: Sendable {
    public var content: String
    /// Values of prompt variables for this run.
    public var variables: JSONObject
    /// A row to be committed together with the run, by the run's identifier.
    public var claim: (@Sendable (RunID) -> Projection)?

    public init(content: String, variables: JSONObject = [:]) {
        self.content = content
        self.variables = variables
    }
}

/// What the sender is told (API §3: 202).
public struct Acceptance: Sendable, Hashable {
    public var sessionID: SessionID
    public var runID: RunID
    public var messageID: MessageID
    /// The number of the last event before the run.
    public var after: Int64

    public init(sessionID: SessionID, runID: RunID, messageID: MessageID, after: Int64) {
        self.sessionID = sessionID
        self.runID = runID
        self.messageID = messageID
        self.after = after
    }
}

extension Engine {
    /// Makes a session for a target.
    public func makeSession(
        owner: String,
        target: String?,
        title: String? = nil,
        metadata: JSON = [:],
        variables: JSON = [:]
    ) throws(EngineError) -> Session {
        let project = projects.current()
        guard let agent = project.agent(for: target) else { throw unknownTarget(target, project) }
        let now = services.clock.now()
        return Session(
            id: SessionID.make(at: now, random: services.random),
            owner: owner,
            target: "agent:" + agent.definition.name,
            title: title,
            metadata: metadata,
            variables: variables,
            createdAt: now
        )
    }

    /// Accepts a message: it is durable when this returns, and its run goes on whatever happens.
    ///
    /// - Parameter isNew: The session is created in the same commit.
    public func accept(_ message: IncomingMessage, in session: Session, target: String? = nil, isNew: Bool = false) async throws
        -> Acceptance
    {
        let project = projects.current()
        guard let agent = project.agent(for: target ?? session.target) else { throw unknownTarget(target ?? session.target, project) }
        try checkCapacity()
        var run = newRun(agent: agent, project, session, message)
        let messageID = MessageID.make(at: services.clock.now(), random: services.random)
        let draft = opening(of: run, messageID, message, session, isNew: isNew)
        let committed = isNew ? try await services.log.open(session.id, with: draft) : try await services.log.append(draft, to: session.id)
        run.isFirstOfSession = committed.after == 0
        enqueue(run, order: committed.after, opening: draft.events.map { PastEvent(data: $0.data, at: committed.at) })
        return Acceptance(sessionID: session.id, runID: run.id, messageID: messageID, after: committed.after)
    }

    private func checkCapacity() throws(EngineError) {
        let (isDraining, active) = state.withLock { ($0.isDraining, $0.turns.count) }
        if isDraining {
            let message = Words(
                "The server is shutting down; try again in a moment.",
                "O servidor está parando; tente de novo daqui a pouco."
            )
            throw EngineError(.draining, message)
        }
        if active >= services.configuration.maximumActiveRuns {
            let message = Words(
                "\(active) runs are queued or running; try again in a moment.",
                "Há \(active) execuções na fila ou em curso; tente de novo daqui a pouco."
            )
            throw EngineError(.overloaded, message)
        }
    }

    private func newRun(agent: RunnableAgent, _ project: RunnableProject, _ session: Session, _ message: IncomingMessage) -> Run {
        let now = services.clock.now()
        var variables = session.variables.object ?? [:]
        for (name, value) in message.variables { variables[name] = value }
        return Run(
            id: RunID.make(at: now, random: services.random),
            sessionID: session.id,
            owner: session.owner,
            target: "agent:" + agent.definition.name,
            agent: agent.definition.name,
            projectHash: project.hash,
            isRehearsal: project.isRehearsal,
            variables: .object(variables),
            createdAt: now
        )
    }

    private func opening(of run: Run, _ messageID: MessageID, _ message: IncomingMessage, _ session: Session, isNew: Bool) -> Draft {
        func event(_ data: EventData) -> NewEvent { NewEvent(runID: run.id, agent: run.agent, data) }
        var draft = Draft([
            event(.status(StatusEvent(.queued, project: run.projectHash, rehearsal: run.isRehearsal))),
            event(.message(MessageEvent(messageID: messageID, role: .user, content: message.content))),
        ])
        draft.messages = [NewMessage(id: messageID, runID: run.id, role: .user, content: message.content)]
        draft.title = Self.title(of: message.content)
        if isNew { draft.session = session }
        draft.projections = [RunProjections.insertion(of: run)]
        if let claim = message.claim { draft.projections.append(claim(run.id)) }
        return draft
    }

    /// The first line of the first message, at most 80 characters.
    private static func title(of content: String) -> String {
        let line = content.utf8.drop { $0 == UInt8(ascii: "\n") }.prefix { $0 != UInt8(ascii: "\n") }
        guard line.count > 80 else { return String(Substring(line)) }
        return String(Substring(line).prefix(80))
    }

    private func unknownTarget(_ target: String?, _ project: RunnableProject) -> EngineError {
        let name = target ?? project.defaultTarget
        let near = nearestNames(to: target ?? "", among: project.targets, limit: 1).first
        let hint = near.map { Words(" Did you mean \($0)?", " Você quis dizer \($0)?") } ?? .none
        let listed = project.targets.joined(separator: ", ")
        let known = Words(" Targets: \(listed).", " Existem: \(listed).")
        return EngineError(.unknownTarget, Words("There is no target \(name).", "Não existe \(name) neste projeto.") + hint + known)
    }
}
