import BatutaCore
import BatutaHTTP
import BatutaSimulators
import BatutaTesting
import Synchronization
import Testing

@testable import BatutaModels

/// A provider that talks to a simulator, and what it said.
struct LiveProvider {
    static let key = "sk-canary-live-9876543210"
    let simulator: ModelSimulator
    let client: HTTPClient
    let provider: any ModelProvider

    init(
        timeout: Duration? = nil,
        idleTimeout: Duration? = nil,
        needsKey: Bool = true,
        key: String? = LiveProvider.key,
        baseURL: String? = nil,
        kind: ProviderConfiguration.Kind = .openai
    ) throws {
        simulator = try ModelSimulator().start()
        client = try HTTPClient()
        let configuration = ProviderConfiguration(
            name: "sim",
            kind: kind,
            baseURL: baseURL ?? simulator.baseURL,
            apiKey: { key },
            keyName: "SIM_KEY",
            needsKey: needsKey,
            timeout: timeout,
            idleTimeout: idleTimeout
        )
        provider = try #require(configuration.provider(client: client))
    }

    func request(_ model: String = "text-3", streams: Bool = true) -> ModelRequest {
        let schema = Array(#"{"type":"object","properties":{"round":{"type":"integer"}}}"#.utf8)
        return ModelRequest(
            settings: ModelSettings(name: "default", provider: "sim", model: model),
            agent: "a",
            system: "s",
            turns: [.user("hello")],
            tools: [ToolOffer(name: "look", description: "Looks.", parameters: schema)],
            streams: streams
        )
    }

    /// What a call gave: its answer or error, and the deltas.
    func ask(_ request: ModelRequest) async -> (outcome: Result<ModelAnswer, ModelError>, deltas: [ModelDelta]) {
        let deltas = Mutex<[ModelDelta]>([])
        do throws(ModelError) {
            let answer = try await provider.answer(request) { delta in deltas.withLock { $0.append(delta) } }
            return (.success(answer), deltas.withLock { $0 })
        } catch {
            return (.failure(error), deltas.withLock { $0 })
        }
    }

    func fail(_ reply: SimulatedReply, streams: Bool = true) async throws -> ModelError {
        simulator.enqueue(reply)
        switch await ask(request(streams: streams)).outcome {
        case .failure(let error): return error
        case .success(let answer): throw UnexpectedAnswer(text: answer.text)
        }
    }

    struct UnexpectedAnswer: Error { var text: String }
}

@Suite(.timeLimit(.minutes(5))) struct OpenAIProviderTests {
    @Test func `S3.53 a streamed answer arrives token by token and whole`() async throws {
        let live = try LiveProvider()
        let (outcome, deltas) = await live.ask(live.request("text-3"))
        let answer = try outcome.get()
        #expect(answer.text == "token token token ")
        #expect(deltas == [.content("token "), .content("token "), .content("token ")])
        #expect(answer.usage == ModelUsage(inputTokens: 100, outputTokens: 3))
        #expect(answer.finishReason == .stop)
        let sent = try #require(live.simulator.requests.first)
        #expect(sent.method == "POST" && sent.path == "/v1/chat/completions")
        #expect(sent.header("authorization") == "Bearer \(LiveProvider.key)")
        #expect(sent.header("content-type") == "application/json")
        #expect(sent.json?["stream_options"] == ["include_usage": true])
    }

    @Test func `an answer in one piece has the same content and no stream is asked for`() async throws {
        let live = try LiveProvider()
        let (outcome, deltas) = await live.ask(live.request("text-3", streams: false))
        #expect(try outcome.get().text == "token token token ")
        #expect(deltas == [.content("token token token ")])
        #expect(live.simulator.requests.first?.json?["stream"] == false)
    }

    @Test(arguments: [true, false]) func `tool rounds go on from the conversation alone`(_ streams: Bool) async throws {
        let live = try LiveProvider()
        var request = live.request("tools-2", streams: streams)
        for round in 1...2 {
            let answer = try await live.ask(request).outcome.get()
            #expect(answer.calls == [.init(tool: "look", arguments: .valid(["round": .int(round)]))])
            #expect(answer.finishReason == .toolCalls)
            let id = CallID(trusted: "call_\(round)")
            request.turns.append(
                .assistant(text: "", calls: [ModelToolCall(id: id, tool: "look", arguments: .valid(["round": .int(round)]))])
            )
            request.turns.append(.tool(callID: id, tool: "look", envelope: Array(#"{"success":true}"#.utf8)))
        }
        let last = try await live.ask(request).outcome.get()
        #expect(last.calls.isEmpty && last.text.hasPrefix("token"))
    }

    @Test(arguments: RecordedExchange.all) func `every recorded exchange comes through the network unchanged`(_ exchange: RecordedExchange)
        async throws
    {
        let live = try LiveProvider(kind: exchange.kind)
        live.simulator.enqueue(.body(exchange.stream, type: "text/event-stream"), .body(exchange.stream, type: "text/plain"))
        for _ in 0..<2 {
            let answer = try await live.ask(live.request()).outcome.get()
            #expect(answer.text == exchange.text && answer.calls == exchange.calls && answer.finishReason == exchange.finish)
        }
    }

    struct Failure: Sendable, CustomTestStringConvertible {
        var reply: SimulatedReply
        var code: ModelError.Code
        var says: String
        var retryAfter: Duration?
        var testDescription: String { "\(code.rawValue): \(says)" }
    }

    @Test(arguments: [
        Failure(reply: .tokens(9).cut(afterEvents: 4), code: .unavailable, says: "cut"),
        Failure(reply: .tokens(9).cut(afterBytes: 333), code: .unavailable, says: "cut"),
        Failure(reply: .drop, code: .unavailable, says: "sim"),
        Failure(reply: .garbage, code: .badAnswer, says: "no chat completion"),
        Failure(reply: .html, code: .badAnswer, says: "502 Bad Gateway"),
        Failure(reply: .body("{}"), code: .badAnswer, says: "choice"),
        Failure(reply: .body("", type: "text/plain"), code: .badAnswer, says: "nothing"),
        Failure(reply: .rateLimited(retryAfter: "7"), code: .rateLimited, says: "Rate limit reached", retryAfter: .seconds(7)),
        Failure(
            reply: .body(
                "{}",
                status: 429,
                headers: [("Date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("Retry-After", "Sun, 06 Nov 1994 08:49:40 GMT")]
            ),
            code: .rateLimited,
            says: "429",
            retryAfter: .seconds(3)
        ),
        Failure(reply: .failure(401, "bad key \(LiveProvider.key)"), code: .rejected, says: "bad key ••• (check SIM_KEY)"),
        Failure(reply: .failure(404, "no such model"), code: .rejected, says: "no such model"),
        Failure(reply: .failure(503, "busy", headers: [("Retry-After", "1")]), code: .unavailable, says: "busy", retryAfter: .seconds(1)),
        Failure(reply: .body("moved", status: 302, headers: [("Location", "http://127.0.0.1:1/")]), code: .rejected, says: "base_url"),
        Failure(
            reply: .events(["{\"error\":{\"message\":\"late \(LiveProvider.key)\",\"code\":500}}"]),
            code: .unavailable,
            says: "late •••"
        ),
    ])
    func `S1.16 every failure has its code and its words, and the key is in none`(_ failure: Failure) async throws {
        let live = try LiveProvider()
        let error = try await live.fail(failure.reply)
        #expect(error.code == failure.code, "\(error)")
        #expect(error.message.contains(failure.says), "\(error.message)")
        #expect(error.retryAfter == failure.retryAfter)
        #expect(!"\(error)".contains("canary"))
    }

    @Test func `a whole answer that is cut is unavailable too`() async throws {
        let live = try LiveProvider()
        #expect(try await live.fail(.tokens(9).cut(afterEvents: 1), streams: false).code == .unavailable)
    }

    @Test func `silence before and within an answer is a time-out`() async throws {
        let impatient = try LiveProvider(timeout: .milliseconds(150))
        let before = try await impatient.fail(.hang)
        #expect(before.code == .timeout && before.message.contains("sent nothing"), "\(before)")
        let restless = try LiveProvider(idleTimeout: .milliseconds(150))
        let within = try await restless.fail(.tokens(9).silent(afterEvents: 4))
        #expect(within.code == .timeout && within.message.contains("fell silent"), "\(within)")
    }

    @Test func `silence after the end does not spoil the answer`() async throws {
        let live = try LiveProvider(idleTimeout: .seconds(5))
        live.simulator.enqueue(.text("all there").silent(afterEvents: 4))
        #expect(try await live.ask(live.request()).outcome.get().text == "all there")
        live.simulator.enqueue(.text("all there").cut(afterEvents: 4))
        #expect(try await live.ask(live.request()).outcome.get().text == "all there")
    }

    @Test func `cancelling ends the call at once and closes its connection`() async throws {
        let live = try LiveProvider()
        live.simulator.enqueue(.tokens(9).silent(afterEvents: 4))
        let (signal, arrived) = AsyncStream<Void>.makeStream()
        let call = Task {
            try await live.provider.answer(live.request()) { _ in arrived.yield() }
        }
        for await _ in signal { break }
        call.cancel()
        let outcome = await call.result
        #expect(throws: ModelError.self) { try outcome.get() }
        if case .failure(let error as ModelError) = outcome { #expect(error.code == .cancelled) }
    }

    @Test func `nobody at the address, a name that does not exist and an address that is none are told apart`() async throws {
        let closed = try LiveProvider(baseURL: "http://127.0.0.1:1/v1")
        #expect(try await closed.fail(.hang).code == .unavailable)
        // Too long for a name, so that no resolver is asked, which may be slow.
        let unknown = try LiveProvider(baseURL: "http://\(String(repeating: "x", count: 64)).invalid/v1")
        #expect(try await unknown.fail(.hang).code == .unavailable)
        let wrong = try LiveProvider(baseURL: "ftp://127.0.0.1/v1")
        #expect(try await wrong.fail(.hang).code == .rejected)
    }

    @Test func `a missing key stops the call before anything is sent`() async throws {
        let live = try LiveProvider(key: nil)
        let error = try await live.fail(.hang)
        #expect(error.code == .rejected && error.message.contains("SIM_KEY") && error.message.contains("--rehearse"))
        #expect(live.simulator.requestCount == 0)
        let local = try LiveProvider(needsKey: false, key: nil)
        #expect(try await local.ask(local.request()).outcome.get().text.hasPrefix("token"))
        #expect(local.simulator.requests.first?.header("authorization") == nil)
    }

    @Test func `connections are kept between calls`() async throws {
        let live = try LiveProvider()
        for _ in 0..<5 { _ = try await live.ask(live.request()).outcome.get() }
        #expect(live.simulator.requestCount == 5)
        #expect(live.simulator.closedConnections == 0)
    }

    @Test(arguments: [
        ("http://h/v1", "http://h/v1/chat/completions"), ("http://h/v1/", "http://h/v1/chat/completions"),
        ("http://h/v1/chat/completions", "http://h/v1/chat/completions"), ("http://h", "http://h/chat/completions"),
    ])
    func `the address is built from the base however it ends`(_ base: String, _ address: String) {
        #expect(WireAddress.below(base, "/chat/completions") == address)
    }
}
