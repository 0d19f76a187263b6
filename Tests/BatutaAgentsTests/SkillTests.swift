import BatutaAgents
import BatutaCore
import BatutaTools
import Testing

@Suite struct SkillTests {
    private static let skill = "---\nname: reports\ndescription: How reports are written.\nlicense: MIT\n---\nBegin with the figures."

    private static func load(_ changes: [String: String?] = [:], skills: String = "[reports]") -> ProjectLoad {
        var files: [String: String?] = [
            "agents/clerk.md": (ProjectFixture.files["agents/clerk.md"] ?? "").replacing(
                "model: default",
                with: "model: default\nskills: \(skills)"
            ),
            "skills/reports/SKILL.md": Self.skill, "skills/reports/forms/a.md": "Form A",
        ]
        files.merge(changes) { _, new in new }
        return ProjectFixture.load(files)
    }

    @Test func `an agent is offered its skills by name and description, and reads them by a tool`() throws {
        let load = Self.load()
        let project = try #require(load.project, "\(load.problems)")
        #expect(load.problems.isEmpty)
        let agent = try #require(project.agents["clerk"])
        #expect(agent.tools == ["get_item", "current_time", "read_skill"])
        let prompt = try agent.instructions.render(variables: ["shop": "ours"], language: "en")
        #expect(prompt.contains("- reports: How reports are written."))
        #expect(!prompt.contains("Begin with the figures"))
        #expect(
            project.skills == [
                Skill(
                    name: "reports",
                    description: "How reports are written.",
                    body: "Begin with the figures.",
                    files: ["forms/a.md": "Form A"]
                )
            ]
        )
        #expect(project.skillsOfAgents == ["clerk": ["reports"]])
    }

    @Test func `skills are part of the snapshot, and of its hash`() throws {
        let project = try #require(Self.load().project)
        let again = try #require(project.snapshot.load().project)
        #expect(again.skills == project.skills)
        let changed = try #require(Self.load(["skills/reports/forms/a.md": "Form B"]).project)
        #expect(changed.snapshot.hash != project.snapshot.hash)
    }

    static let mistakes: [(changes: [String: String?], skills: String, problem: String)] = [
        ([:], "[report]", "agents/clerk.md:4: unknown skill `report` (did you mean `reports`?)"),
        ([:], "reports", "agents/clerk.md:4: a list was expected"),
        (["skills/reports/SKILL.md": "Text"], "[]", "skills/reports/SKILL.md:1: `description` is missing"),
        (
            ["skills/reports/SKILL.md": "---\ndescription: x\ncolour: red\n---\nx"], "[reports]",
            "skills/reports/SKILL.md:3: warning: unknown key `colour`"
        ),
        (["skills/other/SKILL.md": Self.skill], "[reports]", "skills/reports/SKILL.md:2: there is another skill `reports`"),
        (["skills/reports/SKILL.md": .none], "[]", "skills/reports/forms/a.md:1: warning: the folder has no SKILL.md"),
        (["skills/notes.md": "x"], "[reports]", "skills/notes.md:1: warning: a skill is a folder with SKILL.md in it"),
    ]

    @Test(arguments: mistakes)
    func `mistakes with skills are told with their place`(_ one: (changes: [String: String?], skills: String, problem: String)) {
        let problems = Self.load(one.changes, skills: one.skills).problems.map { $0.text(.english) }
        #expect(problems.contains { $0.hasPrefix(one.problem) }, "\(problems)")
    }

    @Test func `a skill's folder is read with all that is below it, and nothing that is not text`() throws {
        let folder = try ProjectTestFolder()
        try folder.writeProject()
        try folder.write("x", to: "skills/keep")
        try folder.write(Self.skill, to: "skills/reports/SKILL.md")
        try folder.write("Form A", to: "skills/reports/forms/a.md")
        try folder.write("deep", to: "skills/reports/forms/b/c.md")
        let load = Project.load(folder: folder.path)
        let skill = try #require(load.draft?.skills.first, "\(load.problems)")
        #expect(skill.files == ["forms/a.md": "Form A", "forms/b/c.md": "deep"])
    }
}
