import BatutaCore
import Testing

@testable import BatutaModels

@Suite struct PricesAndRetriesTests {
    private let now = Timestamp(milliseconds: 1_768_845_600_000)

    @Test(
        arguments: [
            ("gpt-5-mini", ModelUsage(inputTokens: 1_000_000, outputTokens: 1_000_000), 2_250_000_000),
            ("gpt-5-mini", ModelUsage(inputTokens: 1_000_000, outputTokens: 0, cachedTokens: 400_000), 160_000_000),
            ("gpt-5-mini-2025-08-07", ModelUsage(inputTokens: 4, outputTokens: 0), 1_000),
            ("openai/gpt-5-mini", ModelUsage(inputTokens: 3, outputTokens: 0), 750),
            ("anthropic/claude-sonnet-4-5-20250929", ModelUsage(inputTokens: 0, outputTokens: 2), 30_000),
            ("gpt-5-nano", ModelUsage(inputTokens: 0, outputTokens: 0), 0),
            ("gpt-5-nano", ModelUsage(inputTokens: -5, outputTokens: -5, cachedTokens: 99), 0),
            ("gpt-5-nano", ModelUsage(inputTokens: 1, cachedTokens: 1), 5), ("text-embedding-3-small", ModelUsage(inputTokens: 20), 400),
            ("openai/gpt-oss-120b", ModelUsage(inputTokens: 100, outputTokens: 0), 15_000),
        ] as [(String, ModelUsage, Int64)]
    )
    func `S3.62 a call costs what the table says, rounded up to a billionth`(_ model: String, _ usage: ModelUsage, _ cost: Int64) {
        #expect(ModelPrices().cost(of: usage, model: model, at: now) == cost)
    }

    @Test(arguments: ["", "llama3.2", "gpt-5-mini-turbo", "-2025-08-07", "/", "gpt"])
    func `an unknown model has no cost`(_ model: String) {
        #expect(ModelPrices().cost(of: ModelUsage(inputTokens: 1), model: model, at: now) == nil)
    }

    @Test func `a project's own price wins, by either name, and the rehearsal is free`() {
        let prices = ModelPrices(own: [
            "gpt-5-mini": PriceHistory(ModelPrice(input: 1, output: 1)),
            "cheap": PriceHistory(ModelPrice(input: 2, cachedInput: 0.5, output: 0)),
        ])
        let usage = ModelUsage(inputTokens: 10, outputTokens: 10, cachedTokens: 4)
        #expect(
            prices.cost(of: usage, settings: ModelSettings(name: "default", provider: "openai", model: "gpt-5-mini"), at: now) == 20_000
        )
        #expect(prices.cost(of: usage, settings: ModelSettings(name: "cheap", provider: "x", model: "mine"), at: now) == 14_000)
        #expect(prices.cost(of: usage, settings: ModelSettings(name: "d", provider: "rehearsal", model: "gpt-5-mini"), at: now) == 0)
        #expect(prices.cost(of: usage, settings: ModelSettings(name: "d", provider: "x", model: "mine"), at: now) == nil)
    }

    @Test func `the narrowest name of a price wins: the project's for the model, a provider's model, a model wherever it is`() {
        func price(_ input: Double) -> PriceHistory { PriceHistory(ModelPrice(input: input, output: 0)) }
        let vendor = ModelSettings(name: "main", provider: "openai", model: "gpt-5-mini")
        let gateway = ModelSettings(name: "spare", provider: "openrouter", model: "openai/gpt-5-mini")
        let corp = ModelSettings(name: "own", provider: "corp", model: "gpt-5-mini")
        func costs(_ own: [String: PriceHistory]) -> [Int64?] {
            let prices = ModelPrices(own: own, models: [vendor, gateway, corp])
            return [vendor, gateway, corp].map { prices.cost(of: ModelUsage(inputTokens: 1), settings: $0, at: now) }
        }
        #expect(costs([:]) == [250, 250, 250])
        #expect(costs(["gpt-5-mini": price(1)]) == [1_000, 250, 1_000])
        #expect(costs(["gpt-5-mini": price(1), "corp/gpt-5-mini": price(2)]) == [1_000, 250, 2_000])
        #expect(costs(["gpt-5-mini": price(1), "corp/gpt-5-mini": price(2), "own": price(3)]) == [1_000, 250, 3_000])
        #expect(costs(["openrouter/openai/gpt-5-mini": price(4)]) == [250, 4_000, 250])
        // As a whole it is the gateway's name for the model, so it says nothing of the vendor's.
        #expect(costs(["openai/gpt-5-mini": price(5)]) == [250, 5_000, 250])
        let alone = ModelPrices(own: ["openai/gpt-5-mini": price(5)], models: [vendor, corp])
        #expect(alone.cost(of: ModelUsage(inputTokens: 1), settings: vendor, at: now) == 5_000)
        #expect(alone.isKnown(corp) && alone.cost(of: ModelUsage(inputTokens: 1), settings: corp, at: now) == 250)
    }

    @Test func `above a number of tokens the whole call has another price, and what is set aside is the dearer that can be reached`() {
        let price = ModelPrice(input: 1, cachedInput: 0.1, output: 10).above(1_000, ModelPrice(input: 2, cachedInput: 0.2, output: 15))
        #expect(price.cost(of: ModelUsage(inputTokens: 1_000, outputTokens: 10)) == 1_000_000 + 100_000)
        // Cached tokens count for the length.
        #expect(price.cost(of: ModelUsage(inputTokens: 1_001, outputTokens: 10, cachedTokens: 1_000)) == 2_000 + 200_000 + 150_000)
        #expect(price.mostOf(inputTokens: 1_000, outputTokens: 10) == 1_000_000 + 100_000)
        #expect(price.mostOf(inputTokens: 1_001, outputTokens: 10) == 2_002_000 + 150_000)
        // Whoever gives a rebate for long prompts may still read a shorter one.
        let rebate = ModelPrice(input: 2, output: 0).above(1_000, ModelPrice(input: 1, output: 0))
        #expect(rebate.mostOf(inputTokens: 1_200, outputTokens: 0) == 2_400_000)
        let estimate = CallEstimate(price: price, requestBytes: 4_000, maxOutputTokens: 10)
        #expect(
            estimate.worst == 4_000_000 + 150_000 && estimate.worst >= estimate.cost(of: ModelUsage(inputTokens: 2_000, outputTokens: 10))
        )
    }

    @Test(
        arguments: [
            ("gemini-2.5-pro", 1_250, 10_000, 2_500, 15_000), ("gemini-3-pro-preview", 2_000, 12_000, 4_000, 18_000),
            ("claude-sonnet-4-5-20250929", 3_000, 15_000, 6_000, 22_500), ("gpt-5-mini", 250, 2_000, 250, 2_000),
        ] as [(String, Int64, Int64, Int64, Int64)]
    )
    func `models that are dearer above 200,000 tokens are known`(
        _ model: String,
        _ input: Int64,
        _ output: Int64,
        _ longInput: Int64,
        _ longOutput: Int64
    ) throws {
        let price = try #require(ModelPrices.builtIn(model)?.price { CalendarDay(number: 20_472) })
        #expect(price.cost(of: ModelUsage(inputTokens: 200_000, outputTokens: 1)) == 200_000 * input + output)
        #expect(price.cost(of: ModelUsage(inputTokens: 200_001, outputTokens: 1)) == 200_001 * longInput + longOutput)
    }

    @Test(
        arguments: [
            ("2026-03-01T02:59:59Z", 1_000_000_000), ("2026-03-01T03:00:00Z", 2_000_000_000), ("2026-03-15T12:00:00Z", 2_000_000_000),
            ("2026-04-01T02:59:59Z", 2_000_000_000), ("2026-04-01T03:00:00Z", 500_000_000),
        ] as [(String, Int64)]
    )
    func `S1.26 a price holds from its day on, in the project's zone`(_ moment: String, _ cost: Int64) throws {
        let zone = try #require(TimeZoneRules.named("America/Sao_Paulo"))
        let history = PriceHistory([
            (from: CalendarDay("2026-04-01"), price: ModelPrice(input: 0.5, output: 0)),
            (from: nil, price: ModelPrice(input: 1, output: 0)),
            (from: CalendarDay("2026-03-01"), price: ModelPrice(input: 2, output: 0)),
        ])
        let prices = ModelPrices(own: ["m": history], zone: zone)
        let at = try #require(Timestamp(rfc3339: moment))
        #expect(prices.cost(of: ModelUsage(inputTokens: 1_000_000), model: "m", at: at) == cost)
    }

    @Test func `S1.26 before the project's first price the built-in one holds, where there is one`() throws {
        let history = PriceHistory([(from: CalendarDay("2030-01-01"), price: .free)])
        let prices = ModelPrices(own: ["gpt-5-mini": history, "mine": history])
        let usage = ModelUsage(inputTokens: 1_000_000)
        #expect(prices.cost(of: usage, model: "gpt-5-mini", at: now) == 250_000_000)
        #expect(prices.cost(of: usage, model: "mine", at: now) == nil)
        #expect(prices.cost(of: usage, model: "mine", at: try #require(Timestamp(rfc3339: "2030-01-01T00:00:00Z"))) == 0)
    }

    @Test func `S1.26 every kind of token has its price, and a part is never paid twice`() {
        let price = ModelPrice(
            input: 1,
            cachedInput: 0.1,
            cacheWrite: 1.25,
            output: 10,
            reasoning: 5,
            media: MediaPrice(audioInput: 4, imageInput: 2, audioOutput: 20)
        )
        var usage = ModelUsage(inputTokens: 1_000_000, outputTokens: 100_000, cachedTokens: 100_000, cacheCreationTokens: 100_000)
        #expect(price.cost(of: usage) == 1_000 * (10_000 + 125_000 + 800_000 + 1_000_000))
        usage.audioInputTokens = 200_000
        usage.imageInputTokens = 100_000
        usage.reasoningTokens = 40_000
        usage.audioOutputTokens = 10_000
        #expect(price.cost(of: usage) == 1_000 * (10_000 + 125_000 + 800_000 + 200_000 + 500_000 + 200_000 + 200_000 + 500_000))
        // Sound that was cached: no more is paid than there was.
        usage = ModelUsage(inputTokens: 100, cachedTokens: 100)
        usage.audioInputTokens = 100
        #expect(price.cost(of: usage) == 10_000)
    }

    @Test func `S1.26 images, seconds and minutes`() {
        let price = ModelPrice(input: 0, output: 0, media: MediaPrice(image: 0.04, second: 0.001, minute: 0.006))
        #expect(price.cost(of: ModelUsage(), MediaMeasures(images: 3)) == 120_000_000)
        #expect(price.cost(of: ModelUsage(), MediaMeasures(milliseconds: 90_000)) == 90_000_000 + 9_000_000)
        #expect(ModelPrice.free.cost(of: ModelUsage(), MediaMeasures(images: 3, milliseconds: 9)) == 0)
    }

    @Test func `the most that a call can cost takes the dearest kind of each side`() {
        let price = ModelPrice(input: 3, cachedInput: 0.3, cacheWrite: 3.75, output: 15)
        #expect(price.mostOf(inputTokens: 1_000, outputTokens: 4_096) == 3_750_000 + 61_440_000)
        let usage = ModelUsage(inputTokens: 1_000, outputTokens: 4_096, cachedTokens: 10, cacheCreationTokens: 900, reasoningTokens: 4_000)
        #expect(price.cost(of: usage) <= price.mostOf(inputTokens: 1_000, outputTokens: 4_096))
    }

    @Test func `absurd counts and prices do not trap`() {
        let usage = ModelUsage(inputTokens: .max, outputTokens: .max, cachedTokens: .max)
        #expect(ModelPrice(input: .infinity, output: 1e300).cost(of: usage) > 0)
        #expect(ModelPrice(input: -.infinity, output: .nan).cost(of: usage) == 0)
    }

    @Test(arguments: [
        (ModelError.Code.unavailable, true), (.timeout, true), (.rateLimited, true), (.badAnswer, true), (.rejected, false),
        (.cancelled, false),
    ])
    func `S1.16 only what can get better is asked again, at most three times in all`(_ code: ModelError.Code, _ again: Bool) {
        let error = ModelError(code, "x")
        #expect((ModelRetry.default.delay(after: error, attempt: 1, random: 0) != nil) == again)
        #expect((ModelRetry.default.delay(after: error, attempt: 2, random: 0) != nil) == again)
        #expect(ModelRetry.default.delay(after: error, attempt: 3, random: 0) == nil)
    }

    @Test func `pauses double from half a second, are bounded, and jitter takes at most half`() {
        let retry = ModelRetry(attempts: 100)
        let error = ModelError(.unavailable, "x")
        #expect(retry.delay(after: error, attempt: 1, random: .max).map { $0.inMilliseconds } == 500)
        #expect(retry.delay(after: error, attempt: 1, random: 0) == .milliseconds(250))
        #expect(retry.delay(after: error, attempt: 3, random: 0) == .milliseconds(1_000))
        #expect(retry.delay(after: error, attempt: 99, random: 0) == .seconds(4))
        #expect(retry.delay(after: error, attempt: 0, random: 0) == .milliseconds(250))
        #expect(retry.delay(after: error, attempt: -5, random: 0) == .milliseconds(250))
    }

    @Test func `the provider's wish overrides the backoff, unless it is longer than anybody waits`() {
        let retry = ModelRetry.default
        #expect(retry.delay(after: ModelError(.rateLimited, "x", retryAfter: .seconds(20)), attempt: 1, random: 0) == .seconds(20))
        #expect(retry.delay(after: ModelError(.rateLimited, "x", retryAfter: .zero), attempt: 1, random: 0) == .zero)
        #expect(retry.delay(after: ModelError(.rateLimited, "x", retryAfter: .seconds(3_600)), attempt: 1, random: 0) == nil)
        #expect(retry.delay(after: ModelError(.rejected, "x", retryAfter: .seconds(1)), attempt: 1, random: 0) == nil)
    }

    struct Wish: Sendable, CustomTestStringConvertible {
        var text: String
        var milliseconds: String?
        var wait: Duration?
        var testDescription: String { text + (milliseconds ?? "") }
    }

    @Test(arguments: [
        Wish(text: "2", wait: .seconds(2)), Wish(text: "0", wait: .zero), Wish(text: "1.5", wait: .milliseconds(1_500)),
        Wish(text: " 3", wait: .seconds(3)), Wish(text: "999999999999", wait: .seconds(86_400)),
        Wish(text: "9", milliseconds: "250", wait: .milliseconds(250)),
        Wish(text: "Sun, 06 Nov 1994 08:49:47 GMT", wait: .seconds(10)), Wish(text: "Sun, 06 Nov 1994 08:49:27 GMT", wait: .zero),
        Wish(text: "", wait: nil), Wish(text: "-1", wait: nil), Wish(text: "soon", wait: nil), Wish(text: "nan", wait: nil),
        Wish(text: "inf", wait: nil),
        Wish(text: "Sun, 06 Foo 1994 08:49:37 GMT", wait: nil), Wish(text: "Sun, 31 Feb 1994 08:49:37 GMT", wait: nil),
        Wish(text: "Sunday, 06-Nov-94 08:49:37 GMT", wait: nil), Wish(text: "Sun, 06 Nov 1994 8:49:37 GMT", wait: nil),
    ])
    func `Retry-After is read in seconds and as a date counted from the answer's own`(_ wish: Wish) {
        #expect(RetryAfter.read(seconds: wish.text, milliseconds: wish.milliseconds, date: "Sun, 06 Nov 1994 08:49:37 GMT") == wish.wait)
        #expect(RetryAfter.read(seconds: nil, milliseconds: nil, date: nil) == nil)
    }
}
