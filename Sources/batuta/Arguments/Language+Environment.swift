import BatutaCore

extension Language {
    /// From `LC_ALL`, `LC_MESSAGES` or `LANG`, the first that is set (POSIX).
    init(environment: [String: String]) {
        self.init(tag: ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? "")
    }
}
