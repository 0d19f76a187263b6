import BatutaCore
import BatutaHTTP
import BatutaSimulators
import BatutaTesting
import Foundation
import Synchronization
import Testing

@testable import BatutaModels

/// One table for every protocol, against a simulator that refuses what the provider would refuse. A provider is done when it passes.
@Suite(.timeLimit(.minutes(5))) struct ProviderConformanceTests {
    static let kinds: [ProviderConfiguration.Kind] = [.openai, .openaiResponses, .anthropic, .gemini]
    /// Those whose answers have parts that want to come back.
    static let sealing: [ProviderConfiguration.Kind] = [.openaiResponses, .anthropic, .gemini]

    /// A provider of a kind, and the simulator that it asks.
    struct Stand {
        static let key = "sk-canary-conformance-123456"
        let kind: ProviderConfiguration.Kind
        let simulator: ModelSimulator
        let provider: any ModelProvider

        init(_ kind: ProviderConfiguration.Kind, timeout: Duration? = nil, idleTimeout: Duration? = nil) throws {
            self.kind = kind
            simulator = try ModelSimulator().start()
            let configuration = ProviderConfiguration(
                name: "sim",
                kind: kind,
                baseURL: kind == .gemini ? simulator.geminiBaseURL : simulator.baseURL,
                apiKey: { Self.key },
                keyName: "SIM_KEY",
                needsKey: true,
                timeout: timeout,
                idleTimeout: idleTimeout
            )
            provider = try #require(configuration.provider(client: try HTTPClient()))
        }

        /// The name of a model that talks by rules, and that the protocol takes for one that thinks.
        var talker: String {
            switch kind {
            case .anthropic: "talk-claude-sonnet-4-5"
            case .gemini: "talk-gemini-3-pro"
            default: "talk"
            }
        }

        func request(_ turns: [ModelTurn], model: String? = nil, streams: Bool = true, reasoning: ReasoningEffort? = nil) -> ModelRequest {
            var settings = ModelSettings(name: "default", provider: "sim", model: model ?? talker, temperature: 0.2)
            settings.reasoning = reasoning
            let schema = Array(#"{"type":"object","properties":{"n":{"type":"integer"}}}"#.utf8)
            var request = ModelRequest(
                settings: settings,
                agent: "a",
                system: "You help.",
                turns: turns,
                tools: [ToolOffer(name: "look", description: "Looks.", parameters: schema)],
                streams: streams
            )
            request.conversation = "ses_1"
            return request
        }

        func ask(_ request: ModelRequest) async -> (outcome: Result<ModelAnswer, ModelError>, deltas: [ModelDelta]) {
            let deltas = Mutex<[ModelDelta]>([])
            do throws(ModelError) {
                let answer = try await provider.answer(request) { delta in deltas.withLock { $0.append(delta) } }
                return (.success(answer), deltas.withLock { $0 })
            } catch {
                return (.failure(error), deltas.withLock { $0 })
            }
        }

        func answer(_ text: String, streams: Bool = true) async throws -> ModelAnswer {
            try await ask(request([.user(text)], streams: streams)).outcome.get()
        }

        func failure(_ text: String) async -> ModelError? {
            guard case .failure(let error) = await ask(request([.user(text)])).outcome else { return nil }
            return error
        }
    }

    private static func text(_ deltas: [ModelDelta]) -> String {
        deltas.reduce(into: "") { if case .content(let piece) = $1 { $0 += piece } }
    }

    private static func thoughts(_ deltas: [ModelDelta]) -> String {
        deltas.reduce(into: "") { if case .reasoning(let piece) = $1 { $0 += piece } }
    }

    // MARK: Text

    @Test(arguments: kinds, [true, false]) func `text arrives whole, streamed or not, with its usage`(
        _ kind: ProviderConfiguration.Kind,
        _ streams: Bool
    ) async throws {
        let stand = try Stand(kind)
        let (outcome, deltas) = await stand.ask(stand.request([.user("say: Olá, João! 👋🏽 é")], streams: streams))
        let answer = try outcome.get()
        #expect(answer.text == "Olá, João! 👋🏽 é" && Self.text(deltas) == answer.text)
        #expect(answer.finishReason == .stop && answer.calls.isEmpty && answer.opaque == nil)
        #expect(answer.usage?.inputTokens == 100 && answer.usage?.outputTokens == 4)
    }

    @Test(arguments: kinds) func `a character that comes in two pieces is one`(_ kind: ProviderConfiguration.Kind) async throws {
        let stand = try Stand(kind)
        stand.simulator.enqueue(.pieces(["e", "\u{301} 👩", "\u{200D}👧 fim"]))
        #expect(try await stand.answer("x").text == "e\u{301} 👩\u{200D}👧 fim")
    }

    @Test(arguments: kinds) func `the key goes where the provider wants it`(_ kind: ProviderConfiguration.Kind) async throws {
        let stand = try Stand(kind)
        _ = try await stand.answer("x")
        let sent = try #require(stand.simulator.requests.first)
        let expected: (String, String) =
            switch kind {
            case .anthropic: ("x-api-key", Stand.key)
            case .gemini: ("x-goog-api-key", Stand.key)
            default: ("authorization", "Bearer " + Stand.key)
            }
        #expect(sent.header(expected.0) == expected.1)
        #expect(!sent.path.contains("canary"))
    }

    @Test(arguments: kinds) func `usage tells what was cached`(_ kind: ProviderConfiguration.Kind) async throws {
        let stand = try Stand(kind)
        stand.simulator.enqueue(.text("a b").cached(60))
        let usage = try #require(try await stand.answer("x").usage)
        #expect(usage.inputTokens == 100 && usage.cachedTokens == 60 && usage.outputTokens == 2)
    }

    @Test(arguments: kinds) func `an answer that was too long or filtered says so`(_ kind: ProviderConfiguration.Kind) async throws {
        let stand = try Stand(kind)
        #expect(try await stand.answer("fault: length").finishReason == .length)
        #expect(try await stand.answer("fault: filter").finishReason == .contentFilter)
    }

    // MARK: Tools

    @Test(arguments: kinds, [true, false]) func `parallel calls, their results, and the answer after them`(
        _ kind: ProviderConfiguration.Kind,
        _ streams: Bool
    ) async throws {
        let stand = try Stand(kind)
        let question = ModelTurn.user("call: look {\"n\": 1}\ncall: look {\"n\": 12345678901234567890}")
        let first = try await stand.ask(stand.request([question], streams: streams)).outcome.get()
        let expected = [#"{"n":1}"#, #"{"n":12345678901234567890}"#]
        #expect(first.calls.map(\.tool) == ["look", "look"])
        #expect(first.calls.map { if case .valid(let json) = $0.arguments { json.text } else { "malformed" } } == expected)
        #expect(first.finishReason == .toolCalls)
        let last = try await stand.ask(stand.request([question] + Self.round(first), streams: streams)).outcome.get()
        #expect(last.text == "look answered: {\"success\":true,\"data\":1}\nlook answered: {\"success\":true,\"data\":2}")
    }

    /// The answer as a turn, and the results of its calls.
    private static func round(_ answer: ModelAnswer, from number: Int = 1) -> [ModelTurn] {
        let calls = answer.calls.enumerated().map { index, call in
            ModelToolCall(id: CallID(trusted: "call_\(number + index)"), tool: call.tool, arguments: call.arguments)
        }
        return [.assistant(text: answer.text, calls: calls)]
            + calls.enumerated().map { index, call in
                .tool(callID: call.id, tool: call.tool, envelope: Array(#"{"success":true,"data":\#(number + index)}"#.utf8))
            }
    }

    @Test(arguments: kinds.filter { $0 != .gemini }) func `S3.30 malformed arguments are handed on, and can be sent back`(
        _ kind: ProviderConfiguration.Kind
    ) async throws {
        let stand = try Stand(kind)
        let question = ModelTurn.user("call: look {\"n\":")
        let first = try await stand.ask(stand.request([question])).outcome.get()
        #expect(first.calls == [.init(tool: "look", arguments: .malformed("{\"n\":"))])
        #expect(try await stand.ask(stand.request([question] + Self.round(first))).outcome.get().text.hasPrefix("look answered"))
    }

    @Test(arguments: kinds) func `a conversation that was cut at any place is one that the provider takes`(
        _ kind: ProviderConfiguration.Kind
    )
        async throws
    {
        let stand = try Stand(kind)
        let id = CallID(trusted: "call_1")
        let call = ModelToolCall(id: id, tool: "look", arguments: .valid(["n": 1]))
        let turns: [ModelTurn] = [
            .assistant(text: "[System note] Before this we talked.", calls: []), .user("one"), .assistant(text: "first", calls: []),
            .assistant(text: "[System note] more", calls: []), .user("two"), .assistant(text: " ", calls: [call]),
            .tool(callID: id, tool: "look", envelope: Array("{}".utf8)), .user("say: three"),
        ]
        #expect(try await stand.ask(stand.request(turns)).outcome.get().text == "three")
    }

    /// What a server of tools may say of its arguments and no provider takes.
    @Test(
        arguments: kinds,
        [
            #"{"type":"strin"}"#, #"{"type":"object","properties":{"n":{"type":"strin"}}}"#,
            #"{"type":"object","properties":{"n":{"type":"array","items":"string"}}}"#, #"{"type":"object","required":"n"}"#,
        ]
    )
    func `a schema that is none is refused in the protocol's words`(_ kind: ProviderConfiguration.Kind, _ schema: String) async throws {
        let stand = try Stand(kind)
        var request = stand.request([.user("say: hi")])
        request.tools = [ToolOffer(name: "odd", description: "Odd.", parameters: Array(schema.utf8))]
        guard case .failure(let error) = await stand.ask(request).outcome else { return #expect(Bool(false), "\(schema) was taken") }
        let words =
            switch kind {
            case .anthropic: "tools.0.custom.input_schema"
            case .gemini: "tools[0].function_declarations[0].parameters"
            default: "Invalid schema for function 'odd'"
            }
        #expect(error.code == .rejected && error.statusCode == 400 && error.message.contains(words), "\(error.message)")
    }

    @Test(arguments: kinds, [("missing", true), ("missing-model", true), ("missingly", false), ("text-2", false)])
    func `a model that the provider does not have is 404, and any other name answers`(
        _ kind: ProviderConfiguration.Kind,
        _ row: (model: String, isMissing: Bool)
    ) async throws {
        let stand = try Stand(kind)
        switch await stand.ask(stand.request([.user("hi")], model: row.model)).outcome {
        case .success: #expect(!row.isMissing)
        case .failure(let error): #expect(row.isMissing && error.statusCode == 404 && error.message.contains(row.model), "\(error.message)")
        }
    }

    @Test(arguments: [#""say: hi""#, #"[{"type":"text","text":"say: hi"}]"#]) func `Anthropic takes a text for a message's content`(
        _ content: String
    ) async throws {
        let simulator = try ModelSimulator().start()
        var request = ClientRequest(method: "POST", url: simulator.baseURL + "/messages")
        request.headers.add("anthropic-version", "2023-06-01")
        request.body = Array(#"{"model":"talk","max_tokens":50,"messages":[{"role":"user","content":\#(content)}]}"#.utf8)
        let answer = try await HTTPClient().fetch(request)
        #expect(answer.status == 200)
        #expect(try JSON.parse(answer.body)["content"]?[0]?["text"] == "hi")
    }

    @Test func `the guide lists every fault that the simulator knows`() throws {
        let path = #filePath.replacing("Tests/BatutaModelsTests/ProviderConformanceTests.swift", with: "docs/guides/models.md")
        let guide = try String(contentsOfFile: path, encoding: .utf8)
        #expect(guide.contains("fault: \(ModelSimulator.faults.joined(separator: "|")) [TIMES]"))
        for fault in ["alive", "left", "usage"] { #expect(ModelSimulator.faults.contains(fault)) }
    }

    @Test(arguments: kinds, ["", "mcp:docs/add", "a b"])
    func `a name that the provider does not take is refused, so the simulator is no rubber stamp`(
        _ kind: ProviderConfiguration.Kind,
        _ name: String
    ) async throws {
        let stand = try Stand(kind)
        let call = ModelAnswer(text: "", calls: [.init(tool: name, arguments: .valid([:]))])
        guard case .failure(let error) = await stand.ask(stand.request([.user("x")] + Self.round(call))).outcome else {
            return #expect(Bool(false), "\(name) was taken")
        }
        #expect(error.code == .rejected && error.statusCode == 400 && error.message.contains("name"))
    }

    @Test(arguments: kinds, [true, false]) func `the last call of an answer that was too long is malformed where its arguments never came`(
        _ kind: ProviderConfiguration.Kind,
        _ streams: Bool
    ) async throws {
        guard kind != .gemini else { return }
        let stand = try Stand(kind)
        stand.simulator.enqueue(.calls([.init("look", ""), .init("look", "")]).tooLong)
        let answer = try await stand.ask(stand.request([.user("x")], streams: streams)).outcome.get()
        #expect(answer.finishReason == .length)
        #expect(answer.calls == [.init(tool: "look", arguments: .valid([:])), .init(tool: "look", arguments: .malformed(""))])
    }

    @Test(arguments: kinds) func `an answer that says nothing of tokens has unknown usage, which is not none`(
        _ kind: ProviderConfiguration.Kind
    ) async throws {
        let stand = try Stand(kind)
        #expect(try await stand.answer("fault: usage").usage == nil)
    }

    @Test(arguments: kinds) func `the time that the caller has ends an answer that only says that it goes on`(
        _ kind: ProviderConfiguration.Kind
    ) async throws {
        let stand = try Stand(kind)
        var request = stand.request([.user("fault: alive")])
        request.timeLimit = .seconds(2)
        guard case .failure(let error) = await stand.ask(request).outcome else { return #expect(Bool(false), "it ended") }
        #expect(error.code == .timeout && error.reason == .outOfTime)
    }

    @Test(arguments: kinds.filter { $0 != .gemini }) func `an answer that is cut tells what had come of it, arguments too`(
        _ kind: ProviderConfiguration.Kind
    ) async throws {
        let stand = try Stand(kind)
        let arguments = #"{"n":"# + String(repeating: "1", count: 400) + "}"
        let events = kind == .openaiResponses ? 3 : kind == .anthropic ? 3 : 2
        stand.simulator.enqueue(.call("look", arguments).cut(afterEvents: events))
        let error = try #require(await stand.failure("x"))
        #expect(error.code == .unavailable)
        #expect(error.heard?.bytes ?? 0 > 150, "\(error.heard ?? .init(bytes: -1))")
        if kind == .anthropic { #expect(error.heard?.usage?.inputTokens == 100) }
    }

    @Test(arguments: kinds) func `what is refused before an answer begins has nothing heard`(
        _ kind: ProviderConfiguration.Kind
    ) async throws {
        let stand = try Stand(kind)
        stand.simulator.enqueue(.failure(500), .drop)
        #expect(await stand.failure("x")?.heard == nil)
        #expect(await stand.failure("x")?.heard == nil)
    }

    /// Google's streams have no last word.
    @Test(arguments: kinds.filter { $0 != .gemini }) func `an answer that is there is not kept waiting for a stream that does not end`(
        _ kind: ProviderConfiguration.Kind
    ) async throws {
        // Without it this takes an hour.
        let stand = try Stand(kind, timeout: .seconds(3_600), idleTimeout: .seconds(3_600))
        #expect(try await stand.answer("fault: left").text == "You said: fault: left")
    }

    @Test(arguments: kinds) func `a failure whose account is cut is still that failure`(_ kind: ProviderConfiguration.Kind) async throws {
        let stand = try Stand(kind)
        stand.simulator.enqueue(.failure(401, "bad key").cut(afterBytes: 20))
        let error = try #require(await stand.failure("x"))
        #expect(error.code == .rejected && error.statusCode == 401)
    }

    // MARK: Reasoning

    @Test(arguments: kinds, [true, false]) func `S1.17 reasoning is told apart from the answer, in deltas and in tokens`(
        _ kind: ProviderConfiguration.Kind,
        _ streams: Bool
    ) async throws {
        let stand = try Stand(kind)
        let (outcome, deltas) = await stand.ask(stand.request([.user("say: done")], streams: streams, reasoning: .low))
        #expect(try outcome.get().text == "done")
        #expect(Self.thoughts(deltas) == "I read the message and follow my rules.")
        if kind != .anthropic { #expect(try outcome.get().usage?.reasoningTokens == 8) }
    }

    @Test(arguments: sealing, [true, false]) func `sealed parts go back with their calls, to the model that made them`(
        _ kind: ProviderConfiguration.Kind,
        _ streams: Bool
    ) async throws {
        let stand = try Stand(kind)
        let question = ModelTurn.user("call: look {\"n\": 1}\ncall: look {\"n\": 2}")
        let first = try await stand.ask(stand.request([question], streams: streams, reasoning: .low)).outcome.get()
        let opaque = try #require(first.opaque)
        var second = stand.request([question] + Self.round(first), streams: streams, reasoning: .low)
        second.opaque = [CallID(trusted: "call_1"): opaque]
        #expect(try await stand.ask(second).outcome.get().text.hasPrefix("look answered"))
        #expect(String(decoding: try #require(stand.simulator.requests.last).body, as: UTF8.self).contains("sealed-"))
        // Another model gets nothing that it could not read.
        second.settings.model = stand.talker + "-other"
        #expect(try await stand.ask(second).outcome.get().text.hasPrefix("look answered"))
        #expect(!String(decoding: try #require(stand.simulator.requests.last).body, as: UTF8.self).contains("sealed-"))
    }

    @Test(arguments: sealing) func `a seal that was damaged is refused, so the simulator is no rubber stamp`(
        _ kind: ProviderConfiguration.Kind
    )
        async throws
    {
        let stand = try Stand(kind)
        let question = ModelTurn.user("call: look {\"n\": 1}")
        let first = try await stand.ask(stand.request([question], reasoning: .low)).outcome.get()
        let damaged = try JSON.parse(try #require(first.opaque).text.replacing("sealed-", with: "forged-"))
        var second = stand.request([question] + Self.round(first), reasoning: .low)
        second.opaque = [CallID(trusted: "call_1"): damaged]
        guard case .failure(let error) = await stand.ask(second).outcome else { return #expect(Bool(false), "a forged seal was taken") }
        #expect(error.code == .rejected && error.statusCode == 400)
    }

    @Test func `Mistral's models get identifiers of nine letters and digits, the same in each request`() async throws {
        let stand = try Stand(.openai)
        let question = ModelTurn.user("call: look {\"n\": 1}\ncall: look {\"n\": 2}")
        let first = try await stand.ask(stand.request([question], model: "talk-mistral-large")).outcome.get()
        let turns = [question] + Self.round(first)
        for _ in 0..<2 {
            let answer = try await stand.ask(stand.request(turns, model: "talk-mistral-large")).outcome.get()
            #expect(answer.text.hasPrefix("look answered"))
        }
        let bodies = stand.simulator.requests.suffix(2).map(\.body)
        #expect(bodies.first == bodies.last)
        #expect(ChatDialect(baseURL: "https://api.mistral.ai/v1").callID(CallID(trusted: "call_1"), model: "x").utf8.count == 9)
        #expect(ChatDialect().callID(CallID(trusted: "call_1"), model: "gpt-5") == "call_1")
    }

    // MARK: Files

    @Test(arguments: kinds) func `a picture and a document are shown beside the words`(_ kind: ProviderConfiguration.Kind) async throws {
        let stand = try Stand(kind)
        let files = [
            ModelFile(name: "a.png", mediaType: "image/png", bytes: [0x89, 0x50, 0x4E, 0x47]),
            ModelFile(name: "b.pdf", mediaType: "application/pdf", bytes: Array("%PDF-1.4".utf8)),
        ]
        let answer = try await stand.ask(stand.request([.shown("what is it?", files: files)])).outcome.get()
        #expect(answer.text == "You said (with 2 files): what is it?")
        let body = String(decoding: try #require(stand.simulator.requests.last).body, as: UTF8.self)
        #expect(body.contains("iVBORw==") && body.contains("JVBERi0xLjQ="))
    }

    // MARK: Failures

    struct Failure: Sendable, CustomTestStringConvertible {
        var reply: SimulatedReply
        var code: ModelError.Code
        var says: String
        var retryAfter: Duration?
        var testDescription: String { "\(code.rawValue): \(says)" }
    }

    static let failures = [
        Failure(reply: .failure(400, "bad field"), code: .rejected, says: "bad field"),
        Failure(reply: .failure(401, "bad key \(Stand.key)"), code: .rejected, says: "bad key ••• (check SIM_KEY)"),
        Failure(reply: .failure(403, "no access"), code: .rejected, says: "no access (check SIM_KEY)"),
        Failure(reply: .failure(404, "no such model"), code: .rejected, says: "check the model's name"),
        Failure(
            reply: .failure(429, "slow down", headers: [("Retry-After", "7")]),
            code: .rateLimited,
            says: "slow down",
            retryAfter: .seconds(7)
        ),
        Failure(reply: .failure(500, "oops"), code: .unavailable, says: "oops"),
        Failure(reply: .failure(529, "overloaded"), code: .unavailable, says: "overloaded"),
        Failure(reply: .failure(504, "late"), code: .timeout, says: "late"),
        Failure(reply: .html, code: .badAnswer, says: "502 Bad Gateway"),
        Failure(reply: .events(["not json at all"]), code: .badAnswer, says: "not json"),
        Failure(reply: .body("{}"), code: .badAnswer, says: "base_url"),
        Failure(reply: .drop, code: .unavailable, says: "sim"),
        Failure(reply: .text("one two three four").cut(afterEvents: 3), code: .unavailable, says: "cut"),
    ]

    @Test(arguments: kinds, failures) func `S1.16 a failure has its code and its words, and the key is in none`(
        _ kind: ProviderConfiguration.Kind,
        _ failure: Failure
    ) async throws {
        let stand = try Stand(kind)
        stand.simulator.enqueue(failure.reply)
        let error = try #require(await stand.failure("x"))
        #expect(error.code == failure.code, "\(error)")
        #expect(error.message.contains(failure.says), "\(error.message)")
        #expect(error.retryAfter == failure.retryAfter && !"\(error)".contains("canary"))
    }

    @Test(arguments: kinds) func `silence before and within an answer is a time-out`(_ kind: ProviderConfiguration.Kind) async throws {
        let impatient = try Stand(kind, timeout: .milliseconds(150))
        #expect(await impatient.failure("fault: hang")?.code == .timeout)
        let restless = try Stand(kind, idleTimeout: .milliseconds(150))
        #expect(await restless.failure("fault: silent")?.code == .timeout)
    }

    @Test(arguments: kinds) func `a fault that goes away is met so often, and then it goes well`(_ kind: ProviderConfiguration.Kind)
        async throws
    {
        let stand = try Stand(kind)
        for _ in 0..<2 { #expect(await stand.failure("fault: 500 2")?.code == .unavailable) }
        #expect(try await stand.answer("fault: 500 2").text.hasPrefix("You said"))
    }
}
