import BatutaCore

/// The front matter of prompts/NAME.md.
struct PromptFile: Sendable {
    var description: String?
    var weight: Int?

    static let shape = Shape.record(
        PromptFile(),
        "a prompt's front matter",
        [
            Field("description", \.description, .text(atMost: 10_000), "What the block is for."),
            Field("weight", \.weight, .whole(0...1_000_000), "How often this variant is chosen, against the others'."),
        ]
    )
}
