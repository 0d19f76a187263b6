import BatutaCore

/// How facts and questions are compared. Whether two facts say the same is a strict matter, since one takes the place of the other; what fits a
/// question is a loose one: small letters without accents, words without their endings, in Portuguese and English alike.
enum FactText {
    /// Two texts with the same key say the same: capitals, white space and a full stop at the end do not count, anything else does ("C++" is
    /// not "C#", "-5" not "5", and "avó" not "avô").
    static func key(_ text: String) -> String {
        let words = text.lowercased().unicodeScalars.split { $0.properties.isWhitespace }
        let line = words.map { String($0) }.joined(separator: " ")
        return line.count > 1 && line.hasSuffix(".") && !line.hasSuffix("..") ? String(line.dropLast()) : line
    }

    /// The terms by which a text is found, in order, with repetitions.
    static func terms(of text: String) -> [String] {
        PlainLetters.words(of: text).filter { !commonWords.contains($0) }.map(stem)
    }

    /// Takes plural and the last vowel away, so that `campanhas` meets `campanha`, and `vegetariana` `vegetariano`. Rough on purpose: it is the
    /// same for the fact and for the question, and ranking forgives.
    static func stem(_ word: String) -> String {
        let count = word.utf8.count
        guard count > 3, word.utf8.allSatisfy({ (97...122).contains($0) }) else { return word }
        var stem = singular(word, count)
        if stem.utf8.count > 4, let last = stem.utf8.last, vowels.contains(last) { stem.removeLast() }
        return stem
    }

    private static let vowels: Set<UInt8> = Set("aeio".utf8)

    private static let plurals: [(ending: String, singular: String)] = [
        ("oes", "ao"), ("aes", "ao"), ("ais", "al"), ("eis", "el"), ("ies", "y"), ("ns", "m"), ("res", "r"), ("zes", "z"), ("ses", "s"),
        ("xes", "x"), ("ches", "ch"), ("shes", "sh"),
    ]

    private static func singular(_ word: String, _ count: Int) -> String {
        guard word.utf8.last == UInt8(ascii: "s"), !word.hasSuffix("ss") else { return word }
        for plural in plurals where word.hasSuffix(plural.ending) && count > plural.ending.utf8.count + 1 {
            return word.dropLast(plural.ending.count) + plural.singular
        }
        return String(word.dropLast())
    }

    /// Words that are in every sentence and find nothing.
    private static let commonWords: Set<String> = [
        "a", "o", "e", "as", "os", "um", "uma", "de", "do", "da", "dos", "das", "em", "no", "na", "nos", "nas", "que", "se", "por", "para",
        "com", "ao", "aos", "sem", "meu", "minha", "meus", "minhas", "seu", "sua", "seus", "suas", "eu", "ele", "ela", "voce", "me", "mim",
        "qual", "quais", "quem", "como", "mais", "muito", "ja", "esta", "este", "esse", "essa", "isso", "foi", "ser", "sao", "tem",
        "the", "an", "of", "to", "in", "on", "at", "for", "and", "or", "is", "are", "was", "be", "it", "its", "this", "that", "with", "my",
        "your", "his", "her", "their", "i", "you", "he", "she", "they", "we", "what", "which", "who", "how", "do", "does", "did", "has",
        "have", "had", "by", "as", "user", "usuario", "usuaria",
    ]
}
