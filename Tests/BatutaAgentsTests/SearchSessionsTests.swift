import BatutaAgents
import BatutaCore
import BatutaMemory
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

/// `search_sessions`: what was said in one's other conversations.
@Suite(.timeLimit(.minutes(10))) struct SearchSessionsTests {
    static func search(_ query: String, _ bench: EngineBench, as owner: String = "usr_a", in session: SessionID, limit: Int? = nil) async
        -> [JSON]
    {
        let tool = SearchSessionsTool(messages: EarlierMessages(database: bench.database))
        var arguments: JSONObject = ["query": .string(query)]
        arguments["limit"] = limit.map { .int($0) }
        let call = ToolCall(
            id: CallID(trusted: "call_x"),
            tool: "search_sessions",
            arguments: .object(arguments),
            startedAt: bench.clock.now(),
            context: ToolContext(sessionID: session, runID: RunID(trusted: "run_x"), agent: "assistant", user: ["id": .string(owner)])
        )
        return await tool.attempt(call).result.data?["sessions"]?.array ?? []
    }

    static func say(_ text: String, _ bench: EngineBench, from owner: String = "usr_a") async throws -> SessionID {
        let (accepted, events) = try await bench.send(text, from: owner)
        await events.waitForEnd(of: accepted.runID)
        bench.clock.advance(by: .seconds(60))
        return accepted.sessionID
    }

    @Test(arguments: StoreEngine.all)
    func `what was said in another conversation of one's own is found by its words, with session, title, time and place`(
        _ kind: StoreEngine
    ) async throws {
        let model = ScriptedModel { request in
            guard case .user(let text)? = request.turns.last else { return .say("") }
            return .say("Sobre " + text + " eu diria que sim.")
        }
        let bench = try await EngineBench(on: kind, model: model)
        let winter = try await Self.say("Crie a campanha Inverno com orçamento de 900 reais", bench)
        let summer = try await Self.say("A campanha Verão fica para depois", bench)
        let others = try await Self.say("A campanha Inverno do concorrente", bench, from: "usr_b")
        let here = try await Self.say("campanha inverno orçamento, agora", bench)

        let found = await Self.search("ORCAMENTO do inverno", bench, in: here)
        #expect(found.first?["session_id"]?.string == winter.rawValue)
        #expect(found.first?["title"]?.string == "Crie a campanha Inverno com orçamento de 900 reais")
        #expect(found.first?["snippet"]?.string?.contains("orçamento de 900 reais") == true && found.first?["at"]?.string != nil)
        let all = await Self.search("campanhas", bench, in: here)
        #expect(Set(all.compactMap { $0["session_id"]?.string }) == [winter.rawValue, summer.rawValue], "neither another's nor this one")
        #expect(await Self.search("campanhas", bench, in: here, limit: 1).count == 1)
        #expect(await Self.search("campanha", bench, as: "usr_b", in: here).compactMap { $0["session_id"]?.string } == [others.rawValue])
        for nothing in ["xylophone", "de que", "%", "'; DROP TABLE messages; --"] {
            #expect(await Self.search(nothing, bench, in: here).isEmpty)
        }
        #expect(await Self.search("campanha", bench, as: "", in: here).isEmpty)
        await bench.stop()
    }

    @Test func `of a long message the part around the words is shown`() {
        let text =
            (0..<2_000).map { "word\($0)" }.joined(separator: " ") + " the needle here "
            + (0..<2_000).map { "tail\($0)" }.joined(separator: "\n")
        let snippet = SearchWords("needle").snippet(of: text, characters: 120)
        #expect(
            snippet.contains("needle") && snippet.count <= 122 && snippet.hasPrefix("…") && snippet.hasSuffix("…")
                && !snippet.contains("\n")
        )
        #expect(SearchWords("needle").snippet(of: "a needle", characters: 120) == "a needle")
        #expect(SearchWords("x").snippet(of: "", characters: 10).isEmpty)
    }
}
