import BatutaCore
import BatutaHTTP
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Foundation
import Testing

/// §9.21: a session that is deleted is gone, from the files of the store too.
@Suite(.timeLimit(.minutes(5))) struct DeletionTests {
    /// What a person said and what came of it; not found anywhere else.
    private static let secret = "QuetzalMarmaladeOfNineLanterns"

    private func fill(_ bench: ServerBench, _ word: String, key: String) async throws -> String {
        let headers = [("Idempotency-Key", key)]
        let session = try await bench.send(
            "POST",
            "/v1/sessions",
            ["title": .string(word + " title"), "metadata": ["note": .string(word + " metadata")]],
            headers: headers
        ).id
        for number in 0..<3 {
            let sent = try await bench.send(
                "POST",
                "/v1/sessions/\(session)/messages",
                ["content": .string("\(word) \(number) " + String(repeating: "\(word) ", count: 50 * number))]
            )
            #expect(sent.status == 202)
            _ = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle")
        }
        _ = try await bench.send(
            "PATCH",
            "/v1/sessions/\(session)",
            ["title": .string(word + " again")],
            headers: [("Idempotency-Key", key + "2")]
        )
        var upload = bench.request("POST", "/v1/sessions/\(session)/files?name=\(word).txt", nil)
        upload.body = Array("\(word) in a file".utf8)
        upload.headers.add("Content-Type", "text/plain")
        #expect(try await bench.send(upload).status == 201)
        return session
    }

    /// Answers with a call whose arguments and result hold what was said, then with words of it.
    private static func model() -> ScriptedModel {
        ScriptedModel { request in
            guard case .user(let said) = request.turns.last else { return .say("I heard: \(secretOf(request))") }
            return .call([("note", ["text": .string(said)])])
        }
    }

    private static func secretOf(_ request: ModelRequest) -> String { "\(request.turns)".contains(secret) ? secret : "nothing" }

    private func bytes(of bench: ServerBench) throws -> Data {
        let files = ["batuta.db", "batuta.db-wal"].map { URL(fileURLWithPath: bench.engine.folder.path + "/" + $0) }
        return try files.reduce(into: Data()) { all, file in all += try Data(contentsOf: file) }
    }

    @Test(.enabled(if: ServerBench.store == .sqlite, "PostgreSQL looks after its own files"))
    func `after the sweep nothing of it is left in the files of the store`() async throws {
        let tool = RecordingTool(ToolDefinition(name: "note", description: "Notes.", effect: .read)) { call in
            ToolAttempt(.success(["noted": call.arguments]))
        }
        let bench = try await ServerBench(model: Self.model(), tools: [tool])
        for number in 0..<4 { _ = try await fill(bench, "Other", key: "before-\(number)") }
        let session = try await fill(bench, Self.secret, key: "gone")
        let kept = try await fill(bench, "Kept", key: "after")
        let cursor = try await bench.engine.log.tail.end()
        #expect(try bytes(of: bench).range(of: Data(Self.secret.utf8)) != nil)
        #expect(try await bench.send("DELETE", "/v1/sessions/\(session)").status == 204)
        bench.engine.clock.advance(by: .seconds(7_200))
        let blobs = try await BlobStore.open(in: bench.engine.database, folder: bench.engine.folder.path, clock: bench.engine.clock)
        try await blobs.sweep()
        let left = try bytes(of: bench)
        let place = left.range(of: Data(Self.secret.utf8)).map { left[max(0, $0.lowerBound - 100)..<min(left.count, $0.upperBound + 100)] }
        #expect(place == nil, "\(String(decoding: place ?? Data(), as: UTF8.self).debugDescription)")
        #expect(left.range(of: Data("Kept again".utf8)) != nil)
        let said = try await bench.send("POST", "/v1/sessions/\(kept)/messages", ["content": "more"])
        #expect(said.status == 202)
        _ = try await bench.events("GET", "/v1/sessions/\(kept)/events?until=idle")
        let later = try await bench.engine.log.tail.page(after: cursor, TailFilter(), limit: 100).events
        #expect(!later.isEmpty && later.allSatisfy { $0.event.sessionID.rawValue == kept })
        await bench.close()
    }

    @Test func `whoever repeats the request that made it hears that it is gone, and makes no other`() async throws {
        let bench = try await ServerBench(model: Self.model())
        let headers = [("Idempotency-Key", "k")]
        let session = try await bench.send("POST", "/v1/sessions", ["title": "x"], headers: headers).id
        _ = try await bench.send("DELETE", "/v1/sessions/\(session)")
        let again = try await bench.send("POST", "/v1/sessions", ["title": "x"], headers: headers)
        #expect(again.status == 404 && again.isProblem && again.code == "not_found")
        #expect(try await bench.send("POST", "/v1/sessions", ["title": "y"], headers: headers).code == "idempotency_mismatch")
        #expect(try await bench.send("GET", "/v1/sessions").json["data"]?.array?.isEmpty == true)
        await bench.close()
    }
}
