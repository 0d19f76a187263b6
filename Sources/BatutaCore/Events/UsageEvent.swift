/// Tokens and cost of one model call.
public struct UsageEvent: Sendable, Hashable {
    public var model: String
    public var usage: ModelUsage
    /// Millionths of a US dollar; nil when the price is unknown.
    public var costMicroUSD: Int64?
    /// It was another run that was paid for; a fork took it over.
    public var isCopy: Bool
    /// Nobody told the tokens: the call was cut, or its fate is not known. The cost is the most that it can have been.
    public var isEstimated = false
    /// Which cache answered in the model's place.
    public var cache: Cache?
    /// What the answer would have cost, in millionths of a US dollar; only with `cache`.
    public var savedMicroUSD: Int64?

    /// Raw values are API.
    public enum Cache: String, Sendable, CaseIterable { case exact, semantic }

    public init(model: String, usage: ModelUsage, costMicroUSD: Int64? = nil, isCopy: Bool = false) {
        self.isCopy = isCopy
        self.model = model
        self.usage = usage
        self.costMicroUSD = costMicroUSD
    }

    func write(into writer: inout JSONWriter) {
        writer.member("model", model)
        usage.writeMembers(into: &writer)
        writer.member("cost_usd", costMicroUSD.map { .number(MicroUSD.number($0)) } ?? .null)
        if isCopy { writer.member("copied", true) }
        if isEstimated { writer.member("estimated", true) }
        if let cache { writer.member("cache", cache.rawValue) }
        if let savedMicroUSD { writer.member("saved_usd", .number(MicroUSD.number(savedMicroUSD))) }
    }

    init?(_ json: JSON) {
        guard let model = json["model"]?.string else { return nil }
        self.init(
            model: model,
            usage: ModelUsage(json),
            costMicroUSD: json["cost_usd"].flatMap(MicroUSD.read),
            isCopy: json["copied"]?.bool ?? false
        )
        isEstimated = json["estimated"]?.bool ?? false
        cache = json["cache"]?.string.flatMap(Cache.init)
        savedMicroUSD = json["saved_usd"].flatMap(MicroUSD.read)
    }
}

/// Money as millionths of a US dollar, written as a decimal number.
public enum MicroUSD {
    public static func number(_ micros: Int64) -> JSONNumber {
        let magnitude = micros.magnitude
        var fraction = String(magnitude % 1_000_000 + 1_000_000).dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        let whole = (micros < 0 ? "-" : "") + String(magnitude / 1_000_000)
        return JSONNumber(validated: fraction.isEmpty ? whole : whole + "." + fraction)
    }

    public static func read(_ json: JSON) -> Int64? {
        guard let value = json.double, value.isFinite, abs(value) < 9e12 else { return nil }
        return Int64((value * 1_000_000).rounded())
    }
}
