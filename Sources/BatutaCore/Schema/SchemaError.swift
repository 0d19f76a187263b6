/// Why a schema cannot be used; found when it is compiled, so that a bad schema never reaches a call.
public struct SchemaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Stable words for programs.
    public enum Code: String, Sendable, CaseIterable {
        /// A keyword's value has the wrong shape.
        case invalidKeyword = "invalid_keyword"
        /// A `$ref` that leads nowhere, or out of this document.
        case unresolvedReference = "unresolved_reference"
        /// A regular expression that RE2 does not take.
        case invalidPattern = "invalid_pattern"
        /// More subschemas than `JSONSchema.mostSubschemas`.
        case tooLarge = "too_large"
    }

    public var code: Code
    /// JSON Pointer of the keyword within the schema.
    public var pointer: String
    /// What is wrong there and what to write instead.
    public var message: Words

    public init(_ code: Code, at pointer: String, _ message: Words) {
        self.code = code
        self.pointer = pointer
        self.message = message
    }

    /// For logs and models, which read English.
    public var description: String { "schema, \(pointer.isEmpty ? "at the top" : "at `\(pointer)`"): \(message.english)" }
}
