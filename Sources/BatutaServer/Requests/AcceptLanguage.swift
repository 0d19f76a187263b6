/// Which of the two languages a reader likes best, by `Accept-Language` (RFC 9110 §12.5.4).
enum AcceptLanguage {
    /// `pt-BR` or `en`; nil when the header names neither.
    static func language(_ header: String?) -> String? {
        var best: (language: String, weight: Double)?
        for item in (header ?? "").lowercased().split(separator: ",") {
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard let tag = parts.first, let language = language(tag: tag) else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if weight > (best?.weight ?? 0) { best = (language, weight) }
        }
        return best?.language
    }

    private static func language(tag: String) -> String? {
        switch tag.split(separator: "-").first {
        case "pt": "pt-BR"
        case "en": "en"
        default: nil
        }
    }
}
