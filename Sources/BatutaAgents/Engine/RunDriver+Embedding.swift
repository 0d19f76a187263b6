import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaTelemetry

/// The semantic cache: the first question of a session may have been asked before in other words.
extension RunDriver {
    /// Looks for an answer to a question that asks the same. Whatever stands in the way of it costs only speed.
    mutating func lookForLike(_ request: ModelRequest) async throws {
        let near = try await nearQuestion(request)
        let kept = await like(near)
        note(near, kept)
    }

    private mutating func note(_ near: NearQuestion?, _ found: (key: ResponseCacheKey, answer: CachedAnswer)?) {
        guard let near, let asked = cached else { return }
        if let found, !agent.definition.responseCache.isShadow {
            purse.call = nil
            // Who waits for the same words looks for itself: what it gets is no answer to just those words.
            cached = CachedQuestion(asked.key, asked.request, kept: found.answer, from: .semantic, likeKey: found.key)
        } else if let found {
            cached = CachedQuestion(asked.key, asked.request, shadow: found.answer, flight: asked.flight, near: near)
        } else {
            cached = CachedQuestion(asked.key, asked.request, flight: asked.flight, near: near)
        }
    }

    private func like(_ near: NearQuestion?) async -> (key: ResponseCacheKey, answer: CachedAnswer)? {
        guard let near, let cache = services.answers else { return nil }
        let policy = agent.definition.responseCache
        do {
            return try await cache.answer(like: near, threshold: policy.threshold, within: policy.lifetime)
        } catch {
            services.logger.warning("The response cache could not be read; the model is asked", ["error": .string("\(error)")])
            return nil
        }
    }

    private mutating func nearQuestion(_ request: ModelRequest) async throws -> NearQuestion? {
        guard let embedding = project.embedding, beginsSession, let text = NearQuestion.text(of: request) else { return nil }
        guard let vector = try await vector(of: text, embedding) else { return nil }
        return NearQuestion(request, in: cacheScope(of: request.settings), vector: vector, by: embedding.model.identity)
    }

    /// Nothing was said before, and nothing else is told: not of the user, and not of what is in doubt. What a member is asked is no user's question.
    /// A question that is asked again was compared the first time.
    private var beginsSession: Bool {
        guard !isMember, state.rounds.isEmpty, state.asking == nil,
            case .context(0, nil, let notes, let doubts, let recalled)? = state.context?.kind
        else {
            return false
        }
        return notes.isEmpty && doubts.isEmpty && recalled.factsRef == nil
    }

    /// Asks for a text's vector, with money set aside as for every call. The log says so first: whoever goes on after a crash knows that it may
    /// have been asked.
    ///
    /// - Returns: nil when there is no money for it, it failed, or the run was cut.
    private mutating func vector(of text: String, _ embedding: RunnableEmbedding) async throws -> [Float]? {
        guard case .paid = try await reserve(for: embedding.settings, bytes: text.utf8.count, []), let call = purse.call else { return nil }
        if let reserved = call.reservedNanoUSD {
            emit(.step(StepEvent(.reserve, step: state.nextStep, model: embedding.settings.model, reservedNanoUSD: reserved)))
            try await commit()
        }
        switch await handle.perform(on: services.executor, { await call.vectors(of: [text], by: embedding.model) }) {
        case .success(let embeddings):
            bill(call.settle(embeddings))
            return embeddings.vectors.first
        case .failure(let error):
            settle(error, isSilent: true)
            tell(error, of: embedding.settings)
            return nil
        }
    }

    private func tell(_ error: ModelError, of settings: ModelSettings) {
        guard error.code != .cancelled, error.reason != .openCircuit else { return }
        services.metrics?.modelFailures.increment(settings.model, error.code.rawValue)
        services.logger.warning(
            "A question was not compared with earlier ones: the model `embedding` gave no vector",
            ["model": .string(settings.model), "error": .string(error.message)]
        )
    }

    /// In a shadow's place the model answered: says how far the two agree, and where to read them. Nothing of what was said stands in the log.
    func compare(_ question: CachedQuestion, _ answer: ModelAnswer, said text: String) {
        guard let shadow = question.shadow else { return }
        let agreement = shadow.agreement(with: answer, said: text)
        services.metrics?.cacheRequests.increment("shadow", agreement >= Self.likeness ? "same" : "other")
        services.logger.info(
            "The semantic cache would have answered",
            [
                "run.id": .string(run.id.rawValue), "kept.session.id": .string(shadow.session.rawValue), "agent": .string(run.agent),
                "agreement": .double((agreement * 100).rounded() / 100),
            ]
        )
    }

    /// From here on two answers count as the same: a guess, so the log names where both can be read.
    private static let likeness = 0.5
}
