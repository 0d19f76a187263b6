import BatutaCore
import BatutaSimulators
import BatutaTesting
import Foundation
import Testing

/// The queue from a terminal, and the duties that every node has.
@Suite(.timeLimit(.minutes(5))) struct JobsCommandTests {
    private static let kinds = [
        "log-compaction", "file-sweep", "sign-in-sweep", "job-pruning", "answer-pruning", "fire-pruning", "snapshot-pruning",
    ]

    /// As soon as the server has begun its duties.
    private func jobs(_ shop: Shop, _ words: String...) async throws -> [String] {
        while true {
            let lines = try await shop.program.run(all: ["jobs"] + words + ["--project", shop.folder]).out.split(separator: "\n").map(
                String.init
            )
            if lines.count >= Self.kinds.count { return lines }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Which job a line is about: its number and its kind.
    private func name(_ line: String) -> [Substring] {
        let words = line.split(separator: " ")
        return words.count > 3 ? [words[0], words[3]] : []
    }

    @Test func `S4.19 duties are there once, over restarts, and are cancelled and retried from a terminal`() async throws {
        var shop = try Shop()
        let server = try await shop.serve()
        let lines = try await jobs(shop)
        #expect(lines.count == Self.kinds.count && lines.allSatisfy { $0.contains("scheduled") && $0.contains("maintenance") })
        for kind in Self.kinds { #expect(lines.count { $0.contains(kind) } == 1, "\(kind)") }
        await server.end(SIGKILL)
        let again = try await shop.serve()
        // They are due a minute after the first start: some may be at work by now, or over and planned anew.
        let now = try await jobs(shop)
        #expect(Set(now.map(name)).isSuperset(of: lines.map(name)))
        let open = now.filter { line in ["scheduled", "queued", "running"].contains { line.contains($0) } }
        for kind in Self.kinds { #expect(open.count { $0.contains(kind) } <= 1, "\(kind)") }
        let id = try #require(lines.first { $0.contains("job-pruning") }?.split(separator: " ").first.map(String.init))
        let cancelled = try await shop.run("jobs", "cancel", id)
        #expect(cancelled.code == 0 && cancelled.out.contains(id) && cancelled.out.contains("cancelled"), "\(cancelled)")
        #expect(try await shop.run("jobs", "--status", "cancelled").out.contains(id))
        let retried = try await shop.run("jobs", "retry", id)
        #expect(retried.code == 0 && retried.out.contains(id), "\(retried)")
        while try await !shop.run("jobs", "--status", "succeeded").out.contains(id) { try await Task.sleep(for: .milliseconds(200)) }
        shop.program.environment["LANG"] = "pt_BR.UTF-8"
        let refused = try await shop.run("jobs", "retry", id)
        #expect(refused.code == 1 && refused.error.contains("concluída"), "\(refused)")
        await again.end(SIGTERM)
        // Nobody serves: the store is looked into all the same.
        let scheduled = try await shop.run("jobs", "--status", "scheduled", "--queue", "maintenance").out
        #expect(scheduled.split(separator: "\n").count == Self.kinds.count)
        #expect(try await shop.run("jobs", "--status", "dead").error.contains("Nenhuma tarefa assim."))
        shop.model.stop()
    }

    @Test(arguments: [
        (["jobs", "--status", "ded"], "Did you mean dead?"), (["jobs", "--queue", "A B"], "--queue takes a queue's name"),
        (["jobs", "retry"], "Usage: batuta jobs"), (["jobs", "retry", "run_1"], "run_1 is no job"),
        (["jobs", "burn", "job_1"], "Usage: batuta jobs"),
    ])
    func `what nobody can mean is told before anything is opened`(_ words: [String], _ expected: String) async throws {
        let shop = try Shop()
        let outcome = try await shop.program.run(all: words + ["--project", shop.folder])
        #expect(outcome.code == 2 && outcome.error.contains(expected), "\(outcome)")
        shop.model.stop()
    }
}
