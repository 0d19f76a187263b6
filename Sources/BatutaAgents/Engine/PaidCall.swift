import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage

/// One call of a model from the money that is set aside for it to the line on the bill. Whatever asks a model asks like this: a run's
/// questions, its summaries, its vectors, and what follows from its end.
struct PaidCall: Sendable {
    let priced: PricedCall
    private let door: ModelDoor

    fileprivate init(_ priced: PricedCall, _ reservation: Reservation?) {
        self.priced = priced
        door = ModelDoor(reservation: reservation)
    }

    private var reservation: Reservation? { door.reservation }

    /// The most that it can cost, as the log says before it leaves; nil where nothing is set aside.
    var reservedNanoUSD: Int64? { reservation?.amount }
    /// Whether the question may have reached anybody.
    var hasLeft: Bool { door.hasLeft }
    /// The day that it counts for, where something is set aside.
    var day: CalendarDay? { reservation?.day }

    // MARK: Asking

    func answer(_ request: ModelRequest, of provider: any ModelProvider, onDelta: @Sendable (ModelDelta) -> Void = { _ in }) async
        -> Result<ModelAnswer, ModelError>
    { await door.answer(request, of: provider, onDelta: onDelta) }

    func vectors(of texts: [String], by model: any EmbeddingModel) async -> Result<Embeddings, ModelError> {
        await door.vectors(of: texts, by: model)
    }

    // MARK: Settling

    /// The answer is there: no more than what it cost stays set aside, as soon as the bill has it (`closed`).
    func settle(_ answer: ModelAnswer) -> UsageEvent { settled(priced.usage(of: answer)) }

    func settle(_ embeddings: Embeddings) -> UsageEvent {
        let usage = embeddings.inputTokens > 0 ? ModelUsage(inputTokens: embeddings.inputTokens) : nil
        return settled(priced.usage(of: ModelAnswer(text: "", usage: usage)))
    }

    /// A call gave no answer. nil when that costs nothing.
    func settle(_ error: ModelError, heardBytes: Int = 0) -> UsageEvent? {
        guard hasLeft, let event = priced.usage(after: error, heardBytes: heardBytes) else {
            settleUnasked()
            return nil
        }
        return settled(event)
    }

    /// It did not leave, so it costs nothing.
    func settleUnasked() { reservation?.settle(at: 0) }

    private func settled(_ event: UsageEvent) -> UsageEvent {
        reservation?.settle(at: event.costNanoUSD ?? reservation?.amount ?? 0)
        return event
    }

    /// For the log, which has to say that nothing is set aside any more.
    var nothing: UsageEvent {
        var event = UsageEvent(model: priced.model, provider: priced.provider, usage: ModelUsage(), costNanoUSD: 0)
        event.isEstimated = true
        return event
    }

    // MARK: Recording

    /// What became of it is committed: the rest is free.
    func close() { reservation?.close() }

    var isClosed: Bool { reservation?.isClosed ?? true }
}

/// A call that somebody wants to pay for.
struct CallOrder: Sendable {
    var priced: PricedCall
    var user: String
    /// Something bounds what it may cost. Then what has no price is refused.
    var isBounded: Bool
    /// What the runs that it is made for may cost.
    var runs: [RunBound] = []

    /// What came of it.
    enum Outcome: Sendable {
        case paid(PaidCall)
        /// There is no room only because of calls under way on this node.
        case occupied(BudgetRefusal)
        case refused(BudgetRefusal)
    }
}

extension EngineServices {
    /// Sets the most that a call can cost aside; waits for nobody.
    func pay(for order: CallOrder) async throws(StorageError) -> CallOrder.Outcome {
        let (treasury, claim, refusal) = claim(of: order)
        guard let treasury, let claim else { return refusal.map { .refused($0) } ?? .paid(PaidCall(order.priced, nil)) }
        switch try await treasury.attempt(claim, within: terms().budgets) {
        case .reserved(let reservation): return .paid(PaidCall(order.priced, reservation))
        case .occupied(let refusal, _): return .occupied(refusal)
        case .refused(let refusal): return .refused(refusal)
        }
    }

    /// The same for who can wait until calls under way give back what they do not need.
    ///
    /// - Returns: nil when the task was cancelled meanwhile.
    func payInTurn(for order: CallOrder) async throws(StorageError) -> CallOrder.Outcome? {
        let (treasury, claim, refusal) = claim(of: order)
        guard let treasury, let claim else { return refusal.map { .refused($0) } ?? .paid(PaidCall(order.priced, nil)) }
        switch try await treasury.reserveInTurn(claim, within: { self.terms().budgets }) {
        case .success(let reservation): return .paid(PaidCall(order.priced, reservation))
        case .failure(let refusal): return .refused(refusal)
        case nil: return nil
        }
    }

    /// What it draws on; nothing where no budget bounds it, or where nobody knows what it costs.
    private func claim(of order: CallOrder) -> (Treasury?, Treasury.Claim?, BudgetRefusal?) {
        guard let treasury, order.isBounded, !order.priced.isRehearsal else { return (nil, nil, nil) }
        guard let estimate = order.priced.estimate else { return (treasury, nil, .unpriced(order.priced.model)) }
        let day = CalendarDay(clock.now(), in: terms().budgets.zone)
        return (treasury, Treasury.Claim(estimate, user: order.user, day: day, runs: order.runs), nil)
    }
}
