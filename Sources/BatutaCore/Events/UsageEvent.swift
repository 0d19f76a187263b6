/// Tokens and cost of one model call.
public struct UsageEvent: Sendable, Hashable {
    public var model: String
    public var usage: ModelUsage
    /// Millionths of a US dollar; nil when the price is unknown.
    public var costMicroUSD: Int64?
    /// It was another run that was paid for; a fork took it over.
    public var isCopy: Bool

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
    }

    init?(_ json: JSON) {
        guard let model = json["model"]?.string else { return nil }
        self.init(
            model: model,
            usage: ModelUsage(json),
            costMicroUSD: json["cost_usd"].flatMap(MicroUSD.read),
            isCopy: json["copied"]?.bool ?? false
        )
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

extension ModelUsage {
    public init(_ json: JSON) {
        func count(_ name: String) -> Int { json[name]?.int.map { Int(clamping: $0) } ?? 0 }
        self.init(
            inputTokens: count("input_tokens"),
            outputTokens: count("output_tokens"),
            cachedTokens: count("cached_tokens"),
            reasoningTokens: count("reasoning_tokens")
        )
    }

    /// Writes the counts as members of the object that is open.
    public func writeMembers(into writer: inout JSONWriter) {
        writer.member("input_tokens", inputTokens)
        writer.member("output_tokens", outputTokens)
        writer.member("cached_tokens", cachedTokens)
        if reasoningTokens > 0 { writer.member("reasoning_tokens", reasoningTokens) }
    }
}
