import BatutaCore

/// A short, harmless quotation of foreign bytes for an error message.
enum Excerpt {
    static let length = 200

    /// The beginning of foreign bytes.
    static func text(of bytes: some Collection<UInt8>, hiding secrets: SecretPatterns) -> String {
        text(String(decoding: bytes.prefix(length * 20), as: UTF8.self), hiding: secrets)
    }

    /// Masks before it cuts, so that no part of a secret is left over.
    static func text(_ text: String, hiding secrets: SecretPatterns) -> String {
        var filter = OutputFilter(secrets)
        var shown = filter.push(text)
        if text.utf8.count < length { shown += filter.finish() }
        return cut(shown)
    }

    /// Printable text without line breaks, at most `length` characters.
    static func cut(_ text: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if shown.count >= length {
                shown.append("…")
                break
            }
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            let isSpace = isControl || scalar == " "
            if isSpace, shown.last == " " || shown.isEmpty { continue }
            shown.append(isSpace ? " " : scalar)
        }
        return String(shown)
    }
}
