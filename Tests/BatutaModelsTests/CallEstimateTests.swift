import BatutaCore
import Testing

@testable import BatutaModels

/// What calls can cost, and what those cost that do not say.
@Suite struct CallEstimateTests {
    private static let price = ModelPrice(input: 0.001, output: 0.01)
    /// A thousand tokens in, a hundred out: 1,000 and 1,000 billionths.
    private static let estimate = CallEstimate(price: price, requestBytes: 2_000, maxOutputTokens: 100)

    @Test(
        arguments: [
            (ModelError.Code.rejected, nil, 0), (.rateLimited, nil, 0), (.unavailable, nil, 0), (.timeout, nil, 2_000),
            (.cancelled, nil, 1_000), (.badAnswer, nil, 1_000),
            // It had begun.
            (.unavailable, 0, 1_000), (.unavailable, 40, 1_200), (.rejected, 40, 1_200), (.timeout, 0, 2_000), (.timeout, 40, 1_200),
            (.cancelled, 40, 1_200), (.badAnswer, 1_000_000, 2_000),
        ] as [(ModelError.Code, Int?, Int64)]
    )
    func `a call that failed costs what was read and heard; nothing where nothing had begun`(
        _ code: ModelError.Code,
        _ bytes: Int?,
        _ cost: Int64
    ) {
        var error = ModelError(code, "x")
        error.heard = bytes.map { ModelError.Heard(bytes: $0) }
        #expect(Self.estimate.failed(error) == cost)
    }

    @Test func `what the provider told before it was cut counts instead of what is supposed`() {
        var error = ModelError(.unavailable, "cut")
        error.heard = ModelError.Heard(bytes: 40, usage: ModelUsage(inputTokens: 300, outputTokens: 1))
        #expect(Self.estimate.failed(error) == 300 + 200)
    }

    @Test func `bytes that somebody else heard count where the error tells less`() {
        #expect(Self.estimate.failed(ModelError(.unavailable, "x"), heardBytes: 40) == 1_200)
    }

    // MARK: Pictures and sound

    private static func shown(_ type: String, _ bytes: [UInt8] = [1]) -> ShownMedia {
        ShownMedia([.user("x"), .shown("what is it?", files: [ModelFile(name: "f", mediaType: type, bytes: bytes)])])
    }

    @Test func `S1.26 the worst of a call that shows pictures or plays sound is at their price`() {
        let price = ModelPrice(
            input: 0.001,
            output: 0.001,
            media: MediaPrice(audioInput: 0.005, imageInput: 0.003, audioOutput: 0.007)
        )
        #expect(price.mostOf(inputTokens: 1_000, outputTokens: 0) == 1_000)
        #expect(price.mostOf(inputTokens: 1_000, outputTokens: 0, Self.shown("image/png")) == 3_000)
        #expect(price.mostOf(inputTokens: 1_000, outputTokens: 0, Self.shown("audio/mpeg")) == 5_000)
        #expect(price.mostOf(inputTokens: 0, outputTokens: 1_000) == 7_000)
    }

    @Test func `S1.26 pictures and seconds that a price counts one by one are counted, before and after`() {
        let price = ModelPrice(input: 0, output: 0, media: MediaPrice(image: 0.04, second: 0.001))
        func cost(_ shown: ShownMedia) -> Int64 {
            let estimate = CallEstimate(price: price, requestBytes: 0, maxOutputTokens: 0, shown: shown)
            #expect(estimate.worst == estimate.cost(of: ModelUsage(inputTokens: 5)))
            return estimate.worst
        }
        #expect(cost(Self.shown("image/png")) == 40_000_000)
        #expect(cost(ShownMedia()) == 0)
        // Two seconds of 16 kHz, 16 bit: its head says 32,000 bytes a second.
        let format: [UInt8] = [16, 0, 0, 0, 1, 0, 1, 0, 0x80, 0x3E, 0, 0, 0, 0x7D, 0, 0, 2, 0, 16, 0]
        let head = Array("RIFF0000WAVEfmt ".utf8) + format + Array("data0000".utf8)
        #expect(cost(Self.shown("audio/wav", head + Array(repeating: 0, count: 64_000 - head.count))) == 2_000_000)
        // Nobody knows how long an MP3 is by its size: at least 32 kbit a second.
        #expect(cost(Self.shown("audio/mpeg", Array(repeating: 0, count: 8_000))) == 2_000_000)
    }

    @Test func `a picture can take more tokens than its part of a prompt, with gpt-4o-mini far more`() {
        let picture = Self.shown("image/png")
        func tokens(_ model: String) -> Int {
            CallEstimate(price: Self.price, requestBytes: 3_200, maxOutputTokens: 0, shown: picture, model: model).inputTokens
        }
        // OpenAI's largest picture: 2,833 tokens and eight tiles of 5,667.
        #expect(tokens("gpt-4o-mini-2024-07-18") >= 2_833 + 8 * 5_667)
        #expect((4_784...10_000).contains(tokens("claude-opus-4-7")))
    }

    @Test func `what is kept for an hour costs more than what is kept for minutes`() throws {
        var usage = ModelUsage(inputTokens: 100_000, cacheCreationTokens: 100_000)
        let prices = ModelPrices()
        #expect(prices.cost(of: usage, model: "claude-sonnet-4-5", at: Timestamp(milliseconds: 0)) == 375_000_000)
        usage.longCacheTokens = 40_000
        #expect(prices.cost(of: usage, model: "claude-sonnet-4-5", at: Timestamp(milliseconds: 0)) == 465_000_000)
        #expect(
            ModelPrice(input: 3, cacheWrite: 3.75, longCacheWrite: 6, output: 0).mostOf(inputTokens: 1_000, outputTokens: 0) == 6_000_000
        )
    }

    @Test(arguments: [
        "claude-opus-4-20250514", "anthropic/claude-sonnet-4.5", "anthropic/claude-3.7-sonnet", "claude-opus-4-6", "gemini-3-pro-preview",
    ])
    func `models under the names that providers give them have a price`(_ model: String) {
        #expect(ModelPrices.builtIn(model) != nil)
    }
}
