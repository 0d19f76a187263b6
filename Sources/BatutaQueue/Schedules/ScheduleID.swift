public import BatutaCore

/// A schedule, from the moment that a node first saw it.
public struct ScheduleID: Identifier {
    public static let prefix = "sch_"
    public let rawValue: String
    public init(trusted rawValue: String) { self.rawValue = rawValue }
}
