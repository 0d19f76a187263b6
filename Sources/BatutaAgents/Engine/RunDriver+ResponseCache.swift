public import BatutaCore
public import BatutaModels
public import BatutaRuns
import BatutaStorage
import BatutaTelemetry
import BatutaTools

/// A question as the response cache knows it, from the moment it is looked for until its answer is there.
final class CachedQuestion: Sendable {
    let key: ResponseCacheKey
    let request: ModelRequest
    /// What is given in the model's place.
    let kept: CachedAnswer?
    /// What that was given to first, where the words are others; of a hit, or of what a shadow would have given.
    let likeKey: ResponseCacheKey?
    /// What would have been given in the model's place, and is only compared.
    let shadow: CachedAnswer?
    /// Which cache had it.
    let cache: UsageEvent.Cache
    /// For those who ask the same meanwhile.
    let flight: ResponseCache.Flight?
    /// Where it lies among others, when it may be compared with them.
    let near: NearQuestion?

    init(
        _ key: ResponseCacheKey,
        _ request: ModelRequest,
        kept: CachedAnswer? = nil,
        from cache: UsageEvent.Cache = .exact,
        likeKey: ResponseCacheKey? = nil,
        shadow: CachedAnswer? = nil,
        flight: ResponseCache.Flight? = nil,
        near: NearQuestion? = nil
    ) {
        self.key = key
        self.request = request
        self.kept = kept
        self.likeKey = likeKey
        self.shadow = shadow
        self.cache = cache
        self.flight = flight
        self.near = near
    }
}

/// Answers that a model gave before, in its place (`response_cache`). To the log such an answer is one like any other; that it cost nothing stands
/// in its `usage`.
extension RunDriver {
    /// Looks whether the question that is about to be asked was answered before; waits while another run of this node asks the same.
    ///
    /// - Returns: false when the run was cut meanwhile.
    mutating func lookForKept() async throws -> Bool {
        cached = nil
        guard agent.definition.responseCache.mode != .off, let (key, request) = sharedQuestion() else { return true }
        if try await wantsAnother {
            cached = CachedQuestion(key, request)
            services.metrics?.cacheRequests.increment("response", "miss")
            return true
        }
        let found = await look(for: key)
        guard take(found, key, request) else { return false }
        if cached?.kept == nil, agent.definition.responseCache.mode == .semantic { try await lookForLike(request) }
        if cached?.kept == nil { services.metrics?.cacheRequests.increment("response", "miss") }
        return handle.cause == nil || handle.cause == .leaseLost
    }

    /// The question that is about to be asked, when others may have its answer.
    private func sharedQuestion() -> (ResponseCacheKey, ModelRequest)? {
        guard services.answers != nil, mayShareAnswers, questionSize <= ResponseCacheKey.longest else { return nil }
        let request = modelRequest()
        return ResponseCacheKey(request, in: cacheScope(of: request.settings)).map { ($0, request) }
    }

    /// Somebody said the same at the same place before: what is wanted is another answer, which takes the place of the kept one.
    private var wantsAnother: Bool {
        get async throws {
            guard !run.isFirstOfSession, !isMember, let asked = state.prompt?.messageID else { return false }
            return try await services.messages.isSaidAgain(asked, in: run.sessionID)
        }
    }

    /// Whoever may share an answer: nothing of it is of the version of the project, so that another file of it changes nothing here.
    func cacheScope(of settings: ModelSettings) -> ResponseCacheKey.Scope {
        ResponseCacheKey.Scope(user: run.owner, place: project.addresses[settings.provider] ?? "", effects: agent.toolEffects)
    }

    private mutating func take(_ found: ResponseCache.Look, _ key: ResponseCacheKey, _ request: ModelRequest) -> Bool {
        switch found {
        case .kept(let answer):
            cached = CachedQuestion(key, request, kept: answer)
            purse.call = nil
            return true
        case .ask(let flight): cached = CachedQuestion(key, request, flight: flight)
        case .askAlone: cached = CachedQuestion(key, request)
        case .cut: return handle.cause == nil || handle.cause == .leaseLost
        }
        return true
    }

    /// Nothing that depends on what this run, or an uncertain call before it, did outside; and no script, which costs nothing.
    private var mayShareAnswers: Bool {
        guard !run.isRehearsal, state.graphPlan == nil, state.folded.rounds == 0, state.doubts.all.isEmpty else { return false }
        return state.rounds.allSatisfy { $0.calls.allSatisfy { $0.call.effect == .read && $0.call.childRunID == nil } }
    }

    /// Whoever waits for another's answer until its own time is over asks for itself, and ends as out of time.
    private func look(for key: ResponseCacheKey) async -> ResponseCache.Look {
        guard let cache = services.answers else { return .askAlone }
        let lifetime = agent.definition.responseCache.lifetime
        if let answer = cache.remembered(key, for: lifetime) { return .kept(answer) }
        let (time, limit, logger) = (services.tools.time, timeLeft, services.logger)
        let (found, isLate) = await handle.perform(on: services.executor) {
            await time.limited(to: limit) { await Self.look(for: key, in: cache, within: lifetime, logger) }
        }
        if case .cut = found, isLate { return .askAlone }
        return found
    }

    /// A store that cannot be read costs only speed.
    private static func look(for key: ResponseCacheKey, in cache: ResponseCache, within lifetime: Duration, _ logger: Logger) async
        -> ResponseCache.Look
    {
        do {
            return try await cache.look(for: key, within: lifetime)
        } catch {
            logger.warning("The response cache could not be read; the model is asked", ["error": .string("\(error)")])
            return .askAlone
        }
    }

    /// Takes the answer that was found in the model's place. Nothing leaves, so nothing has to be durable before it.
    ///
    /// - Returns: false when none was found.
    mutating func takeKept() async throws -> Bool {
        guard let kept = cached?.kept, let asking = state.asking else { return false }
        arranged = nil
        try await accept(kept.answer, to: asking, deltaSink(asking.messageID).finish(kept.text), of: model.settings)
        return true
    }

    /// What a hit costs is nothing; what it saves is what the model would be paid for the same answer now.
    mutating func settleKept(_ question: CachedQuestion, _ kept: CachedAnswer, of settings: ModelSettings) {
        let now = services.clock.now()
        var event = UsageEvent(model: settings.model, provider: settings.provider, usage: ModelUsage(), costNanoUSD: 0)
        event.cache = question.cache
        if let usage = kept.usage {
            event.savedNanoUSD =
                services.terms().prices.cost(of: usage, settings: settings, at: now)
                ?? project.prices.cost(of: usage, settings: settings, at: now)
        }
        bill(event)
        remember(question.likeKey ?? question.key)
    }

    /// Whoever thinks badly of the run thinks so of what was kept of it, or given to it.
    private mutating func remember(_ key: ResponseCacheKey) {
        let end = services.clock.now().advanced(by: agent.definition.responseCache.lifetime)
        let binds = ResponseCacheStore.binds(using: key, by: run.rootRunID, in: run.sessionID, until: end)
        outbox.projections.append(Projection(ResponseCacheStore.use, binds))
    }

    /// The model answered: others may have the answer when it is one for everybody. The row goes into the commit of the answer.
    mutating func keep(_ answer: ModelAnswer, said text: String, fits: Bool) {
        guard let question = cached else { return }
        cached = nil
        guard question.kept == nil else { return }
        compare(question, answer, said: text)
        guard fits, isShareable(answer, text, question) else { return question.flight?.landUnshared() ?? () }
        let kept = CachedAnswer(answer, text: text, madeAt: services.clock.now(), in: run.sessionID)
        let binds = ResponseCacheStore.binds(
            of: kept,
            for: question.key,
            user: run.owner,
            agent: run.agent,
            model: question.request.settings.model,
            lifetime: agent.definition.responseCache.lifetime,
            question: question.near
        )
        outbox.projections.append(Projection(ResponseCacheStore.insertion, binds))
        remember(question.key)
        if let flight = question.flight { flight.land(kept) } else { services.answers?.keep(kept, for: question.key) }
        if let near = question.near { services.answers?.learn(near, question.key, kept) }
    }

    private func isShareable(_ answer: ModelAnswer, _ text: String, _ question: CachedQuestion) -> Bool {
        let holdsSecret = answer.calls.contains { call in
            guard case .valid(let arguments) = call.arguments else { return false }
            return project.secretPatterns.masked(arguments) != arguments
        }
        return !holdsSecret
            && CachingRule.allows(answer, said: text, to: question.request) { tool in
                agent.tools.definition(of: tool)?.effect == .read && !agent.tools.delegates(tool)
            }
    }

    /// The model gave no answer: whoever waited for it asks for itself; when this run was cut, one of them asks for the others.
    mutating func letOthersAsk(after error: ModelError) {
        if error.code != .cancelled { cached?.flight?.landUnshared() }
        cached = nil
    }
}

extension ResponseCacheStore {
    /// What the deletion of a session removes here.
    public static func forgetting(_ session: SessionID) -> [Projection] { forgetting.map { Projection($0, [.text(session.rawValue)]) } }
}
