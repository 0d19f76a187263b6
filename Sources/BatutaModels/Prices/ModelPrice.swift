public import BatutaCore

/// What a model costs: US dollars per million tokens by what they are, and per image, second and minute where a provider charges so (S1.26).
public struct ModelPrice: Sendable, Hashable {
    /// Millionths of a dollar per million tokens, which are also picodollars per token. What is nil costs as much as the text of its side.
    private let input: Int64
    private let output: Int64
    private let cachedInput: Int64?
    private let cacheWrite: Int64?
    private let longCacheWrite: Int64?
    private let reasoning: Int64?
    private let media: MediaPrice?
    /// What holds instead for a whole call that is told more than so many tokens; at most one.
    private var longer: [LongPrompt] = []

    private struct LongPrompt: Sendable, Hashable {
        var tokens: Int
        var price: ModelPrice
    }

    /// - Parameters:
    ///   - cachedInput: for the part of the input that the provider had cached; the price of input when not given.
    ///   - cacheWrite: for the part of the input that the provider put into its cache; the price of input when not given.
    ///   - longCacheWrite: for the part of that which is kept for an hour; as the rest of it when not given.
    ///   - reasoning: for the part of the output that was thought and not said; the price of output when not given.
    public init(
        input: Double,
        cachedInput: Double? = nil,
        cacheWrite: Double? = nil,
        longCacheWrite: Double? = nil,
        output: Double,
        reasoning: Double? = nil,
        media: MediaPrice? = nil
    ) {
        self.input = Self.exact(input)
        self.output = Self.exact(output)
        self.cachedInput = cachedInput.map(Self.exact)
        self.cacheWrite = cacheWrite.map(Self.exact)
        self.longCacheWrite = longCacheWrite.map(Self.exact)
        self.reasoning = reasoning.map(Self.exact)
        self.media = media
    }

    public static let free = ModelPrice(input: 0, output: 0)

    /// The same with another price for calls that are told more than so many tokens, cached ones included: for all of their tokens.
    public func above(_ tokens: Int, _ price: ModelPrice) -> ModelPrice {
        var both = self
        both.longer = [LongPrompt(tokens: tokens, price: price)]
        return both
    }

    /// What holds for a call that is told so many tokens.
    private func price(at inputTokens: Int) -> ModelPrice { longer.first { inputTokens > $0.tokens }?.price ?? self }

    /// What these tokens cost, in billionths of a dollar, rounded up.
    ///
    /// - Parameter measures: What is not counted in tokens.
    public func cost(of usage: ModelUsage, _ measures: MediaMeasures = MediaMeasures()) -> Int64 {
        let price = price(at: usage.inputTokens)
        var sum = ExactSum()
        price.addInput(usage, to: &sum)
        price.addOutput(usage, to: &sum)
        price.media?.add(measures, to: &sum)
        return sum.nanos
    }

    /// The most that a call can cost: so many tokens in, none of them cached, and as many out as it may have, each of the dearest kind that may be
    /// among them. When it may be told so much that another price holds, the dearer of the two counts.
    ///
    /// - Parameter shown: What the model is shown beside words.
    public func mostOf(inputTokens: Int, outputTokens: Int, _ shown: ShownMedia = ShownMedia()) -> Int64 {
        let reached = longer.filter { inputTokens > $0.tokens }.map {
            $0.price.mostOf(inputTokens: inputTokens, outputTokens: outputTokens, shown)
        }
        return max(ownMost(inputTokens, outputTokens, shown), reached.max() ?? 0)
    }

    private func ownMost(_ inputTokens: Int, _ outputTokens: Int, _ shown: ShownMedia) -> Int64 {
        var sum = ExactSum()
        let writing = max(cacheWrite ?? input, longCacheWrite ?? cacheWrite ?? input)
        sum.add(inputTokens, max(input, writing, media?.mostInput(of: shown.kinds) ?? 0))
        sum.add(outputTokens, max(output, reasoning ?? output, media?.mostOutput ?? 0))
        media?.add(shown.measures, to: &sum)
        return sum.nanos
    }

    /// Of parts that may overlap (a cached picture) the cached one counts first, then whatever is dearest.
    private func addInput(_ usage: ModelUsage, to sum: inout ExactSum) {
        var rest = max(usage.inputTokens, 0)
        sum.take(usage.cachedTokens, of: &rest, cachedInput ?? input)
        let long = min(usage.longCacheTokens, usage.cacheCreationTokens)
        sum.take(long, of: &rest, longCacheWrite ?? cacheWrite ?? input)
        sum.take(usage.cacheCreationTokens - long, of: &rest, cacheWrite ?? input)
        if let media {
            let parts = [
                (usage.audioInputTokens, media.audioInput ?? input), (usage.imageInputTokens, media.imageInput ?? input),
                (usage.videoInputTokens, media.videoInput ?? input),
            ]
            for (tokens, price) in parts.sorted(by: { $0.1 > $1.1 }) { sum.take(tokens, of: &rest, price) }
        }
        sum.add(rest, input)
    }

    private func addOutput(_ usage: ModelUsage, to sum: inout ExactSum) {
        var rest = max(usage.outputTokens, 0)
        if let media {
            sum.take(usage.audioOutputTokens, of: &rest, media.audioOutput ?? output)
            sum.take(usage.imageOutputTokens, of: &rest, media.imageOutput ?? output)
        }
        sum.take(usage.reasoningTokens, of: &rest, reasoning ?? output)
        sum.add(rest, output)
    }

    /// Nonsense (negative, infinite) costs nothing; no real price comes near the upper bound.
    static func exact(_ dollars: Double) -> Int64 {
        guard dollars.isFinite, dollars > 0 else { return 0 }
        return Int64((min(dollars, 1_000_000) * 1_000_000).rounded())
    }
}

/// A sum of picodollars that stops at the largest number instead of trapping.
struct ExactSum {
    private var picos: Int64 = 0

    mutating func add(_ count: Int, _ price: Int64) {
        let (product, overflow) = Int64(max(count, 0)).multipliedReportingOverflow(by: price)
        let (sum, tooMuch) = picos.addingReportingOverflow(overflow ? .max : product)
        picos = tooMuch ? .max : sum
    }

    /// A part of `rest`, which gets smaller by it.
    mutating func take(_ count: Int, of rest: inout Int, _ price: Int64) {
        let part = min(max(count, 0), rest)
        guard part > 0 else { return }
        rest -= part
        add(part, price)
    }

    /// Billionths of a dollar, rounded up.
    var nanos: Int64 { picos / 1_000 + (picos % 1_000 > 0 ? 1 : 0) }
}
