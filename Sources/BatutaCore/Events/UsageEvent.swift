/// Tokens and cost of one model call.
public struct UsageEvent: Sendable, Hashable {
    public var model: String
    /// The project's name for whoever was asked; nil in logs of earlier releases.
    public var provider: String?
    public var usage: ModelUsage
    /// Billionths of a US dollar; nil when the price is unknown.
    public var costNanoUSD: Int64?
    /// It was another run that was paid for; a fork took it over.
    public var isCopy: Bool
    /// Nobody told the tokens: the call was cut, or its fate is not known. The cost is the most that it can have been.
    public var isEstimated = false
    /// Whether part of a bill that this is on is supposed and not told.
    var addsEstimate: Bool { isEstimated && costNanoUSD != 0 }
    /// Which cache answered in the model's place.
    public var cache: Cache?
    /// What the answer would have cost, in billionths of a US dollar; only with `cache`.
    public var savedNanoUSD: Int64?

    /// Raw values are API.
    public enum Cache: String, Sendable, CaseIterable { case exact, semantic }

    public init(model: String, provider: String? = nil, usage: ModelUsage, costNanoUSD: Int64? = nil, isCopy: Bool = false) {
        self.isCopy = isCopy
        self.model = model
        self.provider = provider
        self.usage = usage
        self.costNanoUSD = costNanoUSD
    }

    func write(into writer: inout JSONWriter) {
        writer.member("model", model)
        if let provider { writer.member("provider", provider) }
        usage.writeMembers(into: &writer)
        writer.member("cost_usd", costNanoUSD.map { .number(NanoUSD.number($0)) } ?? .null)
        if isCopy { writer.member("copied", true) }
        if isEstimated { writer.member("estimated", true) }
        if let cache { writer.member("cache", cache.rawValue) }
        if let savedNanoUSD { writer.member("saved_usd", .number(NanoUSD.number(savedNanoUSD))) }
    }

    init?(_ json: JSON) {
        guard let model = json["model"]?.string else { return nil }
        self.init(
            model: model,
            provider: json["provider"]?.string,
            usage: ModelUsage(json),
            costNanoUSD: json["cost_usd"].flatMap(NanoUSD.read),
            isCopy: json["copied"]?.bool ?? false
        )
        isEstimated = json["estimated"]?.bool ?? false
        cache = json["cache"]?.string.flatMap(Cache.init)
        savedNanoUSD = json["saved_usd"].flatMap(NanoUSD.read)
    }
}

/// Money as billionths of a US dollar, written as a decimal number: fine enough that no call of any model is rounded to something else.
public enum NanoUSD {
    /// One US dollar.
    public static let dollar: Int64 = 1_000_000_000

    public static func number(_ nanos: Int64) -> JSONNumber {
        let magnitude = nanos.magnitude
        var fraction = String(magnitude % 1_000_000_000 + 1_000_000_000).dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        let whole = (nanos < 0 ? "-" : "") + String(magnitude / 1_000_000_000)
        return JSONNumber(validated: fraction.isEmpty ? whole : whole + "." + fraction)
    }

    public static func read(_ json: JSON) -> Int64? {
        guard let value = json.double, value.isFinite, abs(value) < 9e9 else { return nil }
        return nanos(value)
    }

    /// So many dollars; what is beyond all reason is the most that can be written.
    public static func nanos(_ dollars: Double) -> Int64 { Int64((max(-9e9, min(dollars, 9e9)) * 1e9).rounded()) }

    /// What is known of a cost with one more: nothing, when nothing was paid before and nobody knows what this cost.
    public static func sum(_ cost: Int64?, _ other: Int64?) -> Int64? {
        guard let other else { return cost == 0 ? nil : cost }
        return (cost ?? 0) + other
    }

    /// For meters and logs, which take floating point.
    public static func dollars(_ nanos: Int64) -> Double { Double(nanos) / 1e9 }
}
