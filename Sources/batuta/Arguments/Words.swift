/// A text in the two languages that Batuta speaks.
struct Words: Sendable {
    let english: String
    let portuguese: String

    init(_ english: String, _ portuguese: String) {
        self.english = english
        self.portuguese = portuguese
    }

    func callAsFunction(_ language: Language) -> String { language == .portuguese ? portuguese : english }
}

/// The language of the commands' messages.
enum Language: String, Sendable {
    case english = "en"
    case portuguese = "pt-BR"

    /// From `LC_ALL`, `LC_MESSAGES` or `LANG`, the first that is set (POSIX).
    init(environment: [String: String]) {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        self = locale.lowercased().hasPrefix("pt") ? .portuguese : .english
    }
}
