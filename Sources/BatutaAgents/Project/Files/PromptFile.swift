import BatutaCore

/// The front matter of prompts/NAME.md.
struct PromptFile: Sendable {
    var description: String?
    var weight: Int?

    static let shape = Shape.record(
        PromptFile(),
        Words("a prompt's front matter", "o cabeçalho de um prompt"),
        [
            Field("description", \.description, .text(atMost: 10_000), Words("What the block is for.", "Para que serve o bloco.")),
            Field(
                "weight",
                \.weight,
                .whole(0...1_000_000),
                Words(
                    "How often this variant is chosen, against the others'.",
                    "Quantas vezes esta variante é escolhida, em relação às outras."
                )
            ),
        ]
    )
}
