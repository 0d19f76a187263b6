import BatutaTesting
import Foundation
import Testing

/// What docs/guides/prompts.md and memories.md show, done as it stands there, in a rehearsal.
@Suite(.timeLimit(.minutes(5))) struct PromptsGuideTests {
    private static func guide(_ name: String) throws -> String {
        let path = #filePath.replacing("Tests/CommandTests/PromptsGuideTests.swift", with: "docs/guides/\(name).md")
        return try String(contentsOfFile: path, encoding: .utf8)
    }

    /// A project of the files that a guide shows under their paths, with as many as there are.
    private static func project(_ guide: String) throws -> (program: Program, folder: String, files: Int) {
        let program = Program()
        try program.write(
            "name: shop\ndefault: agent:clerk\nrehearsal: when_no_key\nmodels: { default: { provider: rehearsal, model: x } }\n",
            to: "shop/batuta.yaml"
        )
        let files = guide.matches(of: /`([a-z]+\/[^`\n]+)`:\n```[a-z]+\n([^`]*)```/)
        for file in files { try program.write(String(file.2), to: "shop/" + file.1) }
        return (program, program.folder.path + "/shop", files.count)
    }

    @Test func `the project of the guide to prompts passes the check, and its commands do what it says`() async throws {
        let guide = try Self.guide("prompts")
        let (program, folder, files) = try Self.project(guide)
        #expect(files == 4)
        let check = try await program.run("check", "--project", folder)
        #expect(check.code == 0 && check.out.isEmpty, "\(check)")
        let commands = guide.split(separator: "\n").filter { $0.hasPrefix("batuta ") }.map(String.init)
        #expect(commands.count == 10)
        var run = "", version = "", told: [String: String] = [:]
        for command in commands {
            let line = command.prefix { $0 != "#" }.replacing("run_…", with: run).replacing("VERSION", with: version)
            let words = ["-c", line.replacing("batuta ", with: "\(Program.path) ") + " --project \(folder)"]
            let outcome = try await SpawnedProcess.run(
                "/bin/sh",
                words,
                environment: program.environment,
                folder: program.folder.path,
                input: ""
            )
            #expect(outcome.ending == .exited(0), "\(command): \(outcome.error)")
            if command == "batuta runs" { run = String(outcome.output.prefix { $0 != " " }) }
            if command.hasPrefix("batuta prompts versions") { version = String(outcome.output.prefix { $0 != " " }) }
            told[command.split(separator: " ").prefix(2).joined(separator: " ")] = outcome.output
        }
        #expect(told["batuta show"]?.contains("rated 4 (Quick); flowers_sold 3") == true, "\(told)")
        #expect(told["batuta experiments"]?.contains("flowers_sold 3 (1)") == true, "\(told)")
    }

    @Test func `the project of the guide to memories passes the check`() async throws {
        let (program, folder, files) = try Self.project(try Self.guide("memories"))
        #expect(files == 1)
        try program.write("scripts:\n  - say: \"With pleasure.\"\n", to: "shop/rehearsals/clerk.yaml")
        let check = try await program.run("check", "--project", folder)
        #expect(check.code == 0 && check.out.isEmpty, "\(check)")
        let added = try await program.run("memories", "add", "Likes tulips.", "--namespace", "shop", "--project", folder)
        #expect(added.code == 0 && added.error == "Who reads it: clerk.\n", "\(added)")
    }

    /// Whoever reads a guide beside the README finds what it points to.
    @Test func `every link of the README and of the guides leads to a file`() throws {
        let root = #filePath.replacing("Tests/CommandTests/PromptsGuideTests.swift", with: "")
        let guides = try FileManager.default.contentsOfDirectory(atPath: root + "docs/guides").map { "docs/guides/" + $0 }
        for path in ["README.md", "README.pt-BR.md"] + guides {
            let text = try String(contentsOfFile: root + path, encoding: .utf8)
            let folder = path.contains("/") ? "docs/guides/" : ""
            for link in text.matches(of: /\]\(([A-Za-z.\/-]+\.md)(#[a-z-]*)?\)/) {
                #expect(FileManager.default.fileExists(atPath: root + folder + link.1), "\(path): \(link.1)")
            }
        }
    }
}
