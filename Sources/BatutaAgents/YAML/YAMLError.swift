public import BatutaCore

/// Why a file is not YAML that Batuta reads, and where.
public struct YAMLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Stable words for programs.
    public enum Code: String, Sendable, CaseIterable {
        /// More than `YAML.longestFile` bytes.
        case tooLong = "too_long"
        /// Nested deeper than `YAML.deepest`.
        case tooDeep = "too_deep"
        /// More values than `YAML.mostNodes`, aliases counted as what they stand for.
        case tooLarge = "too_large"
        case invalidUTF8 = "invalid_utf8"
        case syntax
        case duplicateKey = "duplicate_key"
        /// A key that is a list, a mapping or empty, or YAML 1.1's `<<`.
        case invalidKey = "invalid_key"
        case severalDocuments = "several_documents"
        /// A tag outside the core schema, or one that its value does not fit.
        case invalidTag = "invalid_tag"
        case unknownAlias = "unknown_alias"
        /// `.inf`, `.nan`, or more figures than anybody writes.
        case invalidNumber = "invalid_number"
        case outOfMemory = "out_of_memory"
    }

    public var code: Code
    /// What is wrong and what to do, without the place.
    public var message: Words
    /// Counted from 1.
    public var line: Int
    public var column: Int
    /// What to write instead, when that is known.
    public var hint: Words?

    public init(_ code: Code, _ message: Words, line: Int, column: Int = 1, hint: Words? = nil) {
        self.code = code
        self.message = message
        self.line = line
        self.column = column
        self.hint = hint
    }

    /// For logs, which are in English.
    public var description: String { "line \(line), column \(column): \(message.english)" }

    static func tooLong(_ bytes: Int, line: Int) -> YAMLError {
        let message = Words(
            "the file has \(bytes) bytes; at most \(YAML.longestFile) are read",
            "o arquivo tem \(bytes) bytes; o limite é \(YAML.longestFile)"
        )
        return YAMLError(.tooLong, message, line: line)
    }

    static func invalidUTF8(line: Int) -> YAMLError {
        let message = Words("the file is not valid UTF-8; save it as UTF-8", "o arquivo não é UTF-8 válido; salve-o como UTF-8")
        return YAMLError(.invalidUTF8, message, line: line)
    }
}
