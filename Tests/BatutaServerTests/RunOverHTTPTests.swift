import BatutaCore
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct RunOverHTTPTests {
    static let look = ToolDefinition(name: "look", description: "Looks.", effect: .read)

    static func tooling() -> ScriptedModel { ScriptedModel([.call([("look", ["n": 1])], text: "Let me look. "), .say("I saw it all")]) }

    @Test func `S2.82 a message goes in and comes back as a stream that used a tool`() async throws {
        let bench = try await ServerBench(model: Self.tooling(), tools: [RecordingTool(Self.look)])
        let frames = try await bench.events("POST", "/v1/runs", ["content": "look around", "stream": true])
        #expect(frames.map(\.id) == (1...Int64(frames.count)).map { $0 })
        #expect(frames.last?.type == "complete")
        #expect(frames.last?.data["output"] == "I saw it all")
        #expect(
            Set(frames.map(\.type)).isSuperset(of: [
                "status", "message", "content", "tool_call", "tool_result", "usage", "step", "complete",
            ])
        )
        await bench.close()
    }

    @Test func `S3.26 a stream that is cut at any event and resumed by number is the identical sequence`() async throws {
        let bench = try await ServerBench(model: Self.tooling(), tools: [RecordingTool(Self.look)])
        let whole = try await bench.events("POST", "/v1/runs", ["content": "look around", "stream": true])
        let session = whole[0].json["session_id"]?.string ?? ""
        for cut in 0...whole.count {
            let head = try await bench.events("GET", "/v1/sessions/\(session)/events?after=0&until=idle", limit: cut)
            let tail = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle", headers: [("Last-Event-ID", "\(cut)")])
            #expect(head.prefix(cut) + tail == whole[...])
        }
        await bench.close()
    }

    @Test func `every frame has one id, one data line and nothing else`() async throws {
        let bench = try await ServerBench(model: ScriptedModel([.say("line one\nline two\r\n")]))
        let frames = try await bench.events("POST", "/v1/runs", ["content": "hi", "stream": true])
        for frame in frames { #expect(frame.lines.map { $0.prefix { $0 != ":" } } == ["id", "data"]) }
        await bench.close()
    }
}
