public import BatutaStorage

/// What a worker does for the jobs of a kind.
///
/// A job whose worker was gone is done again, so `perform` has to bear that; or what it writes is committed together with the job's end (`JobResult.done`).
public struct JobHandler: Sendable {
    public var kind: String
    public var backoff: JobBackoff
    public var perform: @Sendable (JobContext) async throws -> JobResult

    public init(_ kind: String, backoff: JobBackoff = JobBackoff(), _ perform: @escaping @Sendable (JobContext) async throws -> JobResult) {
        self.kind = kind
        self.backoff = backoff
        self.perform = perform
    }
}

/// What a handler gets.
public struct JobContext: Sendable {
    public let job: Job
    let handle: JobHandle

    /// Why the task was cancelled; nil while it is not. Also true of work that the task's own cancellation does not reach.
    public var interruption: JobInterruption? { handle.interruption }
}

/// Why a job that runs is cut (as DESIGN §9.5 has it for runs). Set before its task is cancelled.
public enum JobInterruption: Sendable, Hashable {
    /// Somebody wants it to end.
    case cancel
    /// The process leaves: another one goes on with the job.
    case drain
    /// The job is another worker's.
    case leaseLost
}

/// What came of an attempt that did not fail.
public enum JobResult: Sendable {
    /// Statements that are committed together with the job's end, or not at all when its lease was lost.
    case done(writing: (@Sendable (inout WriteBatch) -> Void)?)
    /// There is more to do: the same job, after this time, with all its attempts before it.
    case again(after: Duration)

    public static let done = JobResult.done(writing: nil)
}
