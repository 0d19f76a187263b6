import BatutaAgents
import BatutaCore
import Testing

/// `prompts/NAME@VARIANT.md`: variants of blocks (PROJECT.md, agents).
@Suite struct PromptVariantFileTests {
    static func load(_ files: [String: String], agent: String = "Hello.\n{{> tone}}\n") -> ProjectLoad {
        var all = ["agents/clerk.md": "---\nname: clerk\n---\n" + agent, "rehearsals/clerk.yaml": nil] as [String: String?]
        for (path, text) in files { all[path] = text }
        return ProjectFixture.load(all)
    }

    static func weights(_ load: ProjectLoad) throws -> [String: Int] {
        let parts = try #require(load.project?.agent(for: nil)).instructions.parts
        for case .choice(let choice) in parts {
            return Dictionary(choice.options.map { ($0.variant, $0.weight) }) { first, _ in first }
        }
        return [:]
    }

    @Test(
        arguments: [
            (["prompts/tone.md": "Be kind.", "prompts/tone@warm.md": "---\nweight: 30\n---\nBe warm."], ["default": 70, "warm": 30]),
            (
                [
                    "prompts/tone.md": "---\nweight: 10\n---\nBe kind.", "prompts/tone@a.md": "---\nweight: 1\n---\na",
                    "prompts/tone@b.md": "---\nweight: 2\n---\nb",
                ], ["default": 10, "a": 1, "b": 2]
            ),
            (["prompts/tone@a.md": "---\nweight: 1\n---\na", "prompts/tone@b.md": "---\nweight: 3\n---\nb"], ["a": 1, "b": 3]),
            (["prompts/tone.md": "Be kind.", "prompts/tone@warm.md": "---\nweight: 200\n---\nBe warm."], ["default": 0, "warm": 200]),
            (["prompts/tone.md": "Be kind."], [:]),
        ] as [([String: String], [String: Int])]
    )
    func `S2.127 variants have weights, and the block itself what is left of a hundred`(_ files: [String: String], _ weights: [String: Int])
        throws
    {
        let load = Self.load(files)
        #expect(load.problems.errors.isEmpty, "\(load.report(.english))")
        #expect(try Self.weights(load) == weights)
    }

    @Test(arguments: [
        ("prompts/tone@warm.md", "Be warm.", "a variant needs `weight`"),
        ("prompts/tone@default.md", "---\nweight: 1\n---\nx", "`default` is the block itself"),
        ("prompts/tone@a b.md", "---\nweight: 1\n---\nx", "a variant is called prompts/NAME@VARIANT.md"),
        ("prompts/tone@.md", "---\nweight: 1\n---\nx", "a variant is called prompts/NAME@VARIANT.md"),
        ("prompts/tone@a@b.md", "---\nweight: 1\n---\nx", "a variant is called prompts/NAME@VARIANT.md"),
        ("prompts/tone@warm.md", "---\nweight: -1\n---\nx", "`weight`"),
        ("prompts/tone@warm.md", "---\nweight: 5\n---\nIn $tone.", "unknown"),
        ("prompts/tone@warm.md", "---\nweight: 5\n---\n{{> tone}}", "includes itself"),
        ("prompts/tone@warm.md", "---\nweight: 5\n---\n{{> none}}", "unknown block"),
    ])
    func `what is wrong with a variant is told with its file`(_ path: String, _ text: String, _ problem: String) {
        let load = Self.load(["prompts/tone.md": "Be kind.", path: text])
        #expect(load.project == nil)
        let told = load.problems.contains { "\($0)".contains(path) && "\($0)".contains(problem) }
        #expect(told, "\(load.report(.english))")
    }

    @Test func `variants of no weight at all, and a weight without variants, are told`() {
        let none = Self.load(["prompts/tone@a.md": "---\nweight: 0\n---\na", "prompts/tone@b.md": "---\nweight: 0\n---\nb"])
        #expect(none.project == nil && none.report(.english).contains("no variant of `tone` has a weight over 0"))
        let alone = Self.load(["prompts/tone.md": "---\nweight: 10\n---\nBe kind."])
        #expect(alone.project != nil && alone.report(.english).contains("without variants means nothing"))
    }

    @Test func `blocks in blocks, variants among them, say what each agent is told and which agents are told it`() throws {
        let load = Self.load([
            "prompts/tone.md": "Be kind. {{> rules}}", "prompts/tone@warm.md": "---\nweight: 50\n---\nBe warm. {{> extra}}",
            "prompts/rules.md": "No lies.", "prompts/extra.md": "Smile.", "prompts/unused.md": "x",
        ])
        #expect(load.problems.isEmpty, "\(load.report(.english))")
        let project = try #require(load.project)
        let prompts = ProjectPrompts(files: project.snapshot.files)
        #expect(prompts.prompts.map(\.name) == ["agent:clerk", "extra", "rules", "tone", "tone@warm", "unused"])
        #expect(prompts["extra"]?.usedBy == ["clerk"] && prompts["unused"]?.usedBy == [])
        #expect(prompts["tone@warm"]?.kind == .variant && prompts["agent:clerk"]?.includes == ["tone"])
        let template = try #require(project.agent(for: nil)).instructions
        #expect(try template.render(variables: [:], language: "en", variants: ["tone": "warm"]).contains("Be warm. Smile."))
        #expect(try template.render(variables: [:], language: "en", variants: ["tone": "default"]).contains("Be kind. No lies."))
    }

    @Test func `a preview is what a model would be told, and says what is wrong with values and text`() throws {
        let load = Self.load(
            ["prompts/tone.md": "Be kind to $who.", "prompts/tone@warm.md": "---\nweight: 50\n---\nBe warm to $who."],
            agent: "CTR: > $goal%. {{> tone}}"
        )
        #expect(load.project == nil, "the variables are declared by nobody")
        let project = try #require(
            ProjectFixture.load([
                "agents/clerk.md": "---\nvariables: { goal: { type: number, default: 1.5 }, who: {} }\n---\nCTR: > $goal%. {{> tone}}",
                "prompts/tone.md": "Be kind to $who.", "prompts/tone@warm.md": "---\nweight: 50\n---\nBe warm to $who.",
                "rehearsals/clerk.yaml": nil,
            ]).project
        )
        func preview(_ name: String, _ change: (inout PromptPreview.Wish) -> Void) throws -> PromptPreview {
            var wish = PromptPreview.Wish(name: name, language: "en", user: "usr_a")
            change(&wish)
            return try PromptPreview(wish, files: project.snapshot.files, values: project.variables)
        }
        #expect(
            try preview("agent:clerk") { ($0.variables, $0.variants) = (["who": "Ana"], ["tone": "warm"]) }.text
                == "CTR: > 1.5%. Be warm to Ana."
        )
        #expect(try preview("tone@warm") { $0.variables = ["who": "Ana", "goal": 3] }.text == "Be warm to Ana.")
        #expect(try preview("tone") { ($0.body, $0.variables) = ("Dear $who, $goal", ["who": "B", "goal": 2]) }.text == "Dear B, 2")
        for (name, change, field) in [
            ("agent:clerk", { $0.variables = ["goal": "much", "who": "x"] }, "variables.goal"), ("agent:clerk", { _ in }, "variables"),
            ("tone", { ($0.body, $0.variables) = ("$nobody ${goal +}", ["who": "x"]) }, "text"),
            ("tone", { $0.agent = "none" }, "agent"),
        ] as [(String, (inout PromptPreview.Wish) -> Void, String)] {
            let failure = #expect(throws: PromptPreview.Failure.self) { try preview(name, change) }
            #expect(failure?.problems.first?.field == field)
        }
    }
}
