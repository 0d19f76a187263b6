import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaStorage
import BatutaTesting
import Testing

/// What every message has to fit, whichever door it comes through.
@Suite(.timeLimit(.minutes(5))) struct MessageDoorTests {
    /// The ways for a message to come in.
    enum Door: String, CaseIterable, CustomTestStringConvertible {
        case newRun, runInSession, session, edit, sessionSocket, pageSocket, pageSocketInSession

        var testDescription: String { rawValue }
    }

    /// What a door answered: `accepted`, or the code of the refusal with the fields that it names.
    struct Verdict: Equatable {
        var code: String
        var fields: [String] = []
        var words = ""

        static func == (left: Verdict, right: Verdict) -> Bool { left.code == right.code && left.fields == right.fields }

        init(_ code: String, _ fields: [String] = []) { (self.code, self.fields) = (code, fields) }

        init(_ response: ServerBench.Answer) {
            self.init(response.json)
            if response.status < 300 { code = "accepted" } else if response.status != 400 { code = "\(response.status)" }
        }

        init(_ json: JSON) {
            code = json["type"] == "ack" ? "accepted" : json["code"]?.string ?? ""
            fields = json["errors"]?.array?.compactMap { $0["field"]?.string } ?? []
            words = json["detail"]?.string ?? json["message"]?.string ?? ""
        }
    }

    private func bench() async throws -> ServerBench {
        let declared = VariableDeclaration(name: "goal", type: "number", default: 1.5)
        return try await ServerBench(
            model: ScriptedModel { _ in .say("ok") },
            project: { $0.agents["assistant"]?.definition.variables = [declared] }
        )
    }

    private func knock(_ door: Door, _ fields: JSONObject, _ bench: ServerBench) async throws -> Verdict {
        var body = fields
        let session = try await bench.session()
        switch door {
        case .newRun: return Verdict(try await bench.send("POST", "/v1/runs?wait=0", .object(body)))
        case .runInSession:
            body["session_id"] = .string(session)
            return Verdict(try await bench.send("POST", "/v1/runs?wait=0", .object(body)))
        case .session: return Verdict(try await bench.send("POST", "/v1/sessions/\(session)/messages", .object(body)))
        case .edit:
            let first = try await bench.send("POST", "/v1/runs", ["content": "hi", "session_id": .string(session)])
            #expect(first.status == 200)
            let listed = try await bench.send("GET", "/v1/sessions/\(session)/messages").json["data"]
            let message = try #require(listed?[0]?["message_id"]?.string)
            return Verdict(try await bench.send("PATCH", "/v1/sessions/\(session)/messages/\(message)", .object(body)))
        case .sessionSocket: return await say(body, bench, "/v1/sessions/\(session)/ws")
        case .pageSocket: return await say(body, bench, "/v1/ws")
        case .pageSocketInSession:
            body["session_id"] = .string(session)
            return await say(body, bench, "/v1/ws")
        }
    }

    private func say(_ fields: JSONObject, _ bench: ServerBench, _ path: String) async -> Verdict {
        var frame = fields
        frame["type"] = "message"
        let socket = await WebSocketPeer.open(bench, path)
        socket.send(.object(frame))
        return Verdict(await socket.answer())
    }

    @Test(arguments: Door.allCases) func `S2.111 values of variables fit what is declared, or the field is named`(_ door: Door) async throws
    {
        let bench = try await bench()
        for (value, fields) in [
            (["goal": "abc"], ["variables.goal"]), (["goal": nil], ["variables.goal"]), (["goal": [1]], ["variables.goal"]),
            (["gaol": 2], ["variables.gaol"]), (["goal": true, "bogus": 1], ["variables.goal", "variables.bogus"]),
        ] as [(JSON, [String])] {
            let answer = try await knock(door, ["content": "hi", "variables": value], bench)
            #expect(answer == Verdict("invalid_request", fields), "\(door): \(value.text) gave \(answer)")
            #expect(answer.words.contains(fields[0].split(separator: ".")[1]), "\(answer.words)")
        }
        #expect(try await knock(door, ["content": "hi", "variables": ["goal": 2, "language": "pt-BR"]], bench) == Verdict("accepted"))
        await bench.close()
    }

    @Test(arguments: Door.allCases) func `an image for a model that sees none is refused, and leaves no file`(_ door: Door) async throws {
        let bench = try await bench()
        let image: JSON = ["type": "image", "media_type": "image/png", "data": "iVBORw0KGgo="]
        let answer = try await knock(door, ["content": [image]], bench)
        // An edited message keeps its files and takes no others.
        #expect(answer == Verdict(door == .edit ? "invalid_request" : "unsupported_media", ["content"]))
        let files = try await bench.engine.database.read { try $0.first("SELECT COUNT(*) FROM files") { $0.int(0) } ?? -1 }
        #expect(files == 0)
        await bench.close()
    }

    @Test func `a session's values fit what any agent declares`() async throws {
        let bench = try await bench()
        let refused = try await bench.send("POST", "/v1/sessions", ["variables": ["goal": "abc"]])
        #expect(Verdict(refused) == Verdict("invalid_request", ["variables.goal"]))
        #expect(try await bench.send("POST", "/v1/sessions", ["variables": ["goal": 3]]).status == 201)
        await bench.close()
    }
}
