import BatutaCore

/// `reasoning` in the words of a provider, as far as its models take them: a word that a model does not know would be refused with 400.
enum EffortWords {
    /// OpenAI takes `none` from gpt-5.1 on; the gpt-5 before that think `minimal` at least, and what always thinks `low` (developers.openai.com,
    /// reasoning guide, 2026-11). Other services' models are asked as they are told.
    static func openAI(_ effort: ReasoningEffort, _ model: String) -> String {
        guard effort == .none else { return effort.rawValue }
        let name = model.split(separator: "/").last.map(String.init) ?? model
        if ["o1", "o3", "o4"].contains(where: { name == $0 || name.hasPrefix($0 + "-") }) { return "low" }
        guard name == "gpt-5" || name.hasPrefix("gpt-5-") else { return "none" }
        return name.hasPrefix("gpt-5-codex") || name.hasPrefix("gpt-5-pro") ? "low" : "minimal"
    }

    /// Gemini 3 and later. The Pro models think a little at least, and the first of them knows no `medium` (ai.google.dev, thinking, 2026-11).
    static func gemini(_ effort: ReasoningEffort, _ model: String) -> String {
        let isPro = model.contains("-pro")
        switch effort {
        case .none: return isPro ? "low" : "minimal"
        case .medium where isPro && model.contains("gemini-3-"): return "high"
        case .low, .medium, .high: return effort.rawValue
        }
    }
}
