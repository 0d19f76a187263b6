public import BatutaCore

/// What a call that gave no account of itself can have cost, in billionths of a US dollar. Pure.
public struct CallEstimate: Sendable {
    public let price: ModelPrice
    /// Of the request, at most.
    public let inputTokens: Int
    /// The most that the call can cost.
    public let worst: Int64
    private let shown: ShownMedia

    /// - Parameters:
    ///   - requestBytes: of everything that the model is told. A token has two bytes or more (DESIGN §9.19).
    ///   - maxOutputTokens: as it is sent with the request.
    ///   - shown: What the model is shown beside words.
    ///   - model: The provider's name for it.
    public init(price: ModelPrice, requestBytes: Int, maxOutputTokens: Int, shown: ShownMedia = ShownMedia(), model: String = "") {
        self.price = price
        self.shown = shown
        inputTokens = (requestBytes + 1) / 2 + shown.extraTokens(of: model)
        worst = price.mostOf(inputTokens: inputTokens, outputTokens: maxOutputTokens, shown)
    }

    /// What the call cost, by the tokens that the provider tells.
    public func cost(of usage: ModelUsage) -> Int64 { price.cost(of: usage, shown.measures) }

    /// What was read whole, and what was heard of the answer until it was cut. What the provider told itself counts before what is supposed.
    public func cut(after heard: ModelError.Heard) -> Int64 {
        let supposed = (heard.bytes + 1) / 2
        guard var usage = heard.usage, usage.inputTokens > 0 else {
            return min(worst, price.mostOf(inputTokens: inputTokens, outputTokens: max(supposed, heard.usage?.outputTokens ?? 0), shown))
        }
        usage.outputTokens = max(supposed, usage.outputTokens)
        return min(worst, cost(of: usage))
    }

    /// A call that failed after it left. Providers charge nothing for what they refuse before a word of an answer; of a model that never said a
    /// word nobody knows how long it thought.
    ///
    /// - Parameter bytes: Of deltas that came before, where the error does not tell more.
    public func failed(_ error: ModelError, heardBytes bytes: Int = 0) -> Int64 {
        var heard = error.heard ?? (bytes > 0 ? ModelError.Heard(bytes: 0) : nil)
        if let known = heard?.bytes { heard?.bytes = max(bytes, known) }
        switch error.code {
        case .rejected, .script, .rateLimited, .unavailable: return heard.map { cut(after: $0) } ?? 0
        case .timeout: return heard.map { $0.bytes > 0 ? cut(after: $0) : worst } ?? worst
        case .badAnswer, .cancelled: return cut(after: heard ?? ModelError.Heard(bytes: 0))
        }
    }
}
