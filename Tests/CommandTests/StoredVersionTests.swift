import BatutaCore
import BatutaTesting
import Foundation
import Testing

/// A project whose files are broken, and commands that can do without them.
@Suite(.timeLimit(.minutes(5))) struct StoredVersionTests {
    private static let agent = "---\ndescription: Sells.\ntools: [pay]\n---\nYou sell.\n"

    /// A rehearsal in which two runs wait for a person, and then an error in a file.
    private static func shop(_ locale: String) async throws -> (program: Program, folder: String, runs: [String], approvals: [String]) {
        var program = Program()
        program.environment["LANG"] = locale
        try program.write(
            "name: shop\ndefault: agent:clerk\nrehearsal: when_no_key\nmodels: { default: { provider: rehearsal, model: x } }\n",
            to: "shop/batuta.yaml"
        )
        try program.write(agent, to: "shop/agents/clerk.md")
        try program.write(
            "description: Pays.\neffect: critical\nhttp: { method: POST, url: \"http://127.0.0.1:1/pay\" }\n",
            to: "shop/tools/pay.yaml"
        )
        try program.write("scripts:\n  - steps:\n      - call: pay\n      - say: \"Done.\"\n", to: "shop/rehearsals/clerk.yaml")
        let folder = program.folder.path + "/shop"
        var approvals: [String] = []
        for _ in 0..<2 {
            let asked = try await program.run("run", "--project", folder, "pay")
            #expect(asked.code == 4, "\(asked)")
            let words = asked.error.split { $0.isWhitespace }.map(String.init)
            approvals.append(try #require(words.first { $0.hasPrefix("apr_") }))
        }
        let runs = try await program.run("runs", "--project", folder).out.split(separator: "\n")
        try program.write(agent.replacing("tools: [pay]", with: "tools: [pay"), to: "shop/agents/clerk.md")
        return (program, folder, runs.reversed().map { String($0.prefix { $0 != " " }) }, approvals)
    }

    @Test(arguments: [("en_US.UTF-8", "have 1 error"), ("pt_BR.UTF-8", "têm 1 erro")])
    func `with broken files and no server, whatever needs only the store works, and says once which files it does without`(
        _ locale: String,
        _ expected: String
    ) async throws {
        let (program, folder, runs, approvals) = try await Self.shop(locale)
        let reading: [[String]] = [
            ["runs"], ["approvals"], ["show", runs[0]], ["usage"], ["jobs"], ["mcp"], ["schedules"], ["memories"], ["prompts"],
            ["experiments"], ["replay", runs[0]], ["rate", runs[0], "4"],
        ]
        for words in reading {
            let outcome = try await program.run(all: words + ["--project", folder])
            #expect(outcome.code == 0, "\(words): \(outcome)")
            #expect(outcome.error.ranges(of: expected).count == 1, "\(words): \(outcome)")
            #expect(outcome.error.contains("batuta check --project"), "\(words): \(outcome)")
        }
        #expect(try await program.run("runs", "--project", folder).out.contains(runs[1]))
        let listed = try await program.run("approvals", "--project", folder).out.split(separator: "\n").map(String.init)
        #expect(listed.contains("   batuta approve \(approvals[0]) --project \(folder)"), "\(listed)")
        #expect(try await program.run("prompts", "show", "agent:clerk", "--project", folder).out == Self.agent)
    }

    @Test func `runs go on with the version that they began with, and what needs the files themselves tells their errors`() async throws {
        let (program, folder, runs, approvals) = try await Self.shop("en_US.UTF-8")
        for words in [["run", "hello"], ["chat"], ["fork", runs[0]], ["replay", runs[0], "--current"]] {
            let outcome = try await program.run(all: words + ["--project", folder])
            #expect(outcome.code == 1 && outcome.error.contains("agents/clerk.md:"), "\(words): \(outcome)")
            #expect(!outcome.error.contains("last valid version"), "\(words): \(outcome)")
        }
        let rejected = try await program.run("reject", approvals[0], "--project", folder)
        #expect(rejected.code == 0 && rejected.out.contains("rejected") && rejected.out.contains("Done."), "\(rejected)")
        #expect(rejected.error.contains("last valid version"))
        let stopped = try await program.run("stop", runs[1], "--project", folder)
        #expect(stopped.code == 0 && stopped.out.contains("cancelled"), "\(stopped)")
        let waiting = try await program.run("approvals", "--project", folder)
        #expect(waiting.error.contains("Nothing waits for you."), "\(waiting)")
    }

    @Test func `a store that has no version yet leaves nothing but the errors`() async throws {
        let program = Program()
        try await program.makeHello()
        try program.write("name: [\n", to: "hello/batuta.yaml")
        let runs = try await program.run("runs", "--project", program.hello)
        #expect(runs.code == 1 && runs.error.contains("batuta.yaml:") && !runs.error.contains("last valid"), "\(runs)")
    }
}
