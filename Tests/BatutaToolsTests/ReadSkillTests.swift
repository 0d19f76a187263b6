import BatutaCore
import BatutaTools
import Testing

@Suite struct ReadSkillTests {
    private let tool = ReadSkillTool(
        [
            Skill(
                name: "reports",
                description: "How reports are written.",
                body: "Begin with the figures.",
                files: ["forms/a.md": "Form A"]
            ),
            Skill(name: "secret-plans", description: "Not for everybody.", body: "Hush."),
        ],
        agents: ["tester": ["reports"]]
    )

    private func read(_ arguments: JSON) async -> ToolResult {
        await ToolRuntime.test(InstantTime()).execute(.test("read_skill", arguments), in: ToolCatalog([tool]).everything)
    }

    @Test func `a skill is read with the list of its files`() async {
        let result = await read(["name": "reports"])
        #expect(result.data == ["skill": "reports", "text": "Begin with the figures.", "files": ["forms/a.md"]])
    }

    @Test(arguments: ["forms/a.md", "./forms/a.md", "forms//a.md"])
    func `a file is read by its path within the skill`(_ path: String) async {
        #expect(await read(["name": "reports", "file": .string(path)]).data?["text"] == "Form A")
    }

    @Test(arguments: ["../secret-plans/SKILL.md", "/etc/passwd", "forms/../../x", "..", "forms\\a.md", "a\u{0}"])
    func `no path leads out of the skill`(_ path: String) async {
        let result = await read(["name": "reports", "file": .string(path)])
        #expect(result.code == "bad_value")
        #expect(result.data == nil)
    }

    @Test func `what is not there is answered with the nearest and the list`() async throws {
        let skill = await read(["name": "report"])
        #expect(try #require(skill.error) == "There is no skill “report”. Did you mean reports? Your skills: reports.")
        let file = await read(["name": "reports", "file": "forms/b.md"])
        #expect(try #require(file.error).contains("Its files: forms/a.md."))
    }

    @Test func `a long text is read to its end, in whole characters`() async throws {
        let body = String(repeating: "figures é ", count: 30_000)
        let tool = ReadSkillTool([Skill(name: "long", description: "", body: body)], agents: ["tester": ["long"]])
        var text = "", start = 0
        for _ in 1...10 {
            let arguments: JSON = ["name": "long", "from": .int(Int64(start))]
            let result = await ToolRuntime.test(InstantTime()).execute(.test("read_skill", arguments), in: ToolCatalog([tool]).everything)
            let part = try #require(result.data?["text"]?.string)
            guard let cut = part.firstRange(of: "\n[cut after byte ") else {
                text += part
                break
            }
            text += part[..<cut.lowerBound]
            start = try #require(part.split(separator: "from: ").last.flatMap { Int($0.dropLast()) })
        }
        #expect(text == body)
    }

    @Test func `an agent reads its own skills only`() async {
        #expect(await read(["name": "secret-plans"]).code == "bad_value")
    }

    @Test func `a file that is too long is cut, and says so`() async {
        let long = ReadSkillTool(
            [Skill(name: "x", description: "", body: String(repeating: "é", count: 60_000))],
            agents: ["tester": ["x"]]
        )
        let result = await ToolRuntime.test(InstantTime()).execute(.test("read_skill", ["name": "x"]), in: ToolCatalog([long]).everything)
        #expect(result.data?["text"]?.string?.hasSuffix("[cut after byte 100000 of 120000: read on with from: 100000]") == true)
    }
}
