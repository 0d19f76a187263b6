import BatutaCore
import Synchronization
import Testing

@testable import BatutaModels

@Suite struct RehearsalTests {
    private static let id = CallID(trusted: "call_1")

    private static func scripts() throws -> [RehearsalScript] {
        [
            RehearsalScript(agent: "reporter", steps: [.say("I am the reporter.")]),
            RehearsalScript(
                when: try Pattern("(?i)pause (?:a )?campanha (?<name>.+)"),
                steps: [
                    .calls([.init(tool: "list_campaigns", arguments: ["status": "ACTIVE"])]),
                    .calls([
                        .init(
                            tool: "pause_campaign",
                            arguments: [
                                "campaign_id": "${results[0].data.campaigns.filter(c, c.name == match.name)[0].id}",
                                "why": ["asked: ${input}"],
                            ]
                        )
                    ]),
                    .say("Done: ${results[1].success ? 'paused' : results[1].error}."),
                ]
            ),
            RehearsalScript(
                when: try Pattern("both"),
                steps: [.calls([.init(tool: "a"), .init(tool: "mcp:docs/add", arguments: ["n": 1])]), .say("ok")]
            ),
            RehearsalScript(when: try Pattern("broken"), steps: [.say("fine"), .say("${results[7].data}")]),
            RehearsalScript(when: try Pattern("cost"), steps: [.say("R$$ 10, ${nothing.such}")]),
        ]
    }

    @Test func `a summary needs no script: it is the lines themselves, the first and the last of many`() async throws {
        let provider = RehearsalProvider(scripts: try Self.scripts())
        func digest(_ turns: [ModelTurn], after previous: String?) async throws -> String {
            var asked = request([.user(SummaryTranscript(after: previous, turns, room: 100_000).text)])
            asked.purpose = .summary
            return try await provider.answer(asked) { _ in }.text
        }
        let first = try await digest([.user("My name is Ana."), .assistant(text: "Hello.", calls: [])], after: nil)
        #expect(first == "User: My name is Ana.\nAssistant: Hello.")
        var notes = first
        for number in 1...60 { notes = try await digest([.user("message \(number) " + String(repeating: "x", count: 300))], after: notes) }
        #expect(notes.hasPrefix(first) && notes.contains("User: message 60 ") && notes.utf8.count < 2_100)
        #expect(try await digest([.user("same")], after: first) == (try await digest([.user("same")], after: first)))
    }

    private func request(_ turns: [ModelTurn], agent: String = "manager", streams: Bool = true) -> ModelRequest {
        ModelRequest(
            settings: ModelSettings(name: "d", provider: "rehearsal", model: "m"),
            agent: agent,
            system: "You are",
            turns: turns,
            tools: [
                ToolOffer(name: "docs__add", description: "", parameters: Array("{}".utf8)),
                ToolOffer(name: "list_campaigns", description: "", parameters: Array("{}".utf8)),
            ],
            streams: streams
        )
    }

    private func tool(_ envelope: String) -> ModelTurn { .tool(callID: Self.id, tool: "t", envelope: Array(envelope.utf8)) }

    private let asked = ModelTurn.assistant(text: "", calls: [])

    private let campaigns =
        #"{"success":true,"data":{"campaigns":[{"id":"1","name":"Verão"},{"id":"120000000000000000001","name":"Inverno 2026"}]}}"#

    @Test func `a script calls, sees results and speaks, step by step`() async throws {
        let provider = RehearsalProvider(scripts: try Self.scripts())
        var turns: [ModelTurn] = [.user("oi"), .assistant(text: "olá", calls: []), .user("Pause a campanha Inverno 2026")]
        let first = try await provider.answer(request(turns)) { _ in }
        #expect(first.calls == [.init(tool: "list_campaigns", arguments: .valid(["status": "ACTIVE"]))])
        #expect(first.finishReason == .toolCalls && first.text.isEmpty)
        turns += [asked, tool(campaigns)]
        let second = try await provider.answer(request(turns)) { _ in }
        #expect(
            second.calls == [
                .init(
                    tool: "pause_campaign",
                    arguments: .valid(["campaign_id": "120000000000000000001", "why": ["asked: Pause a campanha Inverno 2026"]])
                )
            ]
        )
        turns += [asked, tool(#"{"success":false,"error":"not allowed"}"#)]
        let third = try await provider.answer(request(turns)) { _ in }
        #expect(third.text == "Done: not allowed." && third.finishReason == .stop)
    }

    @Test func `a list of calls is one answer, and tools of MCP servers get their name on the wire`() async throws {
        let answer = try await RehearsalProvider(scripts: try Self.scripts()).answer(request([.user("both")])) { _ in }
        #expect(answer.calls.map(\.tool) == ["a", "docs__add"])
    }

    @Test func `words stream one by one and put together are the answer`() async throws {
        let provider = RehearsalProvider(scripts: [RehearsalScript(steps: [.say(" Olá,  mundo!\nTudo\tbem? 👋🏽 ")])])
        let pieces = Mutex<[String]>([])
        let answer = try await provider.answer(request([.user("x")])) { delta in
            if case .content(let text) = delta { pieces.withLock { $0.append(text) } }
        }
        #expect(pieces.withLock { $0 } == [" ", "Olá,  ", "mundo!\n", "Tudo\t", "bem? ", "👋🏽 "])
        #expect(answer.text == " Olá,  mundo!\nTudo\tbem? 👋🏽 ")
        let silent = Mutex(0)
        let whole = try await provider.answer(request([.user("x")], streams: false)) { _ in silent.withLock { $0 += 1 } }
        #expect(whole.text == answer.text && silent.withLock { $0 } == 0)
        #expect(whole.usage == answer.usage && answer.usage?.outputTokens ?? 0 > 0)
    }

    @Test func `an agent's own scripts are for that agent only`() async throws {
        let provider = RehearsalProvider(scripts: try Self.scripts())
        #expect(try await provider.answer(request([.user("both")], agent: "reporter")) { _ in }.text == "I am the reporter.")
    }

    @Test(arguments: [
        ("en", "This is a rehearsal", "Try: “pause a campanha …” or “both” or “broken”."),
        ("pt-BR", "Isto é um ensaio", "Experimente: “pause a campanha …” ou “both” ou “broken”."),
    ])
    func `what no script answers gets three things to try`(_ language: String, _ opening: String, _ suggestions: String) async throws {
        let provider = RehearsalProvider(scripts: try Self.scripts(), language: language)
        let text = try await provider.answer(request([.user("something else")])) { _ in }.text
        #expect(text.hasPrefix(opening) && text.hasSuffix(suggestions), "\(text)")
    }

    @Test func `what has nothing for a message suggests what the scripts do know, an answer does not`() async throws {
        let own = RehearsalScript(steps: [.say("No model.")], suggestions: ["cost of all", "both of them"])
        let known = try Self.scripts() + [own]
        let rest = try await RehearsalProvider(scripts: known).answer(request([.user("something else")])) { _ in }
        #expect(rest.text == "No model." && rest.suggestions == ["cost of all", "both of them"])
        let made = try await RehearsalProvider(scripts: Self.scripts()).answer(request([.user("something else")])) { _ in }
        #expect(made.suggestions == ["pause a campanha …", "both", "broken"])
        for text in made.suggestions + rest.suggestions {
            #expect(try Self.scripts().contains { $0.when?.firstMatch(in: text) != nil }, "\(text)")
        }
        let fitting = try await RehearsalProvider(scripts: known).answer(request([.user("cost"), asked])) { _ in }
        #expect(fitting.suggestions.isEmpty)
        #expect(RehearsalProvider(scripts: known).suggestions(for: "reporter") == ["cost of all", "both of them"])
    }

    @Test func `given suggestions win over those of the patterns`() async throws {
        let provider = RehearsalProvider(scripts: try Self.scripts(), suggestions: ["A", "B", "C", "D"])
        #expect(provider.suggestions() == ["A", "B", "C"])
        #expect(try await provider.answer(request([.user("else")])) { _ in }.text.hasSuffix("“A” or “B” or “C”."))
    }

    @Test(arguments: [("en", "your message “hi there” arrived"), ("pt-BR", "a sua mensagem “hi there” chegou")])
    func `a project without scripts rehearses with a text of its own`(_ language: String, _ words: String) async throws {
        let text = try await RehearsalProvider(language: language).answer(request([.user("hi\n there")])) { _ in }.text
        #expect(text.contains(words), "\(text)")
    }

    @Test func `a script that has ended says so instead of beginning again`() async throws {
        let scripts = [RehearsalScript(steps: [.calls([.init(tool: "a")])])]
        let turns: [ModelTurn] = [.user("x"), asked, tool("{}")]
        #expect(try await RehearsalProvider(scripts: scripts).answer(request(turns)) { _ in }.text.contains("ends here"))
    }

    @Test func `words for a result that is not there give way to what the tool said`() async throws {
        let scripts = [RehearsalScript(steps: [.calls([.init(tool: "a")]), .say("It is ${results[0].data.time}.")])]
        let turns: [ModelTurn] = [.user("x"), asked, tool(#"{"success":false,"error":"There is no tool `a`."}"#)]
        let answer = try await RehearsalProvider(scripts: scripts).answer(request(turns)) { _ in }
        #expect(answer.text == "A tool that this rehearsal calls failed: There is no tool `a`.")
    }

    @Test(arguments: [("broken", 1, "“broken”", "step 2"), ("cost", 0, "“cost”", "step 1")])
    func `an expression that fails names script and step`(_ message: String, _ done: Int, _ script: String, _ step: String) async throws {
        let provider = RehearsalProvider(scripts: try Self.scripts())
        let turns: [ModelTurn] = [.user(message)] + Array(repeating: asked, count: done)
        let error = await #expect(throws: ModelError.self) { try await provider.answer(request(turns)) { _ in } }
        #expect(error?.code == .script)
        #expect(error?.message.contains(script) == true && error?.message.contains(step) == true, "\(String(describing: error))")
    }

    @Test func `the same conversation gives the same answer`() async throws {
        let provider = RehearsalProvider(scripts: try Self.scripts())
        let turns: [ModelTurn] = [.user("Pause campanha Inverno 2026"), asked, tool(campaigns)]
        let answers = try await [provider.answer(request(turns)) { _ in }, provider.answer(request(turns)) { _ in }]
        #expect(answers[0].calls == answers[1].calls && answers[0].usage == answers[1].usage)
    }

    @Test func `a cancelled call stops at the next word`() async throws {
        let provider = RehearsalProvider(scripts: [RehearsalScript(steps: [.say("one two three")])], pause: .seconds(3_600))
        let request = request([.user("x")])
        let (signal, said) = AsyncStream<Void>.makeStream()
        let call = Task { try await provider.answer(request) { _ in said.yield() } }
        for await _ in signal { break }
        call.cancel()
        guard case .failure(let error as ModelError) = await call.result else {
            Issue.record("the call went on")
            return
        }
        #expect(error.code == .cancelled)
    }
}
