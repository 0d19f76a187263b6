public import BatutaCore

/// What a call that gave no account of itself can have cost, in millionths of a US dollar. Pure.
public struct CallEstimate: Sendable {
    public let price: ModelPrice
    /// Of the request, at most.
    public let inputTokens: Int
    /// The most that the call can cost.
    public let worst: Int64

    /// - Parameters:
    ///   - requestBytes: of everything that the model is told. A token has two bytes or more (DESIGN §9.19).
    ///   - maxOutputTokens: as it is sent with the request.
    public init(price: ModelPrice, requestBytes: Int, maxOutputTokens: Int) {
        self.price = price
        inputTokens = (requestBytes + 1) / 2
        worst = price.mostOf(inputTokens: inputTokens, outputTokens: maxOutputTokens)
    }

    /// What was read whole, and what was heard of the answer until it was cut.
    public func cut(after heardBytes: Int) -> Int64 {
        min(worst, price.mostOf(inputTokens: inputTokens, outputTokens: (heardBytes + 1) / 2))
    }

    /// A call that failed after it left. Providers charge nothing for what they refuse; of a model that never said a word nobody knows how
    /// long it thought.
    public func failed(_ code: ModelError.Code, heardBytes: Int) -> Int64 {
        switch code {
        case .rejected, .rateLimited: 0
        case .unavailable: heardBytes == 0 ? 0 : cut(after: heardBytes)
        case .timeout: heardBytes == 0 ? worst : cut(after: heardBytes)
        case .badAnswer, .cancelled: cut(after: heardBytes)
        }
    }
}
