import BatutaCore
import BatutaModels

/// A model call as whoever pays for it sees it: what it can cost before it leaves, and what it did cost. Pure.
struct PricedCall: Sendable {
    /// The provider's name for it.
    let model: String
    /// The project's name for whoever is asked.
    let provider: String
    /// A script costs nothing, whatever the model whose place it takes.
    let isRehearsal: Bool
    /// nil when nobody knows the price.
    let estimate: CallEstimate?

    /// What the bill says of an answer. What its provider does not tell is supposed: its whole input, and what was heard.
    func usage(of answer: ModelAnswer) -> UsageEvent {
        var event = UsageEvent(model: model, provider: provider, usage: answer.usage ?? ModelUsage())
        if isRehearsal {
            event.costNanoUSD = 0
        } else if let usage = answer.usage {
            event.costNanoUSD = estimate?.cost(of: usage)
        } else if let estimate {
            event.costNanoUSD = estimate.cut(after: ModelError.Heard(bytes: answer.size))
            event.isEstimated = true
        }
        return event
    }

    /// What it says of a call that left and gave no answer; nil when that costs nothing, or nobody knows what.
    func usage(after error: ModelError, heardBytes: Int = 0) -> UsageEvent? {
        guard !isRehearsal, let cost = estimate?.failed(error, heardBytes: heardBytes), cost > 0 else { return nil }
        var event = UsageEvent(model: model, provider: provider, usage: error.heard?.usage ?? ModelUsage(), costNanoUSD: cost)
        event.isEstimated = true
        return event
    }
}

extension EngineServices {
    /// What a call can cost: by the prices of the project as it is now, and where those know nothing of the model, by those of the version that
    /// the run is pinned to.
    ///
    /// - Parameters:
    ///   - bytes: What the model is told.
    ///   - shown: What it is shown beside words.
    func priced(_ settings: ModelSettings, bytes: Int, _ shown: ShownMedia, in project: RunnableProject, isRehearsal: Bool) -> PricedCall {
        guard !isRehearsal else { return PricedCall(model: settings.model, provider: settings.provider, isRehearsal: true, estimate: nil) }
        let now = clock.now()
        let price = terms().prices.price(of: settings, at: now) ?? project.prices.price(of: settings, at: now)
        let estimate = price.map { price in
            CallEstimate(price: price, requestBytes: bytes, maxOutputTokens: settings.maxOutputTokens, shown: shown, model: settings.model)
        }
        return PricedCall(model: settings.model, provider: settings.provider, isRehearsal: false, estimate: estimate)
    }
}
