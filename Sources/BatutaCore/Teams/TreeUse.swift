/// What a run took, with all runs below it: limits and costs count on the root (DESIGN §9.19).
public struct TreeUse: Sendable, Hashable {
    public var modelCalls: Int
    public var toolCalls: Int
    public var usage: ModelUsage
    /// Millionths of a US dollar; nil when no price is known.
    public var costMicroUSD: Int64?

    public init(modelCalls: Int = 0, toolCalls: Int = 0, usage: ModelUsage = ModelUsage(), costMicroUSD: Int64? = nil) {
        self.modelCalls = modelCalls
        self.toolCalls = toolCalls
        self.usage = usage
        self.costMicroUSD = costMicroUSD
    }

    public static func + (left: TreeUse, right: TreeUse) -> TreeUse {
        TreeUse(
            modelCalls: left.modelCalls + right.modelCalls,
            toolCalls: left.toolCalls + right.toolCalls,
            usage: left.usage + right.usage,
            costMicroUSD: left.costMicroUSD.map { $0 + (right.costMicroUSD ?? 0) } ?? right.costMicroUSD
        )
    }

    public var json: JSON {
        var writer = JSONWriter(reserving: 128)
        writer.beginObject()
        writer.member("model_calls", modelCalls)
        writer.member("tool_calls", toolCalls)
        usage.writeMembers(into: &writer)
        writer.member("cost_usd", costMicroUSD.map { .number(MicroUSD.number($0)) } ?? .null)
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
            costMicroUSD: json["cost_usd"].flatMap(MicroUSD.read)
        )
    }
}
