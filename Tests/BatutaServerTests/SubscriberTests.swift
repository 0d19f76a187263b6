import BatutaCore
import BatutaRuns
import BatutaTesting
import Glibc
import Testing

/// Many readers that come and go while runs are streamed.
@Suite(.timeLimit(.minutes(Soak.isOn ? 60 : 5))) struct SubscriberTests {
    @Test func `S3.25 200 subscribers that reconnect in a loop are each shown the log, without a gap and nothing twice`() async throws {
        let bench = try await ServerBench(model: ScriptedModel(rule: { _ in .speak((0..<40).map { "word\($0)" }.joined(separator: " ")) }))
        for _ in 0..<Soak.rounds(1, soak: 20) {
            var sessions: [(id: String, run: String)] = []
            for _ in 0..<8 {
                let session = try await bench.session()
                let accepted = try await bench.send("POST", "/v1/sessions/\(session)/messages", ["content": "go"])
                sessions.append((session, accepted.json["run_id"]?.string ?? ""))
            }
            let shown = try await withThrowingTaskGroup(of: (session: Int, ids: [Int64]).self) { group in
                for number in 0..<200 {
                    let (place, session) = (number % 8, sessions[number % 8].id)
                    group.addTask { (place, try await Self.follow(session, piece: 1 + number % 9, bench)) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            var report = FaultReport()
            for (place, ids) in shown {
                let last = try await bench.events("GET", "/v1/sessions/\(sessions[place].id)/events?until=idle").compactMap(\.id).last ?? 0
                report.runs += 1
                report.ended += ids.last == last ? 1 : 0
                report.gaps += Int(last) - Set(ids).count
                report.duplicates += ids.count - Set(ids).count
                #expect(ids == Array(1...last))
            }
            report.note("200 subscribers reconnect in a loop", "\(ServerBench.store.rawValue)")
        }
        await bench.close()
    }

    /// `make soak` reads a byte a second; quicker, it comes far enough to see whole events.
    @Test func `a subscriber that reads a byte at a time is shown the beginning of the log, and nobody waits for it`() async throws {
        let bench = try await ServerBench(model: ScriptedModel(rule: { _ in .speak((0..<200).map { "word\($0)" }.joined(separator: " ")) }))
        let session = try await bench.session()
        let lines = [
            "GET /v1/sessions/\(session)/events?after=0 HTTP/1.1", "Host: localhost", "Authorization: Bearer \(bench.key)", "", "",
        ]
        let (port, request) = (Int(bench.base.split(separator: ":").last ?? "") ?? 0, Array(lines.joined(separator: "\r\n").utf8))
        let (count, pause) = Soak.isOn ? (120, UInt32(1_000_000)) : (4_000, 500)
        async let slow = Blocking.run { Self.crawl(port, request, count, pause) }
        try await Deadline.look(for: "slow reader") { try await bench.openStreams() > 0 }
        let run = try await bench.send("POST", "/v1/sessions/\(session)/messages", ["content": "go"]).json["run_id"]?.string ?? ""
        let frames = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle")
        #expect(try await bench.send("GET", "/v1/runs/\(run)").json["status"] == "completed")
        #expect(frames.compactMap(\.id) == Array(1...Int64(frames.compactMap(\.id).count)))
        let seen = String(decoding: await slow, as: UTF8.self)
        #expect(seen.hasPrefix("HTTP/1.1 200"))
        let ids = seen.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("id: ") }.compactMap { Int64($0.dropFirst(4)) }.dropLast()
        #expect(ids.elementsEqual(1...Int64(max(1, ids.count))) || ids.isEmpty)
        #expect(Soak.isOn || ids.count > 3, "\(seen)")
        var report = FaultReport()
        (report.runs, report.ended) = (1, 1)
        report.gaps = Int(ids.last ?? 0) - Set(ids).count
        report.duplicates = ids.count - Set(ids).count
        report.note("a subscriber that reads a byte at a time", ServerBench.store.rawValue)
        await bench.close()
    }

    /// One byte, a pause, and so on.
    private static func crawl(_ port: Int, _ request: [UInt8], _ count: Int, _ pause: UInt32) -> [UInt8] {
        guard let file = LoopbackSocket.connect(port: port) else { return [] }
        defer { close(file) }
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard LoopbackSocket.send(request[...], to: file) else { return [] }
        var seen: [UInt8] = []
        var byte: UInt8 = 0
        while seen.count < count, recv(file, &byte, 1, 0) == 1 {
            seen.append(byte)
            usleep(pause)
        }
        return seen
    }

    /// Reads a few events, leaves, and comes back by number, until the run's end.
    private static func follow(_ session: String, piece: Int, _ bench: ServerBench) async throws -> [Int64] {
        var ids: [Int64] = []
        for _ in 0..<2_000 {
            let frames = try await bench.events(
                "GET",
                "/v1/sessions/\(session)/events?until=idle",
                headers: [("Last-Event-ID", String(ids.last ?? 0))],
                limit: piece
            )
            ids += frames.compactMap(\.id)
            if frames.contains(where: { $0.type == "complete" }) { return ids }
        }
        return ids
    }
}
