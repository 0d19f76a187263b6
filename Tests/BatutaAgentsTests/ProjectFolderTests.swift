import BatutaAgents
import BatutaCore
import Glibc
import Testing

@Suite struct ProjectFolderTests {
    @Test func `a folder is the project of its files`() throws {
        let folder = try ProjectTestFolder()
        try folder.writeProject()
        try folder.write("SHOP_URL=http://x\n", to: ".env")
        try folder.write("x", to: "notes.txt")
        let load = Project.load(folder: folder.path)
        #expect(load.problems.isEmpty, "\(load.report(.english))")
        #expect(load.project?.snapshot.hash == ProjectFixture.load().project?.snapshot.hash)
        let (view, problems) = EnvironmentView.current(folder: folder.path)
        #expect(problems.isEmpty)
        #expect(view["SHOP_URL"] == "http://x")
    }

    @Test func `links out of the folder, devices and large files are refused`() throws {
        let folder = try ProjectTestFolder()
        let outside = try ProjectTestFolder()
        try outside.write("Secret", to: "secret.md")
        try folder.writeProject()
        symlink("\(outside.path)/secret.md", "\(folder.path)/agents/out.md")
        symlink("clerk.md", "\(folder.path)/agents/in.md")
        mkfifo("\(folder.path)/agents/pipe.md", 0o644)
        try folder.write(String(repeating: "x", count: YAML.longestFile + 1), to: "agents/large.md")
        let load = Project.load(folder: folder.path)
        let told = load.problems.errors.map(\.path)
        #expect(told.contains("agents/out.md"))
        #expect(told.contains("agents/pipe.md"))
        #expect(told.contains("agents/large.md"))
        #expect(!told.contains("agents/in.md"))
    }

    @Test func `files whose names say that they were meant are told`() throws {
        let folder = try ProjectTestFolder()
        try folder.writeProject()
        try folder.write("x", to: "tools/x.yml")
        try folder.write("x", to: "tools/score.py")
        try folder.write("x", to: "policies/p.yml")
        try folder.write("x", to: "teams/t.yml")
        let elsewhere = ["agent/a.md", "agents/a.yaml", "agents/deep/b.md", "batuta.yml", "policy/p.yaml", "prompts/p.yaml"]
        for path in elsewhere { try folder.write("x", to: path) }
        for path in ["tools/README.md", "tools/lib/a.py", "agents/readme.yaml", "docs/a.md"] { try folder.write("x", to: path) }
        let load = Project.load(folder: folder.path)
        #expect(
            load.problems.map(\.path) == (elsewhere + ["policies/p.yml", "teams/t.yml", "tools/score.py", "tools/x.yml"]).sorted(),
            "\(load.report(.english))"
        )
        #expect(load.problems.errors.map(\.path) == ["tools/score.py"], "Python was not asked what it holds")
        let report = load.report(.english)
        #expect(report.contains("agents/a.yaml:1: warning: the file is not read: its name must end with .md\n"))
        #expect(report.contains("agent/a.md:1: warning: the file is not read where it lies (move it into agents/)\n"))
        #expect(report.contains("tools/x.yml:1: warning: the file is not read: its name must end with .yaml or .py\n"))
    }

    @Test func `a snapshot is the same project again`() throws {
        let project = try #require(ProjectFixture.load().project)
        let restored = try #require(ProjectSnapshot(bytes: project.snapshot.bytes))
        #expect(restored.hash == project.snapshot.hash)
        let again = try #require(restored.load().project)
        #expect(again.snapshot == project.snapshot)
        #expect(again.agents["clerk"]?.tools == project.agents["clerk"]?.tools)
        #expect(project.snapshot.hash.count == 64)
    }

    @Test(arguments: ["", "{}", "[]", "{\"version\":2,\"files\":{}}", "{\"version\":1,\"files\":{\"a\":1}}", "{\"version\":1}"])
    func `what is no snapshot is none`(text: String) {
        #expect(ProjectSnapshot(bytes: Array(text.utf8)) == nil)
    }

    @Test func `a snapshot holds no secret, and changes with every file`() throws {
        var files = ProjectFixture.bytes([
            "batuta.yaml": (ProjectFixture.files["batuta.yaml"] ?? "").replacing("${secret.CORP_KEY}", with: "topsecret99")
        ])
        files[".env"] = Array("OPENAI_API_KEY=alsosecret".utf8)
        files["README.md"] = Array("alsosecret".utf8)
        let project = try #require(Project.load(files: files).project)
        let text = String(decoding: project.snapshot.bytes, as: UTF8.self)
        #expect(!text.contains("topsecret99"))
        #expect(!text.contains("alsosecret"))
        #expect(project.snapshot.load().project != nil)
        files["agents/clerk.md"]?.append(UInt8(ascii: "!"))
        #expect(Project.load(files: files).project?.snapshot.hash != project.snapshot.hash)
    }
}
