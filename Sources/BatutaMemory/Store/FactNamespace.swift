public import BatutaCore

/// A namespace as one user has it.
public struct FactNamespace: Sendable, Hashable {
    public var name: String
    public var count: Int
    public var updatedAt: Timestamp

    public var json: JSON {
        ["namespace": .string(name), "count": .int(Int64(count)), "updated_at": .string(updatedAt.rfc3339)]
    }
}
