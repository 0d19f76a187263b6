import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns
import BatutaServer
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct AllEventsTests {
    /// The cursors as they stood on the wire, and the envelopes.
    private func frames(_ bench: ServerBench, _ query: String, headers: [(String, String)] = [], key: String? = nil, limit: Int)
        async throws
        -> [(cursor: String, event: JSON)]
    {
        try await bench.events("GET", "/v1/events\(query)", headers: headers, key: key, limit: limit).map { frame in
            (frame.lines.first { $0.hasPrefix("id: ") }.map { String($0.dropFirst(4)) } ?? "", frame.json)
        }
    }

    private func page(_ bench: ServerBench, _ query: String = "", key: String? = nil) async throws -> JSON {
        try await bench.send("GET", "/v1/events\(query)", key: key, headers: [("Accept", "application/json")]).json
    }

    /// The page when it tells of so many runs' ends: a transaction of somebody else on the same server keeps it from being whole for a moment.
    private func events(_ bench: ServerBench, _ query: String = "", key: String? = nil, ends: Int) async throws -> [JSON] {
        @Sendable func read() async throws -> [JSON] { try await page(bench, query, key: key)["data"]?.array ?? [] }
        try await Deadline.look(for: "page with \(ends) ends") { try await read().count { $0["event"]?["type"] == "complete" } >= ends }
        return try await read()
    }

    @Test func `the stream and the page are one sequence over all sessions, from any cursor`() async throws {
        let bench = try await ServerBench()
        for _ in 0..<3 { _ = try await bench.send("POST", "/v1/runs", ["content": "hi"]) }
        let all = try await events(bench, ends: 3)
        #expect(Set(all.compactMap { $0["event"]?["session_id"]?.string }).count == 3)
        let streamed = try await frames(bench, "", limit: all.count)
        #expect(streamed.map(\.event) == all.compactMap { $0["event"] })
        #expect(streamed.map(\.cursor) == all.compactMap { $0["cursor"]?.string })
        for index in [0, 1, all.count / 2, all.count - 2] {
            let rest = try await frames(bench, "?after=\(streamed[index].cursor)", limit: all.count - index - 1)
            #expect(rest.map(\.cursor) == streamed.dropFirst(index + 1).map(\.cursor))
            let header = [("Last-Event-ID", streamed[index].cursor)]
            #expect(try await frames(bench, "?after=now", headers: header, limit: 1).first?.cursor == streamed[index + 1].cursor)
        }
        var cursor = "", paged: [JSON] = []
        while let next = try await Optional(page(bench, "?limit=4" + (cursor.isEmpty ? "" : "&cursor=\(cursor)"))) {
            paged += next["data"]?.array ?? []
            guard let more = next["next_cursor"]?.string else { break }
            cursor = more
        }
        #expect(paged == all)
        await bench.close()
    }

    @Test func `a stream goes on where it was after a restart`() async throws {
        let bench = try await ServerBench()
        _ = try await bench.send("POST", "/v1/runs", ["content": "before"])
        let before = try await events(bench, ends: 1)
        let cursor = before.last?["cursor"]?.string ?? ""
        await bench.close()
        let again = try await ServerBench(folder: bench.engine.folder)
        _ = try await again.send("POST", "/v1/runs", ["content": "after"])
        let rest = try await events(again, "?after=\(cursor)", ends: 1)
        #expect(rest.first?["event"]?["id"] == 1)
        #expect(try await events(again, ends: 2) == before + rest)
        await again.close()
    }

    @Test func `everybody sees their own; types are filtered; what is no cursor is refused`() async throws {
        let bench = try await ServerBench()
        let (member, other) = (try await bench.key(.member), try await bench.key(.member))
        _ = try await bench.send("POST", "/v1/runs", ["content": "mine"], key: member)
        _ = try await bench.send("POST", "/v1/runs", ["content": "theirs"], key: other)
        let mine = try await events(bench, "?types=message,complete", key: member, ends: 1)
        #expect(Set(mine.compactMap { $0["event"]?["type"]?.string }) == ["message", "complete"])
        #expect(Set(mine.compactMap { $0["event"]?["session_id"]?.string }).count == 1)
        #expect(mine.first?["event"]?["data"]?["content"] == "mine")
        for query in ["?after=x", "?types=", "?types=dance", "?tipes=message", "?limit=0"] {
            #expect(try await bench.send("GET", "/v1/events\(query)", headers: [("Accept", "application/json")]).status == 400, "\(query)")
        }
        let beyond = try await bench.send("GET", "/v1/events?after=999-1-0")
        #expect(beyond.status == 409 && beyond.code == "log_rewound")
        await bench.close()
    }

    @Test func `a page watches what matters in all its sessions, and comes back by cursor`() async throws {
        let tool = RecordingTool(RunRoutesTests.pay)
        let bench = try await ServerBench(model: ScriptedModel([.call([("pay", [:])]), .say("Paid")]), tools: [tool])
        let foreign = try await bench.key(.member)
        let page = await WebSocketPeer.open(bench, "/v1/ws", key: try await bench.key(.member))
        _ = page.status
        let owner = await WebSocketPeer.open(bench, "/v1/ws")
        owner.send(["type": "watch", "ref": 1, "cursor": nil])
        let ack = await owner.answer()
        #expect(ack["ref"] == 1 && ack["cursor"]?.string?.isEmpty == false)
        page.send(["type": "watch", "ref": 1])
        _ = await page.answer()
        let (_, approval) = try await bench.asked()
        owner.send(["type": "approve", "ref": 2, "approval_id": .string(approval)])
        let seen = await owner.collect { $0["event"]?["type"] == "complete" }.filter { $0["event"] != nil }
        let types = Set(seen.compactMap { $0["event"]?["type"]?.string })
        #expect(types == ["message", "status", "approval", "complete"])
        let numbers = seen.compactMap { $0["event"]?["id"]?.int }
        #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
        let middle = seen.count / 2
        let back = await WebSocketPeer.open(bench, "/v1/ws")
        back.send(["type": "watch", "cursor": seen[middle]["cursor"] ?? .null])
        _ = await back.answer()
        #expect(await back.collect { $0["event"]?["type"] == "complete" } == Array(seen.dropFirst(middle + 1)))
        // Whoever owns nothing of it hears nothing of it.
        _ = try await bench.send("POST", "/v1/runs", ["content": "x"], key: foreign)
        page.send(["type": "ping", "ref": "p"])
        guard case .text(let next) = await page.next() else { return #expect(Bool(false), "closed") }
        #expect(next["ref"] == "p")
        for cursor: JSON in ["x", 7, "999-1-0"] {
            owner.send(["type": "watch", "cursor": cursor])
            #expect(await owner.answer()["type"] == "nack")
        }
        await bench.close()
    }

    @Test func `a revoked key's stream ends, and so does every stream when the server drains`() async throws {
        let bench = try await ServerBench()
        let key = try await bench.keys.create(name: "k", role: .member)
        async let revoked = bench.events("GET", "/v1/events", key: key.1.text)
        async let drained = bench.events("GET", "/v1/events?after=now")
        while try await bench.openStreams() < 2 { try await Task.sleep(for: .milliseconds(5)) }
        _ = try await bench.send("DELETE", "/v1/keys/\(key.0.id.rawValue)")
        #expect(try await revoked.isEmpty)
        bench.server.beginDrain()
        _ = try await drained
        await bench.close()
    }
}
