/// Where the statement of a tool stands.
public struct StatementPlace: Sendable, Hashable {
    /// Relative to the project's folder.
    public var path: String
    /// Of its first words.
    public var line: Int
}
