import BatutaAgents
import BatutaCore
import BatutaServer
import BatutaStorage
import BatutaTesting
import BatutaTools
import Foundation
import Testing

/// Prompts that are written through the API: only into the project's folder, and only when the project stays whole.
@Suite(.timeLimit(.minutes(10))) struct PromptEditingTests {
    /// A served folder.
    struct Stand {
        let bench: ServerBench
        let folder = TemporaryFolder()

        init() async throws {
            let folder = folder
            bench = try await ServerBench(
                model: ScriptedModel(rule: { _ in .say("ok") }),
                folder: TemporaryFolder(),
                projectFolder: folder.path
            )
            try write("name: test\nmodels: { default: { provider: rehearsal, model: x } }\n", "batuta.yaml")
            try write("---\nvariables: { goal: { type: number, default: 1 } }\n---\nGoal $goal.\n", "agents/clerk.md")
            let load = Project.load(folder: folder.path)
            _ = try await bench.project.served.adopt(try #require(load.project, "\(load.report(.english))"))
        }

        func write(_ text: String, _ path: String) throws {
            let url = URL(fileURLWithPath: folder.path + "/" + path)
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }

        func text(_ path: String) -> String? { try? String(contentsOfFile: folder.path + "/" + path, encoding: .utf8) }

        func post(_ body: JSON) async throws -> ServerBench.Answer { try await bench.send("POST", "/v1/prompts", body) }

        /// Everything that lies in a folder, hidden files too.
        func names(_ path: String) -> [String] {
            (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/" + path).sorted()) ?? []
        }
    }

    @Test func `a new block, a variant and a changed agent are written, in force at once, and versions`() async throws {
        let stand = try await Stand()
        #expect(try await stand.post(["name": "tone", "text": "Be kind.\n"]).status == 201)
        #expect(try await stand.post(["name": "tone@warm", "text": "---\nweight: 40\n---\nBe warm.\n"]).status == 201)
        let agent = try await stand.bench.send("GET", "/v1/prompts/agent:clerk").json
        let edited = try await stand.post([
            "name": "agent:clerk", "text": "---\nvariables: { goal: { type: number, default: 1 } }\n---\nGoal $goal.\n{{> tone}}\n",
            "version": agent["version"] ?? .null,
        ])
        #expect(edited.status == 200 && edited.json["includes"] == ["tone"])
        #expect(stand.text("prompts/tone.md") == "Be kind.\n" && stand.text("agents/clerk.md")?.hasSuffix("{{> tone}}\n") == true)
        #expect(stand.names("prompts") == ["tone.md", "tone@warm.md"], "nothing else is left there")
        #expect(try await stand.bench.send("GET", "/v1/prompts").json["data"]?.array?.count == 3)
        #expect(try await stand.bench.send("GET", "/v1/prompts/agent:clerk/versions").json["data"]?.array?.count == 2)
        #expect(Project.load(folder: stand.folder.path).project?.snapshot.hash == (await stand.bench.project.served.current).snapshot.hash)
        await stand.bench.close()
    }

    @Test func `a project with Python tools is edited, and keeps them`() async throws {
        let stand = try await Stand()
        try stand.write(
            "from batuta import tool\n\n@tool(effect=\"read\")\ndef count() -> int:\n    \"Counts.\"\n    return 1\n",
            "tools/shop.py"
        )
        #expect(try await stand.post(["name": "tone", "text": "Be kind.\n"]).status == 201)
        #expect(await stand.bench.project.served.current.pythonTools.map(\.definition.name) == ["count"])
        await stand.bench.close()
    }

    @Test func `a file that cannot be read is no file that is gone`() async throws {
        let stand = try await Stand()
        try FileManager.default.createSymbolicLink(atPath: stand.folder.path + "/agents/seller.md", withDestinationPath: "/etc/hostname")
        let hash = await stand.bench.project.served.current.snapshot.hash
        let refused = try await stand.post(["name": "tone", "text": "Be kind.\n"])
        #expect(refused.status == 422 && refused.code == "broken_project" && refused.json.text.contains("agents/seller.md"))
        #expect(await stand.bench.project.served.current.snapshot.hash == hash && stand.text("prompts/tone.md") == nil)
        await stand.bench.close()
    }

    @Test func `what would break the project is refused with all problems, and what changed meanwhile is not overwritten`() async throws {
        let stand = try await Stand()
        let before = stand.text("agents/clerk.md")
        let broken = try await stand.post(["name": "agent:clerk", "text": "---\nmodel: none\n---\n$nobody {{> gone}}\n"])
        #expect(broken.status == 422 && broken.code == "broken_project" && broken.isProblem)
        let fields = broken.json["errors"]?.array?.compactMap { $0["field"]?.string } ?? []
        #expect(fields.count >= 3 && fields.allSatisfy { $0.hasPrefix("agents/clerk.md:") }, "\(broken.json.text)")
        #expect(stand.text("agents/clerk.md") == before)
        let stale = try await stand.post(["name": "agent:clerk", "text": "Hi.\n", "version": "0000000000000000"])
        #expect(stale.status == 409 && stale.code == "version_conflict" && stand.text("agents/clerk.md") == before)
        for name in ["../x", "a/b", "agent:../x", "agent:a@b", "", "tone@", "tone@a@b", ".x", "batuta.yaml"] {
            let answer = try await stand.post(["name": .string(name), "text": "x"])
            #expect(answer.status == 400 && answer.json["errors"]?[0]?["field"] == "name", "\(name)")
        }
        #expect(stand.names("") == ["agents", "batuta.yaml"])
        await stand.bench.close()
    }

    @Test func `an agent whose file is called otherwise is edited in that file`() async throws {
        let stand = try await Stand()
        try stand.write("---\nname: seller\n---\nYou sell.\n", "agents/front-desk.md")
        _ = try await stand.bench.project.served.adopt(try #require(Project.load(folder: stand.folder.path).project))
        let edited = try await stand.post(["name": "agent:seller", "text": "---\nname: seller\n---\nYou sell more.\n"])
        #expect(edited.status == 200 && edited.json["path"] == "agents/front-desk.md")
        #expect(stand.names("agents") == ["clerk.md", "front-desk.md"])
        #expect(try await stand.bench.send("GET", "/v1/prompts/agent:seller/versions").json["data"]?.array?.count == 2)
        await stand.bench.close()
    }

    @Test func `many who write one prompt at once get in each other's way, and what is in force is what lies there`() async throws {
        let stand = try await Stand()
        let answers = try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for number in 0..<12 {
                group.addTask {
                    let answer = try await stand.post(["name": "tone", "text": .string("Text \(number).\n"), "version": ""])
                    return (answer.status, answer.code)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0.0 == 201 } == 1)
        #expect(answers.count { $0 == (409, "version_conflict") } == 11)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<12 {
                group.addTask {
                    let answer = try await stand.post(["name": "tone", "text": .string(String(repeating: "Word \(number). ", count: 500))])
                    #expect(answer.status == 200)
                }
            }
            try await group.waitForAll()
        }
        let served = await stand.bench.project.served.current.snapshot
        #expect(stand.text("prompts/tone.md").map { Array($0.utf8) } == served.files["prompts/tone.md"])
        #expect(stand.names("prompts") == ["tone.md"])
        await stand.bench.close()
    }

    @Test func `a text that says another name, and a file that holds another prompt, are refused before anything is written`() async throws
    {
        let stand = try await Stand()
        let renamed = try await stand.post(["name": "agent:clerk", "text": "---\nname: seller\n---\nYou sell.\n"])
        #expect(renamed.status == 400 && renamed.isProblem && renamed.json["errors"]?[0]?["field"] == "text", "\(renamed.json.text)")
        let new = try await stand.post(["name": "agent:buyer", "text": "---\nname: seller\n---\nYou sell.\n"])
        #expect(new.status == 400 && stand.names("agents") == ["clerk.md"])
        try stand.write("---\nname: seller\n---\nYou sell.\n", "agents/desk.md")
        _ = try await stand.bench.project.served.adopt(try #require(Project.load(folder: stand.folder.path).project))
        for text in ["You buy.\n", "---\nname: desk\n---\nYou buy.\n"] {
            let taken = try await stand.post(["name": "agent:desk", "text": .string(text)])
            #expect(taken.status == 409 && taken.code == "path_taken" && taken.json["detail"]?.string?.contains("agent:seller") == true)
        }
        #expect(stand.text("agents/desk.md") == "---\nname: seller\n---\nYou sell.\n")
        #expect(stand.text("agents/clerk.md")?.contains("Goal") == true)
        #expect(await stand.bench.project.served.current.agents.keys.sorted() == ["clerk", "seller"])
        await stand.bench.close()
    }

    @Test func `a link that leads out of the project is not followed`() async throws {
        let stand = try await Stand(), outside = TemporaryFolder()
        try FileManager.default.createSymbolicLink(atPath: stand.folder.path + "/prompts", withDestinationPath: outside.path)
        let answer = try await stand.post(["name": "tone", "text": "Be kind.\n"])
        #expect(answer.status == 409 && answer.code == "not_written")
        #expect(try FileManager.default.contentsOfDirectory(atPath: outside.path).isEmpty)
        await stand.bench.close()
    }

    @Test func `without a folder nothing can be edited, and that is said`() async throws {
        let bench = try await ServerBench()
        let answer = try await bench.send("POST", "/v1/prompts", ["name": "tone", "text": "x"])
        #expect(answer.status == 409 && answer.code == "no_project_folder")
        await bench.close()
    }
}
