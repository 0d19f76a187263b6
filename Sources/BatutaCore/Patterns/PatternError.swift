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
    /// What is wrong and what to do, with RE2's own words.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
