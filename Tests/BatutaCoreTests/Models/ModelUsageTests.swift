import BatutaCore
import Testing

@Suite struct ModelUsageTests {
    /// Every count is another one, so that none can stand for another.
    private static var full: ModelUsage {
        var usage = ModelUsage(inputTokens: 1_000, outputTokens: 500, cachedTokens: 11, cacheCreationTokens: 12, reasoningTokens: 13)
        usage.longCacheTokens = 10
        usage.audioInputTokens = 14
        usage.imageInputTokens = 15
        usage.videoInputTokens = 16
        usage.audioOutputTokens = 17
        usage.imageOutputTokens = 18
        return usage
    }

    @Test func `S1.17 a usage record keeps every kind of token on its way through the log`() throws {
        let event = UsageEvent(model: "m", usage: Self.full, costNanoUSD: 7)
        var writer = JSONWriter()
        EventData.usage(event).write(into: &writer)
        guard case .usage(let read) = EventData(type: "usage", json: try JSON.parse(writer.finish())) else {
            Issue.record("no usage event came back")
            return
        }
        #expect(read == event)
        #expect(ModelUsage(Self.full.json) == Self.full)
    }

    @Test func `S1.25 usage of several calls adds up kind by kind`() {
        let sum = Self.full + Self.full
        for (name, count) in Self.full.json.object ?? [:] { #expect(sum.json[name]?.int == count.int.map { 2 * $0 }, "\(name)") }
    }

    @Test func `counts that nobody told are not written, and read as nothing`() {
        let usage = ModelUsage(inputTokens: 3, outputTokens: 2)
        #expect(usage.json.text == #"{"input_tokens":3,"output_tokens":2,"cached_tokens":0}"#)
        #expect(ModelUsage(["input_tokens": 3, "output_tokens": 2]) == usage)
    }
}
