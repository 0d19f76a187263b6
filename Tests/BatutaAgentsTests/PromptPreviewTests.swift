import BatutaAgents
import BatutaCore
import Testing

@Suite struct PromptPreviewTests {
    private static let files: [String: String] = [
        "batuta.yaml": "name: test\nmodels: { default: { provider: rehearsal, model: x } }\n",
        "agents/clerk.md": "Sell.\n{{> tone}}\n",
        "prompts/tone.md": "Be kind.\n", "prompts/tone@warm.md": "---\nweight: 0\n---\nBe warm.\n{{> closing}}\n",
        "prompts/closing.md": "Bye.\n", "prompts/closing@short.md": "---\nweight: 1000000\n---\nB.\n",
    ]

    private func preview(_ variants: [String: String]) throws -> PromptPreview {
        var wish = PromptPreview.Wish(name: "agent:clerk", language: "en", user: "usr_1")
        wish.variants = variants
        return try PromptPreview(wish, files: Self.files.mapValues { Array($0.utf8) }, values: [:])
    }

    @Test func `S2.127 what a chosen variant includes has its variants too`() throws {
        #expect(try preview([:]).variants == ["tone": "default"])
        let warm = try preview(["tone": "warm"])
        let closing = try #require(warm.variants["closing"])
        #expect(warm.text.contains(closing == "short" ? "B." : "Bye."))
        #expect(try preview(["tone": "warm", "closing": "default"]).text.contains("Bye."))
        #expect(try preview(["tone": "warm", "closing": "short"]).text.contains("B."))
    }

    @Test(arguments: [["tone": "cold"], ["tune": "warm"], ["clerk": "default"]])
    func `a variant that there is not is refused with its name`(_ variants: [String: String]) {
        let failure = #expect(throws: PromptPreview.Failure.self) { try preview(variants) }
        #expect(failure?.problems.map(\.field) == variants.keys.map { "variants.\($0)" })
    }
}
