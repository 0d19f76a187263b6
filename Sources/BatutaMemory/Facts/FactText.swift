/// How facts and questions are compared: in small letters without accents, by words without their endings, in Portuguese and English alike.
enum FactText {
    /// Two texts with the same key say the same: only letters, digits and the spaces between words count.
    static func key(_ text: String) -> String {
        let words = words(of: text)
        return words.isEmpty ? text : words.joined(separator: " ")
    }

    /// The terms by which a text is found, in order, with repetitions.
    static func terms(of text: String) -> [String] {
        words(of: text).filter { !commonWords.contains($0) }.map(stem)
    }

    static func words(of text: String) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        func end() {
            if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
            word.removeAll(keepingCapacity: true)
        }
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                if let plain = PlainLetters.plain(UInt8(scalar.value)) { word.append(plain) } else { end() }
            } else if let plain = PlainLetters.plain(scalar) {
                word += plain.utf8
            } else if !PlainLetters.isAccent(scalar) {
                end()
            }
        }
        end()
        return words
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

/// Letters without their accents.
enum PlainLetters {
    /// Combining accents, as in decomposed text.
    static func isAccent(_ scalar: Unicode.Scalar) -> Bool { (0x300...0x36f).contains(scalar.value) }

    /// The letter or digit in small letters; nil for whatever ends a word.
    static func plain(_ ascii: UInt8) -> UInt8? {
        switch ascii {
        case 97...122, 48...57: ascii
        case 65...90: ascii + 32
        default: nil
        }
    }

    /// The same without accents, for letters beyond ASCII.
    static func plain(_ scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0xc0...0xff: return latin[Int(scalar.value - 0xc0)]
        case 0x100...0x17f: return extended.first { $0.range.contains(scalar.value) }?.letter ?? String(scalar)
        default:
            guard scalar.properties.isAlphabetic || scalar.properties.numericType != nil else { return nil }
            return scalar.properties.lowercaseMapping
        }
    }

    /// U+00C0 to U+00FF.
    private static let latin: [String?] = {
        let capitals: [String?] = [
            "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i", "d", "n", "o", "o", "o", "o", "o", nil, "o",
            "u",
            "u", "u", "u", "y", "th", "ss",
        ]
        return capitals + capitals.dropLast() + ["y"]
    }()

    /// U+0100 to U+017F.
    private static let extended: [(range: ClosedRange<UInt32>, letter: String)] = [
        (0x100...0x105, "a"), (0x106...0x10d, "c"), (0x10e...0x111, "d"), (0x112...0x11b, "e"), (0x11c...0x123, "g"), (0x124...0x127, "h"),
        (0x128...0x131, "i"), (0x134...0x135, "j"), (0x136...0x138, "k"), (0x139...0x142, "l"), (0x143...0x14b, "n"), (0x14c...0x151, "o"),
        (0x152...0x153, "oe"), (0x154...0x159, "r"), (0x15a...0x161, "s"), (0x162...0x167, "t"), (0x168...0x173, "u"), (0x174...0x175, "w"),
        (0x176...0x178, "y"), (0x179...0x17e, "z"), (0x17f...0x17f, "s"),
    ]
}
