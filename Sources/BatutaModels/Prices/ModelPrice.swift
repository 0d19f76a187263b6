public import BatutaCore

/// What a model costs, in US dollars per million tokens; kept exact to a millionth of that.
public struct ModelPrice: Sendable, Hashable {
    /// Millionths of a dollar per million tokens, which are also picodollars per token.
    let input: Int64
    let cachedInput: Int64
    let output: Int64

    /// - Parameter cachedInput: for the part of the input that the provider had cached; the price of input when not given.
    public init(input: Double, cachedInput: Double? = nil, output: Double) {
        self.input = Self.exact(input)
        self.cachedInput = Self.exact(cachedInput ?? input)
        self.output = Self.exact(output)
    }

    /// What these tokens cost, in millionths of a dollar, rounded up.
    public func cost(of usage: ModelUsage) -> Int64 {
        let cached = min(max(usage.cachedTokens, 0), max(usage.inputTokens, 0))
        let fresh = max(usage.inputTokens, 0) - cached
        let parts = [Self.product(fresh, input), Self.product(cached, cachedInput), Self.product(max(usage.outputTokens, 0), output)]
        let sum = parts.reduce(Int64(0)) { $0.addingReportingOverflow($1).overflow ? .max : $0 + $1 }
        return sum / 1_000_000 + (sum % 1_000_000 > 0 ? 1 : 0)
    }

    private static func product(_ tokens: Int, _ price: Int64) -> Int64 {
        let (value, overflow) = Int64(tokens).multipliedReportingOverflow(by: price)
        return overflow ? .max : value
    }

    /// Nonsense (negative, infinite) costs nothing; no real price comes near the upper bound.
    private static func exact(_ dollars: Double) -> Int64 {
        guard dollars.isFinite, dollars > 0 else { return 0 }
        return Int64((min(dollars, 1_000_000) * 1_000_000).rounded())
    }
}
