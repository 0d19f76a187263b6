/// Why a regular expression was refused.
public struct PatternError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Stable words for programs.
    public enum Code: String, Sendable, CaseIterable {
        /// Longer than `Pattern.longestPattern`.
        case tooLong = "too_long"
        /// RE2 does not take it: wrong syntax, or something that needs backtracking (look-around, back references).
        case invalid
        /// The compiled form would not fit its memory.
        case tooLarge = "too_large"
    }

    public var code: Code
    /// What is wrong and what to do, after what RE2 says.
    public var message: Words

    public init(_ code: Code, _ message: Words) {
        self.code = code
        self.message = message
    }

    /// For logs and models, which read English.
    public var description: String { message.english }
}
