import BatutaCore

/// How long facts and their names may be.
enum FactBounds {
    static func problem(with new: NewFact) -> MemoryError? {
        if new.text.isEmpty { return MemoryError(.invalid, Words("A fact needs words.", "Um fato precisa de palavras."), field: "fact") }
        if new.text.unicodeScalars.count > Fact.longest {
            let words = Words(
                "A fact has at most \(Fact.longest) characters: keep what matters of it.",
                "Um fato tem no máximo \(Fact.longest) caracteres: guarde só o que importa."
            )
            return MemoryError(.invalid, words, field: "fact")
        }
        if (new.about?.unicodeScalars.count ?? 0) > Fact.longestName { return tooLong("about") }
        if new.namespace.isEmpty || new.namespace.unicodeScalars.count > Fact.longestName { return tooLong("namespace") }
        return nil
    }

    private static func tooLong(_ field: String) -> MemoryError {
        MemoryError(
            .invalid,
            Words(
                "`\(field)` has 1 to \(Fact.longestName) characters.",
                "`\(field)` tem de 1 a \(Fact.longestName) caracteres."
            ),
            field: field
        )
    }

    static func trimmed(_ text: String) -> String {
        let isBlank: (Character) -> Bool = { $0.isWhitespace }
        return String(text.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }
}
