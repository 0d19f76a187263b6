public import BatutaCore

/// A job as it stands in the store. Times are the database's.
public struct Job: Sendable, Hashable {
    public var id: JobID
    public var tenant: String
    public var user: String?
    public var queue: String
    public var kind: String
    public var payload: JSON
    public var uniqueKey: String?
    public var priority: JobPriority
    public var status: JobStatus
    /// Attempts that began.
    public var attempts: Int
    public var maximumAttempts: Int
    public var period: Duration?
    /// When it may begin, or could.
    public var runAt: Timestamp
    /// Raised with every change of hands: who names an older one writes nothing.
    public var fence: Int64
    /// The process that has it.
    public var owner: String?
    /// Somebody wants it to end; its worker was not there yet.
    public var isCancelling: Bool
    /// Why it is a dead letter.
    public var reason: JobReason?
    /// What went wrong at the last attempt that failed, in English.
    public var error: String?
    public var createdAt: Timestamp
    public var startedAt: Timestamp?
    public var endedAt: Timestamp?

    var lane: Lane { Lane(queue: queue, tenant: tenant) }
}

/// A tenant's jobs of a queue: what is served in turn.
struct Lane: Sendable, Hashable {
    var queue: String
    var tenant: String
}
