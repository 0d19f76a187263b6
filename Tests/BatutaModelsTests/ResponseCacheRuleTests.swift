import BatutaCore
import BatutaModels
import Testing

/// Which questions are the same, and which answers may be given again.
@Suite struct ResponseCacheRuleTests {
    private static let scope = ResponseCacheKey.Scope(user: "usr_1", place: "openai http://a", effects: "look read")

    private static func request(_ change: (inout ModelRequest) -> Void = { _ in }) -> ModelRequest {
        var settings = ModelSettings(name: "default", provider: "openai", model: "gpt-5-mini", temperature: 0.2)
        settings.extra = ["top_p": 1]
        let tool = ToolOffer(name: "look", description: "Looks.", parameters: Array(#"{"type":"object"}"#.utf8))
        var request = ModelRequest(
            settings: settings,
            agent: "clerk",
            system: "You help.",
            turns: [.user("What is a fugue?")],
            tools: [tool]
        )
        change(&request)
        return request
    }

    private static func call(_ number: Int, _ arguments: JSON = ["n": 1]) -> [ModelTurn] {
        let id = CallID(trusted: "call_\(number)")
        return [
            .assistant(text: "", calls: [ModelToolCall(id: id, tool: "look", arguments: .valid(arguments))]),
            .tool(callID: id, tool: "look", envelope: Array("{}".utf8)),
        ]
    }

    private static let others: [(String, @Sendable (inout ModelRequest) -> Void)] = [
        ("provider", { $0.settings.provider = "groq" }), ("model", { $0.settings.model = "gpt-5" }),
        ("temperature", { $0.settings.temperature = 0.3 }), ("no temperature", { $0.settings.temperature = nil }),
        ("length", { $0.settings.maxOutputTokens = 100 }), ("reasoning", { $0.settings.reasoning = .low }),
        ("further fields", { $0.settings.extra = ["top_p": 0.5] }), ("agent", { $0.agent = "writer" }),
        ("language", { $0.language = "pt-BR" }), ("instructions", { $0.system = "You help a lot." }),
        ("tool", { $0.tools[0].name = "look2" }), ("tool's description", { $0.tools[0].description = "Looks on." }),
        ("tool's schema", { $0.tools[0].parameters = Array(#"{"type":"array"}"#.utf8) }), ("no tools", { $0.tools = [] }),
        ("question", { $0.turns = [.user("What is a fugue")] }),
        ("who said it", { $0.turns = [.assistant(text: "What is a fugue?", calls: [])] }),
        ("earlier turn", { $0.turns.insert(.user("Hello"), at: 0) }),
        ("file", { $0.turns = [.shown("What is a fugue?", files: [ModelFile(name: "a.png", mediaType: "image/png", bytes: [1])])] }),
        ("schema", { $0.output = (try? JSONSchema(["type": "object"])).map(OutputSchema.init) }),
        ("a call", { $0.turns += call(1) }), ("other arguments", { $0.turns += call(1, ["n": 2]) }),
        ("where a text ends", { ($0.agent, $0.language) = ("clerkp", "t") }),
    ]

    @Test func `everything that a model is told makes another question`() throws {
        let own = try #require(ResponseCacheKey(Self.request(), in: Self.scope))
        var keys: [ResponseCacheKey: String] = [own: "itself"]
        for (name, change) in Self.others {
            let key = try #require(ResponseCacheKey(Self.request(change), in: Self.scope))
            #expect(keys[key] == nil, "\(name) is taken for \(keys[key] ?? "")")
            keys[key] = name
        }
    }

    @Test func `S4.15 users do not share answers, and neither do servers, nor tools that do something else`() throws {
        let request = Self.request()
        let scopes = [
            ("usr_1", "a", "look read"), ("usr_2", "a", "look read"), ("usr_1", "b", "look read"), ("usr_1", "a", "look write"),
            ("usr_1a", "", "look read"),
        ]
        let keys = try scopes.map { user, place, effects in
            try #require(ResponseCacheKey(request, in: ResponseCacheKey.Scope(user: user, place: place, effects: effects)))
        }
        #expect(Set(keys).count == 5)
    }

    /// Whoever adds something that a model is told has to say here that it makes another question, and to change it in `others`.
    @Test func `nothing of a question is forgotten in its key`() {
        func parts(_ value: Any) -> Set<String> { Set(Mirror(reflecting: value).children.compactMap(\.label)) }
        let request = Self.request()
        let told: Set = ["settings", "agent", "system", "turns", "tools", "language", "output", "opaque"]
        // How it is asked and not what; a run whose rounds were folded has no key, and only answers have one.
        let untold: Set = ["streams", "purpose", "folded", "conversation", "timeLimit"]
        #expect(parts(request) == told.union(untold))
        let toldOfModel: Set = ["provider", "model", "temperature", "maxOutputTokens", "reasoning", "extra"]
        // What the project calls it, what it does when it fails, and what it is shown, which stands in the turns.
        #expect(parts(request.settings) == toldOfModel.union(["name", "fallback", "accepts", "breaker"]))
        #expect(parts(request.tools[0]) == ["name", "description", "parameters"])
        #expect(parts(ModelFile(name: "a", mediaType: "image/png", bytes: [])) == ["name", "mediaType", "bytes"])
        #expect(parts(Self.scope) == ["user", "place", "effects"])
    }

    @Test func `two answers agree as far as they share words, and not at all when they ask for other calls`() {
        func kept(_ text: String, _ calls: [ModelAnswer.ProposedCall] = []) -> CachedAnswer {
            let answer = ModelAnswer(text: text, calls: calls)
            return CachedAnswer(answer, text: text, madeAt: Timestamp(milliseconds: 0), in: SessionID(trusted: "ses_1"))
        }
        func agreement(_ kept: CachedAnswer, _ text: String, _ calls: [ModelAnswer.ProposedCall] = []) -> Double {
            kept.agreement(with: ModelAnswer(text: text, calls: calls), said: text)
        }
        #expect(agreement(kept("A piece for voices."), "a PIECE, for voices") == 1)
        #expect(agreement(kept("a b c"), "b c d") == 0.5)
        #expect(agreement(kept("yes"), "no") == 0)
        let look = ModelAnswer.ProposedCall(tool: "look", arguments: .valid([:]))
        #expect(agreement(kept("", [look]), "", [look]) == 1 && agreement(kept("", [look]), "") == 0)
    }

    @Test func `what differs from run to run without meaning is no difference`() throws {
        let own = try #require(ResponseCacheKey(Self.request { $0.turns += Self.call(1, ["a": 1, "b": 2]) }, in: Self.scope))
        let again = Self.request { request in
            request.turns += Self.call(2, ["b": 2, "a": 1])
            request.conversation = "ses_2"
            request.streams = false
            request.settings.name = "another"
        }
        #expect(ResponseCacheKey(again, in: Self.scope) == own)
    }

    @Test func `what a provider wants back is nobody else's`() {
        #expect(ResponseCacheKey(Self.request { $0.opaque = [CallID(trusted: "call_1"): "sealed"] }, in: Self.scope) == nil)
    }

    // MARK: Answers

    private static func allows(_ answer: ModelAnswer, _ question: String = "What is a fugue?") -> Bool {
        CachingRule.allows(answer, said: answer.text, to: request { $0.turns = [.user(question)] }) { $0 == "look" }
    }

    private static func asking(_ tool: String, _ arguments: ModelToolCall.Arguments = .valid([:])) -> ModelAnswer {
        ModelAnswer(text: "", calls: [ModelAnswer.ProposedCall(tool: tool, arguments: arguments)], finishReason: .toolCalls)
    }

    @Test func `whole answers are kept, and calls of tools that only read`() {
        #expect(Self.allows(ModelAnswer(text: "A piece for voices.")))
        #expect(Self.allows(Self.asking("look")))
    }

    private static let refused: [(String, ModelAnswer)] = [
        ("cut off", ModelAnswer(text: "A piece", finishReason: .length)),
        ("filtered", ModelAnswer(text: "A piece", finishReason: .contentFilter)), ("empty", ModelAnswer(text: "")),
        ("a call that writes", asking("send")), ("no JSON", asking("look", .malformed("{"))),
        ("sealed thoughts", ModelAnswer(text: "A piece", opaque: "sealed")),
        ("too long", ModelAnswer(text: String(repeating: "x", count: 65 * 1_024))),
    ]

    @Test(arguments: refused.indices) func `an answer that is only its run's is not kept`(_ index: Int) {
        #expect(!Self.allows(Self.refused[index].1), "\(Self.refused[index].0)")
    }

    @Test(arguments: [
        "What happened today?", "O que aconteceu hoje?", "Reunião de amanhã?", "What is the CURRENT rate?", "gastos desta semana",
        "sales this month", "Os últimos pedidos", "Next train to Paris", "e na sexta-feira?",
    ])
    func `what means another thing tomorrow is not kept`(_ question: String) {
        #expect(!Self.allows(ModelAnswer(text: "Much."), question))
        #expect(Self.allows(ModelAnswer(text: "Today we know much."), "What is a fugue?"), "words of the answer do not count")
    }

    @Test(arguments: ["This is a test", "O dia tem quantas horas?", "Knowledge of snow", "Qual o passo seguinte?"])
    func `words that only look like it do not count`(_ question: String) { #expect(Self.allows(ModelAnswer(text: "Much."), question)) }
}
