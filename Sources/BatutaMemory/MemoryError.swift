public import BatutaCore

/// What can go wrong with what is known of users.
public struct MemoryError: Error, Sendable, CustomStringConvertible {
    public var code: Code
    /// What happened and what to do.
    public var message: Words
    /// The field of a request that is wrong.
    public var field: String?

    /// Raw values are API.
    public enum Code: String, Sendable, CaseIterable {
        case notFound = "not_found"
        case invalid = "invalid_request"
        /// The user has as many facts as are kept of anybody.
        case full = "memory_full"
        /// Nothing is kept of whoever asks.
        case nobody = "memory_of_nobody"
        /// It was said before the user had everything forgotten.
        case forgotten = "memory_forgotten"
        /// Others change the same user's facts all the time; nothing was done.
        case conflict
    }

    public init(_ code: Code, _ message: Words, field: String? = nil) {
        self.code = code
        self.message = message
        self.field = field
    }

    /// For logs and models, in English.
    public var description: String { message.english }
}
