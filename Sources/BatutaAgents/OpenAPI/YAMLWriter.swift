import BatutaCore

/// Writes values as block YAML that people can read and change: texts in quotes, small values on one line.
struct YAMLWriter {
    private(set) var text = ""

    mutating func comment(_ words: String) {
        text += "# \(words.split(whereSeparator: \.isNewline).joined(separator: " "))\n"
    }

    mutating func member(_ key: String, _ value: JSON, comment: String? = nil) {
        write(key, value, indent: 0)
        if let comment {
            text.removeLast()
            text += "   # \(comment)\n"
        }
    }

    private mutating func write(_ key: String, _ value: JSON, indent: Int) {
        text += String(repeating: " ", count: indent) + Self.key(key) + ":"
        write(value, indent: indent)
    }

    private mutating func write(_ value: JSON, indent: Int) {
        let line = Self.line(value)
        let isShort = line.utf8.count + indent < 100 || value.object == nil && value.array == nil
        if isShort {
            text += " \(line)\n"
        } else if let object = value.object {
            text += "\n"
            for (key, member) in object { write(key, member, indent: indent + 2) }
        } else {
            text += "\n"
            for element in value.array ?? [] {
                text += String(repeating: " ", count: indent + 2) + "-"
                write(element, indent: indent + 4)
            }
        }
    }

    /// In flow style, which is JSON with bare keys.
    private static func line(_ value: JSON) -> String {
        switch value {
        case .object(let object):
            object.isEmpty ? "{}" : "{ " + object.map { "\(key($0.key)): \(line($0.value))" }.joined(separator: ", ") + " }"
        case .array(let elements): "[" + elements.map(line).joined(separator: ", ") + "]"
        case .string(let text) where isPlain(text): text
        default: value.text
        }
    }

    private static func key(_ key: String) -> String { isPlain(key) ? key : JSON.string(key).text }

    /// Words that YAML takes for nothing else.
    private static func isPlain(_ text: String) -> Bool {
        let words: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        guard let first = text.utf8.first, text.utf8.count <= 60, !words.contains(text.lowercased()) else { return false }
        return (65...90).contains(first & 0xDF)
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0 | 0x20) || $0 == UInt8(ascii: "_") }
    }
}
