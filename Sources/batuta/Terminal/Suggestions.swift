import BatutaCore

/// What a person could say to a rehearsal, in one line.
enum Suggestions {
    /// nil when there is nothing to suggest.
    static func text(_ json: JSON?, _ language: Language) -> String? {
        let sentences = (json?.array ?? []).compactMap(\.string).map { "“\($0)”" }
        guard !sentences.isEmpty else { return nil }
        let list = sentences.joined(separator: "  ")
        return Words("You can say: \(list)", "Você pode dizer: \(list)")(language)
    }
}
