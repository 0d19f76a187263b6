public import BatutaCore

/// What the runs of one variant came to.
public struct VariantResult: Sendable, Hashable {
    public var variant: String
    /// Runs that have ended.
    public var runs = 0
    public var completed = 0
    public var failed = 0
    public var users = 0
    public var costNanoUSD: Int64 = 0
    /// Runs of which it is known what they cost.
    public var runsWithCost = 0
    public var ratings = 0
    public var ratingSum = 0
    public var halfMilliseconds: Int64?
    public var mostMilliseconds: Int64?
    public var numbers: [Number] = []

    /// A number that runs recorded.
    public struct Number: Sendable, Hashable {
        public var name: String
        public var count: Int
        public var mean: Double
        public var least: Double
        public var most: Double
    }

    /// Of no run yet.
    public init(variant: String) { self.variant = variant }

    /// An element of `variants` in `/v1/experiments/{prompt}`. Means of nothing are null.
    ///
    /// - Parameter weight: What the current project gives it; nil when it has no such variant any more.
    public func json(weight: Int?) -> JSON {
        [
            "variant": .string(variant), "weight": weight.map { .int(Int64($0)) } ?? .null, "runs": .int(Int64(runs)),
            "users": .int(Int64(users)), "completed": .int(Int64(completed)), "failed": .int(Int64(failed)),
            "completed_share": Self.share(completed, of: runs),
            "cost_usd": .number(NanoUSD.number(costNanoUSD)),
            "mean_cost_usd": runsWithCost == 0 ? .null : .number(NanoUSD.number(costNanoUSD / Int64(runsWithCost))),
            "duration_ms": ["p50": halfMilliseconds.map(JSON.int) ?? .null, "p95": mostMilliseconds.map(JSON.int) ?? .null],
            "rating": ["count": .int(Int64(ratings)), "mean": Self.share(ratingSum, of: ratings)],
            "outcomes": .object(JSONObject(numbers.map { ($0.name, $0.json) })),
        ]
    }

    private static func share(_ part: Int, of whole: Int) -> JSON { whole == 0 ? .null : .double(Double(part) / Double(whole)) }
}

extension VariantResult.Number {
    fileprivate var json: JSON {
        ["count": .int(Int64(count)), "mean": .double(mean), "min": .double(least), "max": .double(most)]
    }
}

/// What is known of one run beyond its log.
public struct RunOutcomes: Sendable {
    public var variants: [(prompt: String, variant: String)]
    public var rating: Rating?
    public var numbers: [(name: String, value: Double)]

    public struct Rating: Sendable, Hashable {
        /// From 1, bad, to 5, good.
        public var rating: Int
        public var comment: String?
        public var at: Timestamp
    }

    public init(variants: [(String, String)], rating: Rating?, numbers: [(String, Double)]) {
        self.variants = variants.map { (prompt: $0.0, variant: $0.1) }
        self.rating = rating
        self.numbers = numbers.map { (name: $0.0, value: $0.1) }
    }

    /// The object of `/v1/runs/{id}/outcomes`.
    public var json: JSON {
        [
            "variants": .object(JSONObject(variants.map { ($0.prompt, JSON.string($0.variant)) })),
            "rating": rating.map {
                ["rating": .int(Int64($0.rating)), "comment": $0.comment.map(JSON.string) ?? .null, "at": .string($0.at.rfc3339)]
            } ?? .null,
            "outcomes": .object(JSONObject(numbers.map { ($0.name, JSON.double($0.value)) })),
        ]
    }
}
