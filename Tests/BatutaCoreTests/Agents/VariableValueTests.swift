import BatutaCore
import Testing

/// Values of prompt variables have the types that the agent declares (S2.111).
@Suite struct VariableValueTests {
    static let declared = [
        VariableDeclaration(name: "goal", type: "number"), VariableDeclaration(name: "count", type: "integer"),
        VariableDeclaration(name: "tone", type: "string"), VariableDeclaration(name: "loud", type: "boolean"),
    ]

    @Test(
        arguments: [
            ("goal", 1.5, true), ("goal", "1.5", false), ("goal", 2, true), ("count", 2, true), ("count", 2.5, false), ("count", 2.0, true),
            ("tone", "warm", true), ("tone", "", true), ("tone", 3, false), ("tone", .null, false), ("tone", ["a"], false),
            ("loud", true, true),
            ("loud", "true", false), ("loud", 1, false), ("goal", ["a": 1], false), ("language", "pt-BR", true), ("language", 1, false),
            ("other", "x", false),
        ] as [(String, JSON, Bool)]
    )
    func `S2.111 a value of another type, or of no variable, is told by name`(_ name: String, _ value: JSON, _ fits: Bool) {
        let problems = VariableDeclaration.problems(with: JSONObject([(name, value)]), declared: Self.declared)
        #expect(problems.map(\.name) == (fits ? [] : [name]))
        #expect(problems.allSatisfy { !$0.message.english.isEmpty && $0.message.english != $0.message.portuguese })
    }

    @Test func `everything that is wrong is told at once, in the order in which it was written`() {
        let problems = VariableDeclaration.problems(with: ["tone": 1, "goal": 2, "x": 1, "loud": 0], declared: Self.declared)
        #expect(problems.map(\.name) == ["tone", "x", "loud"])
    }
}
