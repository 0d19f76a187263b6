import BatutaCore
import BatutaHTTP
import BatutaServer
import BatutaTesting
import Testing

/// Every way of asking for a run is one into a session: it makes one and names it, or goes on with the one that it names.
@Suite(.timeLimit(.minutes(5))) struct EverySessionTests {
    enum Way: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case waiting, accepted, streamed, olderChat, olderEvents

        var testDescription: String { rawValue }

        /// Sends a message this way; the session that the answer names.
        func send(_ text: String, in session: String?, to bench: ServerBench) async throws -> [String] {
            let word = self == .olderChat || self == .olderEvents ? "message" : "content"
            var fields: JSONObject = [:]
            fields[word] = .string(text)
            fields["session_id"] = session.map { .string($0) }
            let body = JSON.object(fields)
            switch self {
            case .waiting: return [try await bench.send("POST", "/v1/runs", body).json["session_id"]?.string ?? ""]
            case .accepted:
                let answer = try await bench.send("POST", "/v1/runs?wait=0", body).json
                let name = answer["session_id"]?.string ?? ""
                _ = try await bench.events("GET", "/v1/sessions/\(name)/events?after=\(answer["after"]?.int ?? 0)&until=idle")
                return [name]
            case .streamed:
                fields["stream"] = true
                let frames = try await bench.events("POST", "/v1/runs", .object(fields))
                return frames.map { $0.json["session_id"]?.string ?? "" }
            case .olderChat:
                let answer = try await bench.client.fetch(bench.request("POST", "/api/agent/chat/stream", body.bytes))
                let lines = answer.body.split(separator: UInt8(ascii: "\n"))
                return try lines.map { try JSON.parse($0)["session_id"]?.string ?? "" }
            case .olderEvents:
                let frames = try await bench.events("POST", "/api/agent/chat/stream", body, headers: [("Accept", "text/event-stream")])
                return frames.map { $0.json["session_id"]?.string ?? "" }
            }
        }
    }

    @Test(arguments: Way.allCases)
    func `S2.21 S2.22 S2.23 without a session one is made and named, and with it the conversation goes on`(_ way: Way) async throws {
        let model = ScriptedModel([.say("Created."), .say("Paused.")])
        let bench = try await ServerBench(model: model)
        let first = Set(try await way.send("Create campaign X", in: nil, to: bench))
        let session = try #require(first.first)
        #expect(first.count == 1 && session.hasPrefix("ses_"))
        #expect(Set(try await way.send("Pause it", in: session, to: bench)) == [session])
        #expect(model.requests.last?.turns == [.user("Create campaign X"), .assistant(text: "Created.", calls: []), .user("Pause it")])
        #expect(try await bench.send("GET", "/v1/sessions/\(session)/messages").json["data"]?.array?.count == 4)
        await bench.close()
    }

    @Test(arguments: Way.allCases) func `S2.22 another's session, or none at all, is not found, whichever way`(_ way: Way) async throws {
        let bench = try await ServerBench(model: ScriptedModel([.say("never")]))
        let session = try await bench.session(key: bench.key(.member))
        let member = try await bench.key(.member)
        for name in [session, "ses_00000000000000000000000000"] {
            let path = way == .olderChat || way == .olderEvents ? "/api/agent/chat/stream" : "/v1/runs"
            let word = path == "/v1/runs" ? "content" : "message"
            let body = JSON.object(JSONObject([(word, "hi"), ("session_id", .string(name))]))
            #expect(try await bench.send("POST", path, body, key: member).status == 404, "\(name)")
        }
        await bench.close()
    }
}
