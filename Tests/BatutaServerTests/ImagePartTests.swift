import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaTesting
import Testing

/// Pictures and files on their way from a message to the model.
@Suite(.timeLimit(.minutes(5))) struct ImagePartTests {
    private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    private func bench(_ model: ScriptedModel, sees kinds: Set<ModelFile.Kind>) async throws -> ServerBench {
        try await ServerBench(model: model, project: { $0.agents["assistant"]?.accepts = kinds })
    }

    private func part(_ type: String, _ mediaType: String, _ bytes: [UInt8], name: String? = nil) -> JSON {
        var part: JSONObject = ["type": .string(type), "media_type": .string(mediaType), "data": .string(Base64Text.encode(bytes))]
        part["name"] = name.map(JSON.string)
        return .object(part)
    }

    @Test func `a picture in a message is shown to the model, and again in the next question`() async throws {
        let model = ScriptedModel([.say("a cat"), .say("still a cat")])
        let bench = try await bench(model, sees: [.image])
        let content: JSON = [["type": "text", "text": "what is it?"], part("image", "image/png", Self.png)]
        let sent = try await bench.send("POST", "/v1/runs", ["content": content])
        #expect(sent.status == 200)
        let session = try #require(sent.json["session_id"]?.string)
        #expect(try await bench.send("POST", "/v1/runs", ["content": "sure?", "session_id": .string(session)]).status == 200)
        for request in model.requests {
            guard case .shown(let text, let files) = request.turns.first else { return #expect(Bool(false), "nothing was shown") }
            #expect(text.hasPrefix("what is it?\n\nAttached file: image.png (image/png, 8 bytes, fil_"))
            #expect(files.map(\.bytes) == [Self.png] && files.map(\.mediaType) == ["image/png"])
        }
        let listed = try await bench.send("GET", "/v1/sessions/\(session)/files").json["data"]
        #expect(listed?.array?.count == 1 && listed?[0]?["name"] == "image.png")
        await bench.close()
    }

    @Test func `a model that sees no pictures is told of files, and an image for it is refused with what to do`() async throws {
        let model = ScriptedModel([.say("ok")])
        let bench = try await bench(model, sees: [.document])
        let image = try await bench.send("POST", "/v1/runs", ["content": [part("image", "image/png", Self.png)]])
        #expect(image.status == 400 && image.code == "unsupported_media")
        #expect(image.json["detail"]?.string?.contains("accepts: [image]") == true)
        let file = try await bench.send("POST", "/v1/runs", ["content": [part("file", "image/png", Self.png, name: "scan.png")]])
        #expect(file.status == 200)
        guard case .user(let text) = model.requests.first?.turns.first else { return #expect(Bool(false), "no message") }
        #expect(
            text.hasPrefix("Attached file: scan.png (image/png, 8 bytes, fil_") && text.hasSuffix("not shown: this model takes no images)")
        )
        await bench.close()
    }

    @Test func `files that have no room are told of, with why`() async throws {
        let model = ScriptedModel([.say("ok")])
        let bench = try await bench(model, sees: [.image, .document])
        let session = try await bench.session()
        var names: [JSON] = []
        for (name, size) in [("big.png", 4_000_000), ("a.pdf", 7_000_000), ("b.pdf", 7_000_000)] {
            var request = bench.request("POST", "/v1/sessions/\(session)/files?name=\(name)", nil)
            request.body = [UInt8](repeating: 1, count: size)
            names.append(.string(try await bench.send(request).id))
        }
        let body: JSON = ["content": "look", "attachments": .array(names), "session_id": .string(session)]
        #expect(try await bench.send("POST", "/v1/runs", body).status == 200)
        guard case .shown(let text, let files) = model.requests.first?.turns.first else { return #expect(Bool(false), "nothing was shown") }
        #expect(files.map(\.name) == ["a.pdf"])
        #expect(text.contains("not shown: larger than 3932160 bytes") && text.contains("not shown: there is no room for more files"))
        await bench.close()
    }

    @Test(
        arguments: [
            ([["type": "image", "media_type": "image/png", "data": "???"]], "base64"),
            ([["type": "image", "media_type": "image/tiff", "data": "AAAA"]], "png, jpeg, gif and webp"),
            ([["type": "image"]], "file_id"), ([["type": "image", "file_id": "fil_1", "data": "AAAA"]], "file_id"),
            ([["type": "film", "file_id": "fil_1"]], "text, image and file"), ([["type": "text"]], "text"),
            ([["type": "file", "file_id": "fil_unknown"]], "fil_unknown"),
        ] as [(JSON, String)]
    )
    func `a part that is none is refused in words`(_ content: JSON, _ words: String) async throws {
        let bench = try await bench(ScriptedModel([]), sees: [.image])
        let answer = try await bench.send("POST", "/v1/runs", ["content": content])
        #expect(answer.status == 400 && answer.json.text.contains(words), "\(answer.json.text)")
        await bench.close()
    }
}
