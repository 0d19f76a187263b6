import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage

/// Keeps prompts under the agent's limit: what has no room goes on in a few words, which are part of the log before a model sees them.
extension RunDriver {
    /// The words that are left of something.
    struct Gist: Sendable {
        var text: String?
        /// The blob that holds them.
        var ref: String?
        var isLeftOut = false
    }

    func window(beside system: Int) -> ContextWindow {
        ContextWindow(tokens: agent.definition.limits.contextTokens, fixed: system + agent.toolSize)
    }

    /// Puts together what the model is told next. When that does not fit, the oldest rounds of the run are folded away first.
    ///
    /// - Returns: false when the run was cut meanwhile.
    mutating func arrangeTurns() async throws -> Bool {
        guard let through = arrange() else { return true }
        guard try await fold(through: through) else { return false }
        _ = arrange()
        return true
    }

    /// Of results that are too long even when nothing can be folded the model is told a part.
    ///
    /// - Returns: The step up to which rounds have to be folded first; nil when it is done.
    private mutating func arrange() -> Int? {
        guard let system = prompt?.system.utf8.count, let historySize = prompt?.historySize, let taken = prompt?.size else { return nil }
        let window = window(beside: system), told = state.told
        let size = told.size + taken
        if size > window.room, let through = window.overflow(of: state, size: size) { return through }
        let own = Self.own(told.turns, prompt)
        arranged = (prompt?.history ?? []) + (size > window.room ? window.fitting(own, beside: historySize) : own)
        return nil
    }

    private mutating func fold(through step: Int) async throws -> Bool {
        let window = window(beside: prompt?.system.utf8.count ?? 0)
        let previous = Gist(text: try await text(of: state.folded.summary), ref: state.folded.summary)
        let gone = state.rounds.prefix { $0.step <= step }.flatMap(\.turns)
        let request = SummaryRequest(previous: previous.text, turns: gone, task: state.prompt?.content)
        guard let gist = try await sumUp(.rounds(through: step), request, previous, in: window) else { return false }
        prompt?.folded = SummaryText.rounds(state.folded, gist.text)
        forgetOpaque()
        return true
    }

    /// Asks for a summary, as often as for any answer of a model, and says in the log what came of it. A summary that nobody gives leaves
    /// things out; it never fails the run.
    ///
    /// - Returns: nil when the run was cut meanwhile: it will be asked for again.
    mutating func sumUp(
        _ part: SummaryNote.Part,
        _ request: SummaryRequest,
        _ previous: Gist,
        in window: ContextWindow
    ) async throws -> Gist? {
        guard agent.definition.summary != .never, let blobs = services.blobs else { return leaveOut(part, previous, attempt: 1) }
        var question = request.request(of: agent.definition, in: window, language: language)
        var standIn = state.standIn
        let retry = ModelRetry(attempts: state.limits.modelAttempts)
        var attempt = (state.summarising?.attempt ?? 0) + 1, failures = 0
        while attempt <= Self.mostSummaryAttempts {
            let model = agent.model(standIn: standIn)
            question.settings = request.settings(of: model.settings, in: window)
            // What it would say is left out instead; whether the run's own question has room is seen next.
            let means = try await reserve(for: question.settings, bytes: question.size, [])
            guard case .paid = means, let call = purse.call else {
                if case .cut = means { return nil }
                return leaveOut(part, previous, attempt: attempt)
            }
            var note = StepEvent(.summary(SummaryNote(part, .asked)), step: state.nextStep, attempt: attempt, model: model.settings.model)
            note.reservedNanoUSD = call.reservedNanoUSD
            emit(.step(note))
            try await commit()
            question.timeLimit = timeLeft
            let result = await handle.perform(on: services.executor) { [question] in await call.answer(question, of: model.provider) }
            // What was paid for is kept, whatever is wanted meanwhile.
            let gist = try await take(result, from: model.settings, of: part, attempt, window, blobs)
            if handle.cause != nil { return nil }
            switch gist {
            case .success(let gist): return gist
            case .failure(let error):
                if error.reason == .outOfTime { return leaveOut(part, previous, attempt: attempt, code: error.code) }
                failures += 1
                let next = agent.fallback(after: standIn)
                let random = services.random.next()
                switch retry.verdict(on: error, tries: failures, hasFallback: next != nil, random: random) {
                case .again(let pause) where pause >= timeLeft: return leaveOut(part, previous, attempt: attempt, code: error.code)
                case .again(let pause): await handle.pause(for: pause)
                case .fallBack: (standIn, failures) = (next?.settings.name, 0)
                case .giveUp: return leaveOut(part, previous, attempt: attempt, code: error.code)
                }
                if handle.cause != nil || handle.isLeaving { return nil }
                attempt += 1
            }
        }
        return leaveOut(part, previous, attempt: attempt, code: .unavailable)
    }

    /// Crashes and pauses count: what is asked for again after each of them comes to an end.
    private static let mostSummaryAttempts = 10

    private mutating func take(
        _ result: Result<ModelAnswer, ModelError>,
        from model: ModelSettings,
        of part: SummaryNote.Part,
        _ attempt: Int,
        _ window: ContextWindow,
        _ blobs: BlobStore
    ) async throws -> Result<Gist, ModelError> {
        switch result {
        case .success(let answer) where answer.text.isBlank:
            settle(answer)
            return .failure(ModelError(.badAnswer, "The model gave no summary."))
        case .success(let answer): return .success(try await keep(answer, from: model, of: part, attempt, window, blobs))
        case .failure(let error):
            settle(error)
            return .failure(error)
        }
    }

    private mutating func keep(
        _ answer: ModelAnswer,
        from model: ModelSettings,
        of part: SummaryNote.Part,
        _ attempt: Int,
        _ window: ContextWindow,
        _ blobs: BlobStore
    ) async throws -> Gist {
        let text = project.secretPatterns.masked(answer.text).shortened(toBytes: SummaryRequest.longest(in: window))
        let blob = try await blobs.prepare(Array(text.utf8))
        let ref = blob.hash.description
        outbox.blobs.append(blob)
        if case .messages(let through, _) = part { outbox.summaries.append(NewSummary(through: through, hash: ref)) }
        emit(.step(StepEvent(.summary(SummaryNote(part, .made)), step: state.nextStep, attempt: attempt, ref: ref, model: model.model)))
        settle(answer)
        return Gist(text: text, ref: ref)
    }

    private mutating func leaveOut(_ part: SummaryNote.Part, _ previous: Gist, attempt: Int, code: ModelError.Code? = nil) -> Gist {
        let note = SummaryNote(part, .leftOut, code: code?.rawValue)
        emit(.step(StepEvent(.summary(note), step: state.nextStep, attempt: attempt, ref: previous.ref)))
        return Gist(text: previous.text, ref: previous.ref, isLeftOut: true)
    }

    /// The words of a summary; nil when there is none, or its blob is gone.
    func text(of ref: String?) async throws -> String? {
        guard let blobs = services.blobs, let hash = ref.flatMap(BlobHash.init), let bytes = try await blobs.get(hash) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
