/// A typed identifier: a prefix and 26 Crockford base32 characters of a UUIDv7 (DESIGN §9.8), so identifiers sort by the time they were made.
public protocol Identifier: Hashable, Sendable, Comparable, CustomStringConvertible, LosslessStringConvertible {
    static var prefix: String { get }
    var rawValue: String { get }
    /// Takes text that is already known to be such an identifier.
    init(trusted rawValue: String)
}

extension Identifier {
    public var description: String { rawValue }

    /// nil when the text is not this kind of identifier.
    public init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), CrockfordBase32.isIdentifier(text.utf8.dropFirst(Self.prefix.utf8.count)) else { return nil }
        self.init(trusted: text)
    }

    public static func make(at now: Timestamp, random: any RandomSource) -> Self {
        Self(trusted: CrockfordBase32.uuidv7(Self.prefix, at: now, random: random))
    }

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

public struct SessionID: Identifier {
    public static let prefix = "ses_"
    public let rawValue: String
    public init(trusted rawValue: String) { self.rawValue = rawValue }
}

public struct RunID: Identifier {
    public static let prefix = "run_"
    public let rawValue: String
    public init(trusted rawValue: String) { self.rawValue = rawValue }
}

public struct MessageID: Identifier {
    public static let prefix = "msg_"
    public let rawValue: String
    public init(trusted rawValue: String) { self.rawValue = rawValue }
}

public struct CallID: Identifier {
    public static let prefix = "call_"
    public let rawValue: String
    public init(trusted rawValue: String) { self.rawValue = rawValue }
}

public struct ApprovalID: Identifier {
    public static let prefix = "apr_"
    public let rawValue: String
    public init(trusted rawValue: String) { self.rawValue = rawValue }
}

/// One process at work on a store, from its start to its end.
public struct NodeID: Identifier {
    public static let prefix = "nod_"
    public let rawValue: String
    public init(trusted rawValue: String) { self.rawValue = rawValue }
}

public struct KeyID: Identifier {
    public static let prefix = "key_"
    public let rawValue: String
    public init(trusted rawValue: String) { self.rawValue = rawValue }
}

public struct UserID: Identifier {
    public static let prefix = "usr_"
    public let rawValue: String
    public init(trusted rawValue: String) { self.rawValue = rawValue }
}

public struct FileID: Identifier {
    public static let prefix = "fil_"
    public let rawValue: String
    public init(trusted rawValue: String) { self.rawValue = rawValue }
}
