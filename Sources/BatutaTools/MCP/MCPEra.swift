/// The two ways in which servers of the Model Context Protocol are spoken to. Which one a server speaks is found out by asking it.
enum MCPEra: String, Sendable, Hashable {
    /// Without sessions: every request says by itself who asks and in which version.
    case modern = "2026-07-28"
    /// A handshake first.
    case legacy = "2025-11-25"

    /// Older versions of the handshake whose tools work the same.
    static let olderVersions: Set<String> = ["2025-06-18", "2025-03-26", "2024-11-05"]

    static func accepts(handshake version: String) -> Bool { version == legacy.rawValue || olderVersions.contains(version) }
}
