import BatutaCore
import BatutaHTTP
import BatutaServer
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct OlderChatTests {
    private static let note = ToolDefinition(
        name: "note",
        description: "Notes.",
        parameters: ["type": "object", "properties": ["text": ["type": "string"]]],
        effect: .read
    )

    private func bench() async throws -> ServerBench {
        let model = ScriptedModel([.call([("note", ["text": "x"])]), .say("Olá, mundo"), .say("Again")])
        return try await ServerBench(model: model, tools: [RecordingTool(Self.note)])
    }

    private func lines(_ bench: ServerBench, _ body: JSON, language: String = "en") async throws -> (type: String?, objects: [JSON]) {
        let request = bench.request("POST", "/api/agent/chat/stream", body.bytes, headers: [("Accept-Language", language)])
        let response = try await bench.client.fetch(request)
        let lines = response.body.split(separator: UInt8(ascii: "\n"))
        return (response.headers["Content-Type"], try lines.map { try JSON.parse($0) })
    }

    @Test(arguments: [
        ("en", ["Processing your request…", "assistant is working…", "Running: note…", "Done!"]),
        ("pt-BR", ["Processando seu pedido…", "assistant está trabalhando…", "Executando: note…", "Pronto!"]),
    ])
    func `S2.7 S2.82 S2.83 S2.84 S2.85 S2.86 S2.88 S2.89 S2.90 S2.91 each type comes flat, in the reader's language`(
        _ language: String,
        _ texts: [String]
    ) async throws {
        let bench = try await bench()
        let (type, objects) = try await lines(bench, ["message": "hi", "unknown": 1], language: language)
        #expect(type == "application/x-ndjson")
        let types = objects.compactMap { $0["type"]?.string }
        #expect(types.filter { $0 != "content" } == ["status", "agent_switch", "tool_call", "complete"])
        #expect(objects.filter { $0["type"] != "content" }.compactMap { $0["content"]?.string } == texts)
        #expect(objects.filter { $0["type"] == "content" }.compactMap { $0["content"]?.string }.joined() == "Olá, mundo")
        #expect(objects.first { $0["type"] == "agent_switch" }?["agent"] == "assistant")
        let call = objects.first { $0["type"] == "tool_call" }
        #expect(call?["tool"] == "note" && call?["params"] == ["text": "x"])
        let sessions = Set(objects.compactMap { $0["session_id"]?.string })
        #expect(sessions.count == 1)
        await bench.close()
    }

    @Test func `S2.21 S2.95 a session goes on, and Accept chooses server-sent events`() async throws {
        let bench = try await bench()
        let session = try await lines(bench, ["message": "hi"]).objects.first?["session_id"] ?? .null
        let frames = try await bench.events(
            "POST",
            "/api/agent/chat/stream",
            ["message": "more", "session_id": session],
            headers: [("Accept", "text/event-stream")]
        )
        #expect(frames.first?.json["type"] == "status" && frames.last?.json["type"] == "complete")
        #expect(frames.allSatisfy { $0.json["session_id"] == session })
        let name = session.string ?? ""
        #expect(try await bench.send("GET", "/v1/sessions/\(name)/messages").json["data"]?.array?.count == 4)
        await bench.close()
    }

    @Test func `S2.87 an error ends the stream in words`() async throws {
        let failure = ModelError(.rejected, "The key is wrong.")
        let bench = try await ServerBench(model: ScriptedModel([.fail(failure)]))
        let last = try await lines(bench, ["message": "hi"]).objects.last
        let words = last?["content"]?.string ?? ""
        #expect(
            last?["type"] == "error" && words.hasPrefix("Error: the model's provider refused") && words.hasSuffix("(The key is wrong.)")
        )
        await bench.close()
    }

    @Test(arguments: [#"{}"#, #"{"message":" "}"#, #"{"message":7}"#, "x", ""])
    func `what is no message is refused before the stream begins`(_ body: String) async throws {
        let bench = try await bench()
        let answer = try await bench.send(bench.request("POST", "/api/agent/chat/stream", Array(body.utf8)))
        #expect(answer.status == 400 && answer.isProblem)
        let foreign = try await bench.send("POST", "/api/agent/chat/stream", ["message": "x", "session_id": "ses_x"])
        #expect(foreign.status == 404)
        #expect(try await bench.send("POST", "/api/agent/chat/stream", ["message": "x"], key: "bat_no").status == 401)
        await bench.close()
    }
}
