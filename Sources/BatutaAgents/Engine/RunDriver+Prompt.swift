import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTools

/// What a model sees before the turns of the run itself.
struct RenderedPrompt: Sendable {
    var system: String
    /// Earlier turns of the conversation.
    var history: [ModelTurn]
    /// The run's own message with its files, as the model sees it; nil when it has none.
    var question: String?
    /// The blob with what is the same for every model call of the run, once it is named in the log.
    var parameters: String?
}

extension RunDriver {
    /// Recalls the conversation before this run and renders the system prompt. What was recalled is named in the log first, so that the
    /// same prompt can be built again (DESIGN §9.3).
    mutating func recall() async throws {
        let system = try agent.definition.instructions.render(variables: promptVariables, language: language)
        let question = try await questionWithFiles()
        if let context = state.context, case .context(_, let last, let notes, _) = context.kind {
            let history = try await earlierTurns(endingAt: last).turns + Self.turns(notes)
            prompt = RenderedPrompt(system: system, history: history, question: question)
            return
        }
        let last = isFirstOfSession ? nil : writer.end(of: run.id)
        let found = try await earlierTurns(endingAt: last).turns
        let doubts = try await earlierDoubts(endingAt: last)
        let notes = DoubtText.note(doubts)
        prompt = RenderedPrompt(system: system, history: found + Self.turns(notes), question: question)
        emit(.step(StepEvent(.context(messages: found.count, last: last, notes: notes, doubts: doubts), step: state.nextStep)))
    }

    private static func turns(_ notes: [String]) -> [ModelTurn] { notes.map { .assistant(text: $0, calls: []) } }

    private var isFirstOfSession: Bool { writer.end(of: run.id) == state.prompt?.messageID && run.isFirstOfSession }

    /// Messages of earlier runs, oldest first, bounded by the agent's history and the context limit. Of what came after this run's own
    /// message only answers count: other users' messages there belong to runs that are queued behind it.
    private func earlierTurns(endingAt last: MessageID?) async throws -> (turns: [ModelTurn], bytes: Int) {
        guard let last else { return ([], 0) }
        let limit = agent.definition.historyTurns * 2 + 1
        let messages = try await services.messages.branch(run.sessionID, endingAt: last, limit: limit)
        var turns: [ModelTurn] = []
        var bytes = 0
        var isAfterOwn = messages.contains { $0.runID == run.id }
        for message in messages.reversed() {
            if message.runID == run.id {
                isAfterOwn = false
                continue
            }
            if isAfterOwn, message.role == .user { continue }
            let content = try await attachmentText.text(message.content, message.attachments)
            bytes += content.utf8.count
            guard bytes < agent.definition.limits.contextTokens * 2 else { break }
            turns.append(message.role == .user ? .user(content) : .assistant(text: content, calls: []))
        }
        return (turns.reversed(), bytes)
    }

    /// The turns of this run after the history.
    var ownTurns: [ModelTurn] {
        var turns = state.turns
        if let question = prompt?.question, case .user = turns.first { turns[0] = .user(question) }
        return turns
    }

    private func questionWithFiles() async throws -> String? {
        guard let asked = state.prompt, !asked.attachments.isEmpty else { return nil }
        return try await attachmentText.text(asked.content, asked.attachments)
    }

    private var attachmentText: AttachmentText { AttachmentText(files: services.files, secrets: project.secretPatterns) }

    /// Project < what the run began with: profile < session < message; `language` is built in (PROJECT.md, Variables).
    var promptVariables: [String: JSON] {
        var values: [String: JSON] = [:]
        for declaration in agent.definition.variables { values[declaration.name] = declaration.default }
        for (name, value) in project.variables where values[name] != nil || declares(name) { values[name] = value }
        for (name, value) in run.variables.object ?? [:] where declares(name) { values[name] = value }
        values["language"] = .string(language)
        return values
    }

    private func declares(_ name: String) -> Bool { agent.definition.variables.contains { $0.name == name } }

    var language: String { run.variables["language"]?.string ?? project.language }

    var toolContext: ToolContext {
        ToolContext(
            sessionID: run.sessionID,
            runID: run.id,
            agent: run.agent,
            user: person?.user ?? ["id": .string(run.owner)],
            profile: .object(project.profile?.filled(person?.profile ?? [:]) ?? [:]),
            isRehearsal: run.isRehearsal,
            language: language
        )
    }

    /// Takes a new run as far as its first question to the model, without committing anything.
    ///
    /// - Parameter events: What its log begins with.
    /// - Returns: what comes after them; nil when the model is not what is next.
    mutating func begin(after events: [NewEvent]) async throws -> (draft: Draft, prompt: RenderedPrompt)? {
        for event in events { state.apply(event.data, at: services.clock.now()) }
        emit(.status(StatusEvent(.running)))
        guard case .callModel(let step, let attempt, nil) = state.next(tools: agent.tools.catalog.facts).first else { return nil }
        try await request(step: step, attempt: attempt)
        return prompt.map { (outbox, $0) }
    }

    /// Stores what is the same for every call of the run, once: system prompt, tools, model.
    mutating func parametersReference() async throws -> String? {
        if let parameters = prompt?.parameters { return parameters }
        guard let blobs = services.blobs else { return nil }
        let stored = try await agent.parameters.blob(for: modelRequest(), in: blobs)
        outbox.blobs.append(stored)
        prompt?.parameters = stored.hash.description
        return prompt?.parameters
    }
}
