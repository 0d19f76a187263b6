import BatutaCore

/// Where an answer came from that no model was asked for.
enum CacheWords {
    /// - Parameter usage: The data of a `usage` event.
    /// - Returns: nil when a model was asked.
    static func text(_ usage: JSON, _ language: Language) -> String? {
        guard let cache = usage["cache"]?.string else { return nil }
        let saved = usage["saved_usd"].flatMap(NanoUSD.read).map { " " + NanoUSD.text($0, language) }
        let words = Words(
            "from the cache (\(cache))\(saved.map { ", saved\($0)" } ?? "")",
            "do cache (\(cache))\(saved.map { ", poupou\($0)" } ?? "")"
        )
        return words(language)
    }
}
