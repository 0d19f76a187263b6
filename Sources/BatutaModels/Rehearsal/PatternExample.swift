/// Makes something that a person could type out of a regular expression: `(?i)pause (?:a )?campanha (?<name>.+)` → `pause a campanha …`.
///
/// Not a generator of matches but of suggestions: it takes the first of alternatives, keeps optional groups, drops optional single
/// characters, and writes `…` for whatever is free.
struct PatternExample {
    private var rest: Substring
    /// A pattern that nests deeper than anybody writes gives no example.
    private var depth = 0

    /// nil when nothing readable remains.
    static func text(of pattern: String) -> String? {
        var reader = PatternExample(rest: Substring(pattern.prefix(1_000)))
        let text = tidied(reader.alternatives())
        return text.contains { $0.isLetter } ? text : nil
    }

    /// One group's inside: the first alternative that is not empty, up to the closing parenthesis.
    private mutating func alternatives() -> String {
        var chosen = sequence()
        while rest.first == "|" {
            rest.removeFirst()
            let next = sequence()
            if chosen.isEmpty { chosen = next }
        }
        return chosen
    }

    private mutating func sequence() -> String {
        var text = ""
        while let character = rest.first, character != "|", character != ")" {
            text += piece()
        }
        return text
    }

    /// One atom with its quantifier.
    private mutating func piece() -> String {
        let isGroup = rest.first == "("
        let atom = atom()
        guard let quantifier = rest.first, "?*+{".contains(quantifier) else { return atom }
        rest.removeFirst()
        if quantifier == "{", let end = rest.firstIndex(of: "}") { rest = rest[rest.index(after: end)...] }
        if rest.first == "?" || rest.first == "+" { rest.removeFirst() }
        return (quantifier == "?" || quantifier == "*") && !isGroup && atom != "…" ? "" : atom
    }

    private mutating func atom() -> String {
        let character = rest.removeFirst()
        switch character {
        case "(": return group()
        case "[": return characterClass()
        case "\\": return escape()
        case ".": return "…"
        case "^", "$": return ""
        default: return String(character)
        }
    }

    private mutating func group() -> String {
        depth += 1
        defer { depth -= 1 }
        guard depth < 50 else {
            rest = ""
            return ""
        }
        let isNamed = skipGroupHead()
        let inside = alternatives()
        if rest.first == ")" { rest.removeFirst() }
        return isNamed ? "…" : inside
    }

    /// Passes `?:`, `?i:`, `?<name>`, `?P<name>`; flags alone (`?i`) leave an empty group. True for a named group.
    private mutating func skipGroupHead() -> Bool {
        guard rest.first == "?" else { return false }
        let head = rest.prefix { $0 != ":" && $0 != ">" && $0 != ")" }
        rest = rest.dropFirst(head.count)
        if rest.first == ":" || rest.first == ">" { rest.removeFirst() }
        return head.contains("<")
    }

    /// The first character of a class, or `…` for a negated one or a range of characters.
    private mutating func characterClass() -> String {
        guard let end = rest.dropFirst().firstIndex(of: "]") else {
            rest = ""
            return ""
        }
        let members = rest[..<end]
        rest = rest[rest.index(after: end)...]
        guard let first = members.first, first != "^", first != "\\", !members.dropFirst().contains("-") else { return "…" }
        return String(first)
    }

    private mutating func escape() -> String {
        guard let character = rest.popFirst() else { return "" }
        switch character {
        case "s": return " "
        case "d", "w", "S", "D", "W", "p", "P": return "…"
        case "b", "B", "A", "z": return ""
        default: return String(character)
        }
    }

    /// Single spaces, and one `…` for several.
    private static func tidied(_ text: String) -> String {
        let spaced = text.split(separator: "…", omittingEmptySubsequences: false).joined(separator: " … ")
        var words: [Substring] = []
        for word in spaced.split(separator: " ") where !(word == "…" && words.last == "…") { words.append(word) }
        return words.joined(separator: " ")
    }
}
