/// One way in which a value does not fit its schema, in words that a model can act on.
public struct SchemaViolation: Sendable, Hashable, CustomStringConvertible {
    /// JSON Pointer of the value, or of the object that lacks something; empty for the whole value.
    public var pointer: String
    /// The keyword that is not met: `type`, `enum`, `required` …; `limit` when checking was given up as too much work.
    public var keyword: String
    /// What is wrong and what to write instead.
    public var message: String

    public init(pointer: String, keyword: String, message: String) {
        self.pointer = pointer
        self.keyword = keyword
        self.message = message
    }

    public var description: String { message }
}
