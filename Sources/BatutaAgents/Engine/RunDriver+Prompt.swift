import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage
import BatutaTools

/// What a model sees before the turns of the run itself.
struct RenderedPrompt: Sendable {
    let system: String
    /// Earlier turns of the conversation.
    let history: [ModelTurn]
    /// The run's own message with its files, as the model sees it; nil when it has none.
    let question: ModelTurn?
    /// What is left of the run's first rounds.
    var folded: ModelTurn?
    /// The blob with what is the same for every model call of the run, once it is named in the log.
    var parameters: String?
    /// Bytes of the history.
    let historySize: Int

    init(system: String, history: [ModelTurn], question: ModelTurn? = nil) {
        self.system = system
        self.history = history
        self.question = question
        historySize = history.reduce(0) { $0 + $1.size }
    }

    /// Bytes that it takes beside instructions and the run's own turns.
    var size: Int { historySize + (question?.size ?? 0) + (folded?.size ?? 0) }
}

extension RunDriver {
    /// Recalls the conversation before this run and renders the system prompt. What was recalled is named in the log first, so that the
    /// same prompt can be built again (DESIGN §9.3).
    ///
    /// - Returns: false when the run was cut while it asked for a summary.
    mutating func recall() async throws -> Bool {
        tellPassedOver()
        var recalled = recalledBefore
        let system = try instructions(of: &recalled)
        var files = AttachedFiles(attachmentText, accepts: model.accepts)
        let question = try await questionWithFiles(&files)
        if let context = state.context, case .context(let count, let last, let notes, _, _) = context.kind {
            var past = Past(turns: try await retold(count, endingAt: last, &files))
            past.summary.text = try await text(of: context.ref)
            let facts = try await text(of: recalled.factsRef).map { [$0] } ?? []
            var rendered = RenderedPrompt(system: system, history: past.history(notes + facts), question: question)
            rendered.folded = SummaryText.rounds(state.folded, try await text(of: state.folded.summary))
            prompt = rendered
            return true
        }
        // A member knows nothing but its task.
        let last = isFirstOfSession || isMember ? nil : writer.end(of: run.id)
        let asked = question?.userText ?? state.prompt?.content ?? ""
        let taken = system.utf8.count + (question?.size ?? asked.utf8.count)
        let facts = try await recallFacts(for: asked, in: window(beside: taken), &recalled)
        let window = window(beside: taken + (facts?.utf8.count ?? 0))
        guard let past = try await past(endingAt: last, in: window, &files) else { return false }
        let doubts = try await earlierDoubts(endingAt: isMember ? writer.end(of: run.rootRunID) : last)
        let notes = (past.leftOut > 0 ? [SummaryText.leftOut(messages: past.leftOut)] : []) + DoubtText.note(doubts)
        prompt = RenderedPrompt(system: system, history: past.history(notes + [facts].compactMap(\.self)), question: question)
        let context = StepEvent.Kind.context(messages: past.turns.count, last: last, notes: notes, doubts: doubts, recalled: recalled)
        emit(.step(StepEvent(context, step: state.nextStep, ref: past.summary.ref)))
        return true
    }

    private var isFirstOfSession: Bool { writer.end(of: run.id) == state.prompt?.messageID && run.isFirstOfSession }

    /// The run's own turns as the model is told them: its message with its files, and after it what is left of rounds that were folded away.
    static func own(_ turns: [ModelTurn], _ prompt: RenderedPrompt?) -> [ModelTurn] {
        guard let prompt, prompt.question != nil || prompt.folded != nil, case .user = turns.first else { return turns }
        var turns = turns
        if let question = prompt.question { turns[0] = question }
        if let folded = prompt.folded { turns.insert(folded, at: 1) }
        return turns
    }

    private func questionWithFiles(_ files: inout AttachedFiles) async throws -> ModelTurn? {
        guard let asked = state.prompt, !asked.attachments.isEmpty else { return nil }
        return try await files.turn(asked.content, asked.attachments)
    }

    var attachmentText: AttachmentText { AttachmentText(files: services.files, secrets: project.secretPatterns) }

    /// Project < what the run began with: profile < session < message; `language` is built in (PROJECT.md, Variables).
    var promptVariables: [String: JSON] {
        var values: [String: JSON] = [:]
        for declaration in agent.definition.variables {
            values[declaration.name] = given(declaration) ?? project.variables[declaration.name] ?? declaration.default
        }
        values["language"] = .string(language)
        return values
    }

    private func given(_ declaration: VariableDeclaration) -> JSON? {
        guard let value = run.variables[declaration.name], declaration.takes(value) else { return nil }
        return value
    }

    /// A conversation outlives the version of the project that it began with, and what it was given may fit its variables no longer: the project's
    /// own values stand in, and the log says so.
    mutating func tellPassedOver() {
        guard state.context == nil else { return }
        for declaration in agent.definition.variables {
            guard let given = run.variables[declaration.name], !declaration.takes(given) else { continue }
            let message =
                "The value kept for the variable \(declaration.name) is not used: it must be \(declaration.type) and is \(given.typeName). The "
                + "project's own is used; give another with a message or in a new session."
            emit(.error(ErrorEvent(code: RunErrorCode.invalidVariables.rawValue, message: message, recoverable: true)))
        }
    }

    var language: String { run.variables["language"]?.string ?? project.language }

    var toolContext: ToolContext {
        ToolContext(
            sessionID: run.sessionID,
            runID: run.id,
            agent: run.agent,
            user: person?.user ?? ["id": .string(run.owner)],
            profile: .object(project.profile?.filled(person?.profile ?? [:]) ?? [:]),
            isRehearsal: run.isRehearsal,
            language: language,
            schedule: run.schedule
        )
    }

    /// Takes a new run as far as its first question to the model, without committing anything.
    ///
    /// - Parameter events: What its log begins with.
    /// - Returns: what comes after them; nil when the model is not what is next.
    mutating func begin(after events: [NewEvent]) async throws -> (draft: Draft, prompt: RenderedPrompt, call: PaidCall?)? {
        isAhead = true
        for event in events { state.apply(event.data, at: services.clock.now()) }
        emit(.status(StatusEvent(.running)))
        guard case .callModel(let step, let attempt, nil) = state.next(tools: agent.tools.catalog.facts).first else { return nil }
        guard try await request(step: step, attempt: attempt) else { return nil }
        return prompt.map { (outbox, $0, purse.call) }
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
