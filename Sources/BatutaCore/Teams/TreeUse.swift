/// What a run took, with all runs below it: limits and costs count on the root (DESIGN §9.19).
public struct TreeUse: Sendable, Hashable {
    public var modelCalls: Int
    public var toolCalls: Int
    public var usage: ModelUsage
    /// Billionths of a US dollar; nil when no price is known.
    public var costNanoUSD: Int64?
    /// Part of the cost is supposed.
    public var isEstimated: Bool

    public init(
        modelCalls: Int = 0,
        toolCalls: Int = 0,
        usage: ModelUsage = ModelUsage(),
        costNanoUSD: Int64? = nil,
        isEstimated: Bool = false
    ) {
        self.isEstimated = isEstimated
        self.modelCalls = modelCalls
        self.toolCalls = toolCalls
        self.usage = usage
        self.costNanoUSD = costNanoUSD
    }

    public static func + (left: TreeUse, right: TreeUse) -> TreeUse {
        TreeUse(
            modelCalls: left.modelCalls + right.modelCalls,
            toolCalls: left.toolCalls + right.toolCalls,
            usage: left.usage + right.usage,
            costNanoUSD: left.costNanoUSD.map { $0 + (right.costNanoUSD ?? 0) } ?? right.costNanoUSD,
            isEstimated: left.isEstimated || right.isEstimated
        )
    }

    public var json: JSON {
        var writer = JSONWriter(reserving: 128)
        writer.beginObject()
        writer.member("model_calls", modelCalls)
        writer.member("tool_calls", toolCalls)
        usage.writeMembers(into: &writer)
        writer.member("cost_usd", costNanoUSD.map { .number(NanoUSD.number($0)) } ?? .null)
        if isEstimated { writer.member("estimated", true) }
        writer.endObject()
        // What was written a moment ago can be read.
        return (try? JSON.parse(writer.finish())) ?? [:]
    }

    public init(_ json: JSON) {
        func count(_ name: String) -> Int { json[name]?.int.map { Int(clamping: $0) } ?? 0 }
        self.init(
            modelCalls: count("model_calls"),
            toolCalls: count("tool_calls"),
            usage: ModelUsage(json),
            costNanoUSD: json["cost_usd"].flatMap(NanoUSD.read),
            isEstimated: json["estimated"]?.bool ?? false
        )
    }
}
