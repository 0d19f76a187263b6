/// The words of a question, for looking through texts that no index holds: without accents and endings, in Portuguese and English.
public struct SearchWords: Sendable {
    private let terms: Set<String>

    public init(_ question: String) { terms = Set(FactText.terms(of: question)) }

    public var isEmpty: Bool { terms.isEmpty }

    /// How often each of the words is in a text; words that are not in it are left out.
    public func counts(in text: String) -> [String: Int] {
        FactText.terms(of: text).reduce(into: [:]) { counts, term in
            if terms.contains(term) { counts[term, default: 0] += 1 }
        }
    }

    /// The part of a text around the first of the words, at most so many characters, on one line.
    public func snippet(of text: String, characters: Int) -> String {
        let words = text.split { $0.isWhitespace }
        let hit = words.firstIndex { !counts(in: String($0)).isEmpty } ?? 0
        var (first, last, length) = (hit, hit, words.isEmpty ? 0 : words[hit].count)
        while length < characters, first > 0 || last + 1 < words.count {
            if first > 0 {
                first -= 1
                length += words[first].count + 1
            }
            if last + 1 < words.count, length < characters {
                last += 1
                length += words[last].count + 1
            }
        }
        guard !words.isEmpty else { return "" }
        let cut = words[first...last].joined(separator: " ").prefix(characters)
        return (first > 0 ? "…" : "") + cut + (last + 1 < words.count ? "…" : "")
    }
}
