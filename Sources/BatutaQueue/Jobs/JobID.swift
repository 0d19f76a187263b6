public import BatutaCore

/// A job, from the moment that it is wanted.
public struct JobID: Identifier {
    public static let prefix = "job_"
    public let rawValue: String
    public init(trusted rawValue: String) { self.rawValue = rawValue }
}
