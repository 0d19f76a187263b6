/// Letters without their accents: how texts of people are compared.
public enum PlainLetters {
    /// The words of a text in small letters without accents, in order: runs of letters and digits.
    public static func words(of text: String) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        func end() {
            if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
            word.removeAll(keepingCapacity: true)
        }
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                if let plain = plain(UInt8(scalar.value)) { word.append(plain) } else { end() }
            } else if let plain = plain(scalar) {
                word += plain.utf8
            } else if !isAccent(scalar) {
                end()
            }
        }
        end()
        return words
    }

    /// Combining accents, as in decomposed text.
    public static func isAccent(_ scalar: Unicode.Scalar) -> Bool { (0x300...0x36f).contains(scalar.value) }

    /// The letter or digit in small letters; nil for whatever ends a word.
    public static func plain(_ ascii: UInt8) -> UInt8? {
        switch ascii {
        case 97...122, 48...57: ascii
        case 65...90: ascii + 32
        default: nil
        }
    }

    /// The same without accents, for letters beyond ASCII.
    public static func plain(_ scalar: Unicode.Scalar) -> String? {
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
