import BatutaCore
import Testing

/// Which variant of a prompt somebody has (S2.127).
@Suite struct PromptChoiceTests {
    static func choice(_ weights: [String: Int], prompt: String = "tone") -> PromptChoice {
        let options = weights.sorted { $0.key < $1.key }.map { name, weight in
            PromptChoice.Option(variant: name, weight: weight, parts: [.text("<\(name)>")])
        }
        return PromptChoice(prompt: prompt, options: options)
    }

    static let people = (0..<20_000).map { "usr_\($0)" }

    static func chosen(_ choice: PromptChoice) -> [String] { people.map { choice.variant(for: $0) ?? "" } }

    @Test func `S2.127 somebody has the same variant each time, and another prompt is another matter`() {
        let choice = Self.choice(["a": 50, "b": 50]), other = Self.choice(["a": 50, "b": 50], prompt: "style")
        #expect(Self.chosen(choice) == Self.chosen(choice))
        let same = zip(Self.chosen(choice), Self.chosen(other)).count { $0 == $1 }
        #expect((9_500...10_500).contains(same), "\(same)")
        #expect(choice.variant(for: "usr_1", tenant: "x") != nil)
    }

    @Test(arguments: [["a": 50, "b": 50], ["a": 90, "b": 10], ["a": 1, "b": 2, "c": 7], ["a": 1_000_000, "b": 1], ["a": 0, "b": 3]])
    func `as many people have a variant as its weight says`(_ weights: [String: Int]) {
        let chosen = Self.chosen(Self.choice(weights))
        let total = weights.values.reduce(0, +)
        for (name, weight) in weights {
            let share = Double(chosen.count { $0 == name }) / Double(chosen.count)
            #expect(abs(share - Double(weight) / Double(total)) < 0.012, "\(name): \(share)")
        }
        if weights["a"] == 0 { #expect(!chosen.contains("a")) }
    }

    @Test func `when a weight changes only those move who have to`() {
        let before = Self.chosen(Self.choice(["a": 50, "b": 25, "c": 25])), after = Self.chosen(Self.choice(["a": 50, "b": 25, "c": 75]))
        let moved = zip(before, after).filter { $0 != $1 }
        #expect(moved.allSatisfy { $0.1 == "c" }, "whoever moves goes to the variant that became heavier")
        let added = Self.chosen(Self.choice(["a": 50, "b": 25, "c": 25, "d": 10]))
        #expect(zip(before, added).filter { $0 != $1 }.allSatisfy { $0.1 == "d" })
    }

    @Test func `without any weight nobody has a variant, and a variant that is gone is answered with the heaviest`() throws {
        #expect(Self.choice(["a": 0]).variant(for: "usr_1") == nil)
        let template = PromptTemplate(parts: [.text("x"), .choice(Self.choice(["a": 10, "b": 90]))])
        #expect(try template.render(variables: [:], language: "en", variants: ["tone": "a"]) == "x<a>")
        #expect(try template.render(variables: [:], language: "en", variants: ["tone": "gone"]) == "x<b>")
        #expect(try template.render(variables: [:], language: "en") == "x<b>")
    }

    @Test func `a variant within a variant counts only where it is in the prompt, and the same prompt twice is the same variant`() throws {
        let inner = PromptTemplate.Part.choice(Self.choice(["x": 1, "y": 1], prompt: "inner"))
        let outer = PromptChoice(
            prompt: "outer",
            options: [
                PromptChoice.Option(variant: "deep", weight: 50, parts: [inner, .variable("name"), inner]),
                PromptChoice.Option(variant: "flat", weight: 50, parts: [.text("flat")]),
            ]
        )
        let template = PromptTemplate(parts: [.choice(outer)])
        #expect(template.names == ["name"])
        for person in Self.people.prefix(200) {
            let variants = template.variants(for: person)
            let text = try template.render(variables: ["name": "-"], language: "en", variants: variants)
            if variants["outer"] == "flat" {
                #expect(variants == ["outer": "flat"] && text == "flat")
            } else {
                let name = try #require(variants["inner"])
                #expect(text == "<\(name)>-<\(name)>")
            }
        }
    }
}
