/// What goes first within a tenant's jobs of a queue. Any number between the named ones does as well; the lower goes first.
public struct JobPriority: Sendable, Hashable, Comparable {
    public var rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    public static let high = JobPriority(rawValue: 10)
    public static let normal = JobPriority(rawValue: 50)
    public static let low = JobPriority(rawValue: 90)

    public static func < (left: JobPriority, right: JobPriority) -> Bool { left.rawValue < right.rawValue }
}
