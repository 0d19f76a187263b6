import BatutaCore
import BatutaHTTP
import BatutaModels
import BatutaSimulators
import Testing

/// The model `embedding` over HTTP.
@Suite(.timeLimit(.minutes(5))) struct EmbeddingTests {
    private static func model(
        _ simulator: ModelSimulator,
        _ client: HTTPClient,
        kind: ProviderConfiguration.Kind = .openai,
        model: String = "embed-8",
        breaker: HTTPToolDefinition.Breaker? = nil
    ) throws -> any EmbeddingModel {
        let base = kind == .gemini ? simulator.geminiBaseURL : simulator.baseURL
        let configuration = ProviderConfiguration(name: "sim", kind: kind, baseURL: base, apiKey: { "sk-secret-1234" }, keyName: "SIM_KEY")
        let registry = ModelRegistry([configuration], client: client, rehearsal: RehearsalProvider(scripts: []))
        var settings = ModelSettings(name: "embedding", provider: "sim", model: model)
        settings.breaker = breaker
        return try #require(registry.embeddings(settings))
    }

    private static func failure(_ model: any EmbeddingModel) async -> ModelError? {
        do {
            _ = try await model.embeddings(of: ["a"])
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [ProviderConfiguration.Kind.openai, .openaiResponses, .gemini])
    func `texts become vectors, in their order, with the tokens that it took`(_ kind: ProviderConfiguration.Kind) async throws {
        let simulator = try ModelSimulator().start(), client = try HTTPClient()
        let model = try Self.model(simulator, client, kind: kind)
        let answer = try await model.embeddings(of: ["a fugue", "a canon", "a fugue"])
        #expect(answer.vectors.count == 3 && answer.vectors.allSatisfy { $0.count == 8 } && answer.inputTokens == 30)
        #expect(answer.vectors[0] == answer.vectors[2] && answer.vectors[0] != answer.vectors[1])
        let request = try #require(simulator.requests.first)
        #expect(request.path == (kind == .gemini ? "/v1beta/openai/embeddings" : "/v1/embeddings"))
        #expect(request.header("authorization") == "Bearer sk-secret-1234" && request.json?["model"] == "embed-8")
        #expect(model.identity == "sim/embed-8")
        client.shutdown()
    }

    private static let wrong: [(SimulatedReply, ModelError.Code)] = [
        (.body("<html>"), .badAnswer), (.body("{}"), .badAnswer), (.body(#"{"data":[]}"#), .badAnswer),
        (.body(#"{"data":[{"embedding":[]}]}"#), .badAnswer), (.body(#"{"data":[{"embedding":["x"]}]}"#), .badAnswer),
        (.body(#"{"data":[{"embedding":[1e999]}]}"#), .badAnswer), (.body(#"{"data":[{"index":7,"embedding":[1]}]}"#), .badAnswer),
        (.failure(401, "bad key sk-secret-1234"), .rejected), (.failure(404), .rejected), (.failure(429), .rateLimited),
        (.failure(500), .unavailable),
    ]

    @Test(arguments: wrong.indices) func `what is no answer is told as what it is, without the key`(_ index: Int) async throws {
        let simulator = try ModelSimulator().start(), client = try HTTPClient()
        simulator.enqueue(Self.wrong[index].0)
        let error = try #require(await Self.failure(try Self.model(simulator, client)))
        #expect(error.code == Self.wrong[index].1, "\(error.message)")
        #expect(!error.message.contains("sk-secret"))
        client.shutdown()
    }

    @Test func `one that keeps failing is not asked for a while`() async throws {
        let simulator = try ModelSimulator().start(), client = try HTTPClient()
        for _ in 1...3 { simulator.enqueue(.failure(500)) }
        let model = try Self.model(simulator, client, breaker: HTTPToolDefinition.Breaker(failures: 3, openFor: .seconds(30)))
        for _ in 1...3 { _ = await Self.failure(model) }
        #expect(await Self.failure(model)?.reason == .openCircuit && simulator.requestCount == 3)
        client.shutdown()
    }

    @Test func `a provider that makes none, and a rehearsal, have none`() throws {
        let client = try HTTPClient()
        let claude = ProviderConfiguration(name: "claude", kind: .anthropic, baseURL: "http://127.0.0.1:1/v1")
        let settings = ModelSettings(name: "embedding", provider: "claude", model: "m")
        #expect(ModelRegistry([claude], client: client, rehearsal: RehearsalProvider(scripts: [])).embeddings(settings) == nil)
        let open = ProviderConfiguration(name: "claude", kind: .openai, baseURL: "http://127.0.0.1:1/v1")
        let rehearsed = ModelRegistry([open], client: client, rehearsal: RehearsalProvider(scripts: []), rehearses: true)
        #expect(rehearsed.embeddings(settings) == nil)
        client.shutdown()
    }
}
