public import BatutaCore

/// That somebody read or changed what is known of another.
public struct MemoryNote: Sendable, Hashable {
    public var number: Int64
    public var at: Timestamp
    public var by: String
    /// Whose facts they were.
    public var owner: String
    /// `read`, `delete` or `delete_all`.
    public var action: String
    public var factID: FactID?

    public var json: JSON {
        [
            "at": .string(at.rfc3339), "by": .string(by), "user_id": .string(owner), "action": .string(action),
            "memory_id": factID.map { .string($0.rawValue) } ?? .null,
        ]
    }
}
