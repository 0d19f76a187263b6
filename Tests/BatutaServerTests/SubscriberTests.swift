import BatutaCore
import BatutaRuns
import BatutaTesting
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
