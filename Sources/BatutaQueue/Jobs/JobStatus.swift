/// Where a job stands. Raw values are API.
public enum JobStatus: String, Sendable, CaseIterable {
    /// Waits for its time: it was wanted later, or failed and is tried again.
    case scheduled
    /// Waits for a worker.
    case queued
    /// A worker has it.
    case running
    case succeeded
    /// A dead letter: it failed for good, and says why.
    case dead
    case cancelled

    public var isEnded: Bool { self == .succeeded || self == .dead || self == .cancelled }
}
