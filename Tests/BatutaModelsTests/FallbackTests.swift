import BatutaCore
import BatutaHTTP
import BatutaTelemetry
import BatutaTesting
import Synchronization
import Testing

@testable import BatutaModels

@Suite struct FallbackTests {
    // MARK: What is done after a failure

    struct Case: Sendable, CustomTestStringConvertible {
        var error: ModelError
        var tries = 1
        var alone: ModelFailureVerdict
        var withFallback: ModelFailureVerdict
        var testDescription: String { "\(error.code) \(error.statusCode ?? 0) \(tries)" }
    }

    @Test(arguments: [
        Case(error: ModelError(.rejected, "key", statusCode: 401), alone: .giveUp, withFallback: .fallBack),
        Case(error: ModelError(.rejected, "no such model", statusCode: 404), alone: .giveUp, withFallback: .fallBack),
        Case(error: ModelError(.rejected, "too long", statusCode: 400), alone: .giveUp, withFallback: .fallBack),
        Case(error: ModelError(.rejected, "no", statusCode: 400, reason: .refusal), alone: .giveUp, withFallback: .giveUp),
        Case(error: ModelError(.cancelled, "cut"), alone: .giveUp, withFallback: .giveUp),
        Case(
            error: ModelError(.unavailable, "x"),
            alone: .again(after: .milliseconds(250)),
            withFallback: .again(after: .milliseconds(250))
        ),
        Case(error: ModelError(.unavailable, "x"), tries: 3, alone: .giveUp, withFallback: .fallBack),
        Case(error: ModelError(.timeout, "x"), tries: 3, alone: .giveUp, withFallback: .fallBack),
        Case(error: ModelError(.badAnswer, "x"), tries: 3, alone: .giveUp, withFallback: .fallBack),
        Case(error: ModelError(.rateLimited, "x", statusCode: 429), tries: 3, alone: .giveUp, withFallback: .fallBack),
        Case(
            error: ModelError(.rateLimited, "x", retryAfter: .seconds(9)),
            alone: .again(after: .seconds(9)),
            withFallback: .again(after: .seconds(9))
        ),
        Case(error: ModelError(.rateLimited, "x", retryAfter: .seconds(60)), alone: .again(after: .seconds(60)), withFallback: .fallBack),
        Case(
            error: ModelError(.unavailable, "x", retryAfter: .seconds(5), reason: .openCircuit),
            alone: .again(after: .seconds(5)),
            withFallback: .fallBack
        ),
    ])
    func `the next model is asked when one fails for good, except about what is refused`(_ row: Case) {
        let retry = ModelRetry.default
        #expect(retry.verdict(on: row.error, tries: row.tries, hasFallback: false, random: 0) == row.alone)
        #expect(retry.verdict(on: row.error, tries: row.tries, hasFallback: true, random: 0) == row.withFallback)
    }

    @Test(arguments: [
        (#"{"error":{"message":"filtered","code":"content_filter","status":400}}"#, true),
        (#"{"error":{"message":"x","type":"content_policy_violation"}}"#, true),
        (#"{"error":{"message":"x","code":"invalid_api_key"}}"#, false), ("", false),
    ])
    func `a provider's refusal of the content is told apart`(_ body: String, _ isRefusal: Bool) {
        let error = ProviderFailure(provider: "p").error(status: 400, body: Array(body.utf8), retryAfter: nil)
        #expect((error.reason == .refusal) == isRefusal)
    }

    // MARK: Breakers

    /// Time that a test moves.
    final class HandTime: Sendable {
        private let now = Mutex(Duration.zero)
        func advance(by duration: Duration) { now.withLock { $0 += duration } }
        func elapsed() -> Duration { now.withLock { $0 } }
    }

    private struct Bench {
        let time = HandTime()
        let model: ScriptedModel
        let breakers: ModelBreakers
        let guarded: GuardedProvider
        let place = ModelPlace(provider: "p", baseURL: "http://a", model: "m")

        init(_ replies: [ScriptedModel.Reply]) {
            model = ScriptedModel(replies)
            breakers = ModelBreakers(now: time.elapsed)
            guarded = GuardedProvider(provider: model, name: "p", baseURL: "http://a", breakers: breakers)
        }

        func ask(_ name: String = "m", breaker: BreakerPolicy? = BreakerPolicy(failures: 2, openFor: .seconds(30)))
            async -> Result<String, ModelError>
        {
            var settings = ModelSettings(name: "default", provider: "p", model: name)
            settings.breaker = breaker
            let request = ModelRequest(settings: settings, agent: "a", system: "", turns: [.user("x")], tools: [])
            do throws(ModelError) { return .success(try await guarded.answer(request) { _ in }.text) } catch { return .failure(error) }
        }
    }

    private static let down = ScriptedModel.Reply.fail(ModelError(.unavailable, "down", statusCode: 503))

    @Test func `S0.15 a model that failed so often in a row is not asked for a while, then by one, and again when that went well`() async {
        let bench = Bench([Self.down, Self.down, .say("well"), .say("well")])
        for _ in 0..<2 { _ = await bench.ask() }
        guard case .failure(let error) = await bench.ask() else { return #expect(Bool(false), "an open circuit let a call through") }
        #expect(error.code == .unavailable && error.reason == .openCircuit && error.retryAfter == .seconds(30) && error.isRetryable)
        #expect(error.message.contains("m failed 2 times"))
        #expect(bench.model.requests.count == 2)
        bench.time.advance(by: .seconds(30))
        #expect((try? await bench.ask().get()) == "well")
        #expect((try? await bench.ask().get()) == "well")
        #expect(bench.breakers.states.isEmpty)
    }

    @Test func `a probe that fails keeps it closed to others for as long again`() async {
        let bench = Bench([Self.down, Self.down, Self.down])
        for _ in 0..<2 { _ = await bench.ask() }
        bench.time.advance(by: .seconds(31))
        _ = await bench.ask()
        bench.time.advance(by: .seconds(29))
        guard case .failure(let error) = await bench.ask() else { return #expect(Bool(false), "a failed probe opened it") }
        #expect(error.reason == .openCircuit && error.retryAfter == .seconds(1))
        #expect(bench.model.requests.count == 3)
    }

    @Test func `the metric of a circuit is 0 again when its time is over, although nobody asked since`() async {
        let bench = Bench([Self.down, Self.down])
        let registry = MetricsRegistry()
        ModelCircuits(bench.breakers) { [bench.place] }.measure(in: registry)
        for _ in 0..<2 { _ = await bench.ask() }
        #expect(registry.prometheusText().contains(#"batuta_model_circuit_open{provider="p",model="m"} 1"#))
        bench.time.advance(by: .seconds(30))
        #expect(registry.prometheusText().contains(#"batuta_model_circuit_open{provider="p",model="m"} 0"#))
    }

    @Test func `a model that the project names no longer is forgotten, and its series is gone`() async {
        let bench = Bench([Self.down, Self.down, .say("well")])
        let registry = MetricsRegistry()
        let named = Mutex<Set<ModelPlace>>([bench.place])
        let circuits = ModelCircuits(bench.breakers) { named.withLock { $0 } }
        circuits.measure(in: registry)
        for _ in 0..<2 { _ = await bench.ask() }
        #expect(registry.prometheusText().contains("batuta_model_circuit_open{"))
        #expect(circuits.reports.map(\.service) == [bench.place] && circuits.reports.first?.retryAfter == .seconds(30))
        named.withLock { $0 = [] }
        #expect(circuits.reports.isEmpty && bench.breakers.states.isEmpty)
        #expect(!registry.prometheusText().contains("batuta_model_circuit_open{"))
        #expect((try? await bench.ask().get()) == "well")
    }

    @Test func `a call that the caller had no time for says nothing of the model`() async {
        let late = ScriptedModel.Reply.fail(ModelError(.timeout, "late", reason: .outOfTime))
        let bench = Bench([late, late, .say("well")])
        for _ in 0..<2 { _ = await bench.ask() }
        #expect((try? await bench.ask().get()) == "well")
    }

    @Test func `models have a breaker each, and one that is off never opens`() async {
        let bench = Bench([Self.down, Self.down, .say("other"), Self.down, Self.down, Self.down])
        for _ in 0..<2 { _ = await bench.ask("m") }
        #expect((try? await bench.ask("n").get()) == "other")
        for _ in 0..<3 { _ = await bench.ask("o", breaker: nil) }
        #expect(bench.model.requests.count == 6)
    }

    @Test(arguments: [
        ModelError(.rateLimited, "x", statusCode: 429), ModelError(.rejected, "x", statusCode: 401), ModelError(.cancelled, "x"),
        ModelError(.rejected, "no key"),
    ])
    func `who says no is well, and what was cut or never left says nothing`(_ error: ModelError) async {
        let bench = Bench(Array(repeating: .fail(error), count: 4))
        for _ in 0..<4 { _ = await bench.ask() }
        #expect(bench.model.requests.count == 4)
    }

    @Test func `a cut probe leaves its place to the next`() async {
        let bench = Bench([Self.down, Self.down, .fail(ModelError(.cancelled, "cut")), .say("well")])
        for _ in 0..<2 { _ = await bench.ask() }
        bench.time.advance(by: .seconds(30))
        _ = await bench.ask()
        #expect((try? await bench.ask().get()) == "well")
    }

    @Test func `metrics say which model is not asked, and when it is again`() async {
        let bench = Bench([Self.down, Self.down, .say("well")])
        let registry = MetricsRegistry()
        ModelCircuits(bench.breakers) { [bench.place] }.measure(in: registry)
        for _ in 0..<2 { _ = await bench.ask() }
        #expect(registry.prometheusText().contains(#"batuta_model_circuit_open{provider="p",model="m"} 1"#))
        bench.time.advance(by: .seconds(30))
        _ = await bench.ask()
        #expect(registry.prometheusText().contains(#"batuta_model_circuit_open{provider="p",model="m"} 0"#))
    }
}
