public import BatutaCore
import BatutaModels
public import BatutaRuns
import Synchronization

/// A message that somebody sent.
public struct IncomingMessage: Sendable {
    public var content: String
    /// Values of prompt variables for this run.
    public var variables: JSONObject
    /// The sender's own choice, `pt-BR` or `en`: what `language` stands for unless session or message say otherwise.
    public var language: String?
    /// A row to be committed together with the run, by the run's identifier.
    public var claim: (@Sendable (RunID) -> Projection)?
    /// The schedule whose clock sends it.
    public var schedule: String?
    /// What it answers; usually the end of the conversation.
    public var place: NewMessage.Place
    public var attachments: [Attachment]
    /// Those of its files that no session has yet: they become the session's with it.
    public var newFiles: Set<FileID> = []
    /// It shows an image to the model, and says so.
    public var showsImages = false

    public init(content: String, variables: JSONObject = [:], place: NewMessage.Place = .end, attachments: [Attachment] = []) {
        self.content = content
        self.variables = variables
        self.place = place
        self.attachments = attachments
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
    /// Makes a session for a target. Throws `unknownTarget`, and `invalidRequest` for values of variables that nobody takes.
    public func makeSession(
        owner: String,
        target: String?,
        title: String? = nil,
        metadata: JSON = [:],
        variables: JSON = [:]
    ) throws(EngineError) -> Session {
        let project = projects.current()
        guard let agent = project.agent(for: target) else { throw unknownTarget(target, project) }
        try Self.check(sessionValues: variables.object ?? [:], for: agent, in: project)
        let now = services.clock.now()
        return Session(
            id: SessionID.make(at: now, random: services.random),
            owner: owner,
            target: agent.target,
            title: title,
            metadata: metadata,
            variables: variables,
            createdAt: now
        )
    }

    /// Accepts a message: it is durable when this returns, and its run goes on whatever happens.
    ///
    /// - Parameters:
    ///   - isNew: The session is created in the same commit.
    ///   - edited: The message that this one takes the place of; what came of it is stopped first.
    public func accept(
        _ message: IncomingMessage,
        in session: Session,
        target: String? = nil,
        isNew: Bool = false,
        stopping edited: MessageID? = nil
    ) async throws -> Acceptance {
        let project = projects.current()
        guard let agent = project.agent(for: target ?? session.target) else { throw unknownTarget(target ?? session.target, project) }
        try Self.check(message, for: agent, in: project)
        try checkCapacity()
        let profile = try await profileVariables(of: session.owner, agent, project)
        var run = newRun(agent: agent, project, session, message, over: profile)
        beginAccepting(run.id)
        defer { endAccepting(run.id) }
        let messageID = MessageID.make(at: services.clock.now(), random: services.random)
        let newDoor = isNew ? services.log.writer(forNew: session.id) : nil
        let hasRoom = hasRoom
        let isOurs = try await isPerformedHere(session.id, isNew: isNew, hasRoom: hasRoom)
        var events = Self.opening(of: run, messageID, message)
        let first = isOurs && hasRoom ? await firstQuestion(of: run, events, agent, project, newDoor) : nil
        if let first {
            run.status = .running
            run.startedAt = services.clock.now()
            events += first.draft.events
        }
        var draft = draft(of: run, events, messageID, message, isNew: isNew)
        if isNew { draft.session = session }
        draft.blobs = first?.draft.blobs ?? []
        if isNew, isOurs, let leases = services.leases { draft.projections.append(leases.beginning(of: session.id)) }
        let committed = try await commit(draft, of: message, in: session, through: newDoor, stopping: edited)
        run.isFirstOfSession = committed.after == 0
        let opening = RunOpening(
            events: events.map { PastEvent(data: $0.data, at: committed.at) },
            asked: first?.prompt,
            call: first?.call
        )
        if isOurs { enqueue(run, order: committed.after, opening: opening) }
        return Acceptance(sessionID: session.id, runID: run.id, messageID: messageID, after: committed.after)
    }

    /// A session that this node makes is its own; another is, when nobody else has it. What has no place here is left to other nodes.
    func isPerformedHere(_ session: SessionID, isNew: Bool, hasRoom: Bool) async throws -> Bool {
        if !hasRoom, let leases = services.leases, !leases.holds(session) { return false }
        guard isNew else { return try await take(session) }
        if configuration.performsRuns { services.leases?.begin(session) }
        return configuration.performsRuns
    }

    /// A new session's run needs no turn and no history: what it asks of the model first goes into the commit of the message, and the
    /// model waits for one commit instead of two. nil for a session that is there already, and when it asks nothing yet; its driver then
    /// finds out why.
    private func firstQuestion(
        of run: Run,
        _ events: [NewEvent],
        _ agent: RunnableAgent,
        _ project: RunnableProject,
        _ newDoor: LogWriter?
    ) async -> (draft: Draft, prompt: RenderedPrompt, call: PaidCall?)? {
        // Where an answer may be kept, or somebody be asking the same, there is something to wait for.
        guard let newDoor, agent.definition.responseCache.mode == .off else { return nil }
        var driver = RunDriver(services: services, project: project, agent: agent, handle: RunHandle(run), writer: newDoor)
        do {
            return try await driver.begin(after: events)
        } catch {
            return nil
        }
    }

    private func commit(
        _ draft: Draft,
        of message: IncomingMessage,
        in session: Session,
        through newDoor: LogWriter?,
        stopping edited: MessageID?
    ) async throws -> Committed {
        if let newDoor { return try await newDoor.append(draft) }
        guard case .after(let parent) = message.place else { return try await services.log.append(draft, to: session.id) }
        return try await append(draft, after: parent, to: session.id, stopping: edited)
    }

    func checkCapacity() throws(EngineError) {
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

    /// Only looked up where something could come of it.
    private func profileVariables(of owner: String, _ agent: RunnableAgent, _ project: RunnableProject) async throws -> JSONObject {
        guard project.profile != nil, !agent.definition.variables.isEmpty else { return [:] }
        return project.variables(of: agent, from: try await services.people(owner)?.profile ?? [:])
    }

    /// Profile < session < message (PROJECT.md, Variables). The run keeps what it began with.
    private func newRun(
        agent: RunnableAgent,
        _ project: RunnableProject,
        _ session: Session,
        _ message: IncomingMessage,
        over profile: JSONObject
    ) -> Run {
        let now = services.clock.now()
        var variables = profile
        if let language = message.language { variables["language"] = .string(language) }
        for (name, value) in session.variables.object ?? [:] { variables[name] = value }
        for (name, value) in message.variables { variables[name] = value }
        var run = Run(
            id: RunID.make(at: now, random: services.random),
            sessionID: session.id,
            owner: session.owner,
            target: agent.target,
            agent: agent.definition.name,
            projectHash: project.hash,
            isRehearsal: project.isRehearsal,
            variables: .object(variables),
            createdAt: now
        )
        run.schedule = message.schedule
        return run
    }

    private static func opening(of run: Run, _ messageID: MessageID, _ message: IncomingMessage) -> [NewEvent] {
        func event(_ data: EventData) -> NewEvent { NewEvent(runID: run.id, agent: run.agent, data) }
        return [
            event(.status(StatusEvent(.queued, project: run.projectHash, rehearsal: run.isRehearsal, schedule: run.schedule))),
            event(
                .message(MessageEvent(messageID: messageID, role: .user, content: message.content, attachments: message.attachments))
            ),
        ]
    }

    private func draft(of run: Run, _ events: [NewEvent], _ messageID: MessageID, _ message: IncomingMessage, isNew: Bool) -> Draft {
        var draft = Draft(events)
        draft.isInput = true
        draft.messages = [
            NewMessage(
                id: messageID,
                runID: run.id,
                role: .user,
                content: message.content,
                place: isNew ? .end : message.place,
                attachments: message.attachments
            )
        ]
        draft.title = Self.title(of: message.content.isBlank ? message.attachments.first?.name ?? "" : message.content)
        draft.projections = [RunProjections.insertion(of: run)]
        draft.projections += message.newFiles.map { FileStore.binding($0, to: run.sessionID, owner: run.owner) }
        if let schedule = run.schedule { draft.projections.append(RunProjections.schedule(schedule, of: run.id)) }
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
        return EngineError(.unknownTarget, .unknownTarget(name, among: project.targets))
    }
}
