public import BatutaCore

/// Something that is known of a user.
public struct FactID: Identifier {
    public static let prefix = "mem_"
    public let rawValue: String
    public init(trusted rawValue: String) { self.rawValue = rawValue }
}
