import BatutaCore
import Testing

@testable import BatutaModels

@Suite struct PricesAndRetriesTests {
    @Test(
        arguments: [
            ("gpt-5-mini", ModelUsage(inputTokens: 1_000_000, outputTokens: 1_000_000), 2_250_000),
            ("gpt-5-mini", ModelUsage(inputTokens: 1_000_000, outputTokens: 0, cachedTokens: 400_000), 160_000),
            ("gpt-5-mini-2025-08-07", ModelUsage(inputTokens: 4, outputTokens: 0), 1),
            ("openai/gpt-5-mini", ModelUsage(inputTokens: 3, outputTokens: 0), 1),
            ("anthropic/claude-sonnet-4-5-20250929", ModelUsage(inputTokens: 0, outputTokens: 2), 30),
            ("gpt-5-nano", ModelUsage(inputTokens: 0, outputTokens: 0), 0),
            ("gpt-5-nano", ModelUsage(inputTokens: -5, outputTokens: -5, cachedTokens: 99), 0),
            ("openai/gpt-oss-120b", ModelUsage(inputTokens: 100, outputTokens: 0), 15),
        ] as [(String, ModelUsage, Int64)]
    )
    func `S3.62 a call costs what the table says, rounded up to a millionth`(_ model: String, _ usage: ModelUsage, _ cost: Int64) {
        #expect(ModelPrices().cost(of: usage, model: model) == cost)
    }

    @Test(arguments: ["", "llama3.2", "gpt-5-mini-turbo", "-2025-08-07", "/", "gpt"])
    func `an unknown model has no cost`(_ model: String) {
        #expect(ModelPrices().cost(of: ModelUsage(inputTokens: 1), model: model) == nil)
    }

    @Test func `a project's own price wins, by either name, and the rehearsal is free`() {
        let prices = ModelPrices(own: [
            "gpt-5-mini": ModelPrice(input: 1, output: 1), "cheap": ModelPrice(input: 2, cachedInput: 0.5, output: 0),
        ])
        let usage = ModelUsage(inputTokens: 10, outputTokens: 10, cachedTokens: 4)
        #expect(prices.cost(of: usage, settings: ModelSettings(name: "default", provider: "openai", model: "gpt-5-mini")) == 20)
        #expect(prices.cost(of: usage, settings: ModelSettings(name: "cheap", provider: "x", model: "mine")) == 14)
        #expect(prices.cost(of: usage, settings: ModelSettings(name: "d", provider: "rehearsal", model: "gpt-5-mini")) == 0)
        #expect(prices.cost(of: usage, settings: ModelSettings(name: "d", provider: "x", model: "mine")) == nil)
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
