@testable import BatutaAgents
import BatutaCore
import Testing

/// A prompt as a fork's dialog is filled in with it.
@Suite struct WrittenPromptTests {
    @Test func `a prompt is told as somebody would write it, and reads as the same`() throws {
        let declared: Set<String> = ["shop", "limit"]
        for text in [
            "You are $shop's clerk.\n\nSpend ${ limit * 2.0 } at most, not `$limit`.", "It costs US$ 5, $shop.", "Write \\$shop for $shop.",
            "$$shop is $shop",
        ] {
            let template = try PromptTemplate.parse(text, declared: declared)
            let written = template.written(variants: [:], declared: declared)
            let again = try PromptTemplate.parse(written, declared: declared)
            let values: [String: JSON] = ["shop": "Ada", "limit": 3]
            #expect(try again.render(variables: values, language: "en") == template.render(variables: values, language: "en"), "\(written)")
        }
        let choice = PromptChoice(
            prompt: "tone",
            options: [
                PromptChoice.Option(variant: "default", weight: 1, parts: [.text("Be kind.")]),
                PromptChoice.Option(variant: "dry", weight: 1, parts: [.text("Be dry, "), .variable("shop")]),
            ]
        )
        let template = PromptTemplate(parts: [.text("Hello. "), .choice(choice)])
        #expect(template.written(variants: ["tone": "dry"], declared: declared) == "Hello. Be dry, $shop")
    }
}
