import BatutaCore

/// A question cut into words and numbers.
enum QuestionTokens {
    struct Token: Sendable, Hashable {
        /// In small letters without accents; of a number its figures with their separators: `10:30`, `1.5`, `2024-05-01`.
        var plain: String
        /// It bears a capital letter where its place does not ask for one.
        var isName: Bool
    }

    static func tokens(of text: String) -> [Token] {
        var tokens: [Token] = [], word = String.UnicodeScalarView()
        var isFirst = true
        let scalars = Array(text.unicodeScalars)
        func end() {
            guard let token = token(word, isFirst: isFirst) else { return }
            tokens.append(token)
            (word, isFirst) = (String.UnicodeScalarView(), false)
        }
        for (index, scalar) in scalars.enumerated() {
            let next = index + 1 < scalars.count ? scalars[index + 1] : " "
            if isPart(scalar) || isWithinNumber(scalar, after: word.last, before: next) {
                word.append(scalar)
            } else if scalar != "'" && scalar != "\u{2019}" {
                end()
                if ".!?\n".unicodeScalars.contains(scalar) { isFirst = true }
            }
        }
        end()
        return tokens
    }

    /// The value of a number in figures or words; nil for any other word.
    static func number(_ plain: String) -> String? {
        if plain.utf8.first.map({ (48...57).contains($0) }) == true { return plain }
        return spelt[plain]
    }

    private static func token(_ word: String.UnicodeScalarView, isFirst: Bool) -> Token? {
        guard let first = word.first else { return nil }
        let text = String(word)
        let plain = isFigure(first) ? text.lowercased() : PlainLetters.words(of: text).joined()
        guard !plain.isEmpty else { return nil }
        let capitals = word.count { $0.properties.isUppercase }
        // "I" is no name.
        let isName = isFirst ? capitals > 1 : capitals > 0 && word.count > 1
        return Token(plain: plain, isName: isName)
    }

    private static func isPart(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || isFigure(scalar) || PlainLetters.isAccent(scalar) || "%$€£°+#@_".unicodeScalars.contains(scalar)
    }

    private static func isFigure(_ scalar: Unicode.Scalar) -> Bool { (48...57).contains(scalar.value) }

    private static func isWithinNumber(_ scalar: Unicode.Scalar, after last: Unicode.Scalar?, before next: Unicode.Scalar) -> Bool {
        guard let last, isFigure(last), isFigure(next) else { return false }
        return ".,:/-".unicodeScalars.contains(scalar)
    }

    private static let spelt: [String: String] = [
        "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
        "ten": "10", "eleven": "11", "twelve": "12", "twenty": "20", "thirty": "30", "fifty": "50", "hundred": "100", "thousand": "1000",
        "million": "1000000", "dois": "2", "duas": "2", "tres": "3", "quatro": "4", "cinco": "5", "seis": "6", "sete": "7", "oito": "8",
        "nove": "9", "dez": "10", "onze": "11", "doze": "12", "vinte": "20", "trinta": "30", "cinquenta": "50", "cem": "100", "mil": "1000",
        "milhao": "1000000", "january": "m1", "february": "m2", "march": "m3", "april": "m4", "june": "m6", "july": "m7",
        "august": "m8", "september": "m9", "october": "m10", "november": "m11", "december": "m12", "janeiro": "m1", "fevereiro": "m2",
        "marco": "m3", "abril": "m4", "maio": "m5", "junho": "m6", "julho": "m7", "agosto": "m8", "setembro": "m9", "outubro": "m10",
        "novembro": "m11", "dezembro": "m12",
    ]
}
