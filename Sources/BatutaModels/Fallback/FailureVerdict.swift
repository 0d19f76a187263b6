public import BatutaCore

/// What is done after a model call failed.
public enum ModelFailureVerdict: Sendable, Hashable {
    /// The same model is asked again.
    case again(after: Duration)
    /// The next model of `fallback:` is asked instead.
    case fallBack
    case giveUp
}

extension ModelRetry {
    /// With somebody else to ask, nobody sits out a longer wish than this.
    static let longestWaitWithFallback = Duration.seconds(10)

    /// Pure: first the model's own tries, then the next one. A model that failed too often just now is passed over at once. Whatever else is
    /// wrong (the key, the model's name, its limits, even a request that it cannot take) another may answer; only what a provider refuses to
    /// talk about, and a script's mistake, is asked of nobody else.
    ///
    /// - Parameters:
    ///   - tries: Of the model that failed, this one included.
    ///   - random: 64 random bits for the jitter.
    public func verdict(on error: ModelError, tries: Int, hasFallback: Bool, random: UInt64) -> ModelFailureVerdict {
        guard hasFallback else { return delay(after: error, attempt: tries, random: random).map { .again(after: $0) } ?? .giveUp }
        if error.reason == .openCircuit { return .fallBack }
        var retry = self
        retry.longestWait = min(longestWait, Self.longestWaitWithFallback)
        if let pause = retry.delay(after: error, attempt: tries, random: random) { return .again(after: pause) }
        return error.code == .cancelled || error.code == .script || error.reason == .refusal ? .giveUp : .fallBack
    }
}
