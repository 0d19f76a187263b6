import BatutaCore
import BatutaHTTP
import BatutaSimulators
import BatutaTesting
import Testing

@testable import BatutaModels

@Suite(.timeLimit(.minutes(5))) struct RegistryTests {
    private func settings(_ provider: String) -> ModelSettings { ModelSettings(name: "default", provider: provider, model: "m") }

    private func ask(_ registry: ModelRegistry, _ provider: String) async throws -> String {
        let settings = settings(provider)
        let request = ModelRequest(settings: settings, agent: "a", system: "", turns: [.user("x")], tools: [])
        return try await registry.provider(for: settings).answer(request) { _ in }.text
    }

    @Test func `S3.4 each model is asked where its provider stands`() async throws {
        let (one, two) = (try ModelSimulator().start(), try ModelSimulator().start())
        one.enqueue(.text("one"))
        two.enqueue(.text("two"))
        let registry = ModelRegistry(
            [ProviderConfiguration(name: "first", baseURL: one.baseURL), ProviderConfiguration(name: "second", baseURL: two.baseURL)],
            client: try HTTPClient(),
            rehearsal: RehearsalProvider()
        )
        #expect(try await ask(registry, "second") == "two")
        #expect(try await ask(registry, "first") == "one")
        #expect(try await ask(registry, "rehearsal").contains("rehearsal"))
        #expect(!registry.isRehearsed(settings("first")) && registry.isRehearsed(settings("rehearsal")))
    }

    @Test func `in rehearsal nobody else is asked`() async throws {
        let simulator = try ModelSimulator().start()
        let configuration = ProviderConfiguration(name: "first", baseURL: simulator.baseURL)
        let registry = ModelRegistry([configuration], client: try HTTPClient(), rehearsal: RehearsalProvider(), rehearses: true)
        #expect(try await ask(registry, "first").contains("rehearsal"))
        #expect(try await ask(registry, "unknown").contains("rehearsal"))
        #expect(simulator.requestCount == 0 && registry.isRehearsed(settings("first")))
    }

    @Test func `an unknown provider is refused with the nearest names`() throws {
        let known = ProviderConfiguration.known.filter { $0.kind == .openai }
        let configurations = known.compactMap { ProviderConfiguration.known($0.name) { _ in nil } }
        let registry = ModelRegistry(configurations, client: try HTTPClient(), rehearsal: RehearsalProvider())
        let error = #expect(throws: ModelError.self) { try registry.provider(for: settings("openia")) }
        #expect(error?.code == .rejected)
        #expect(error?.message.contains("Did you mean openai") == true)
    }

    @Test func `known providers find their key under its usual names`() {
        let environment = ["OPENAI_API_KEY": "a", "GOOGLE_API_KEY": "g", "GEMINI_API_KEY": ""]
        func key(_ name: String) -> String? { ProviderConfiguration.known(name) { environment[$0] }?.apiKey() }
        #expect(key("openai") == "a")
        #expect(key("gemini") == "g")
        #expect(key("groq") == nil)
        #expect(ProviderConfiguration.known("ollama") { _ in nil }?.needsKey == false)
        #expect(ProviderConfiguration.known("openrouter") { _ in nil }?.needsKey == true)
        #expect(ProviderConfiguration.known("nobody") { _ in nil } == nil)
    }

    @Test(
        arguments: [
            (nil, nil, Duration.seconds(60), Duration.seconds(30)), (.seconds(5), nil, .seconds(5), .seconds(5)),
            (.seconds(90), nil, .seconds(90), .seconds(30)), (nil, .seconds(7), .seconds(60), .seconds(7)),
            (.seconds(5), .seconds(7), .seconds(5), .seconds(5)), (nil, .seconds(120), .seconds(60), .seconds(120)),
        ] as [(Duration?, Duration?, Duration, Duration)]
    )
    func `a shorter time-out also bounds silence`(_ timeout: Duration?, _ idle: Duration?, _ first: Duration, _ between: Duration) {
        let configuration = ProviderConfiguration(name: "p", baseURL: "", timeout: timeout, idleTimeout: idle)
        #expect(configuration.timeout == first && configuration.idleTimeout == between)
    }
}
