import BatutaCore
import BatutaStorage

/// What is to be written of a job when an attempt is over.
enum JobEnding: Sendable, Hashable {
    case succeeded
    case dead(JobReason, error: String)
    case cancelled
    /// It failed and is tried again.
    case retried(after: Duration, error: String)
    /// There is more to do.
    case again(after: Duration)
    /// The process leaves: as if the attempt had not been.
    case givenBack

    /// nil when nothing may be written, because the job is another's.
    ///
    /// - Parameter chance: From 0 to 1.
    init?(
        _ outcome: Result<JobResult, any Error>,
        of job: Job,
        interruption: JobInterruption?,
        backoff: JobBackoff,
        chance: Double,
        text: (any Error) -> String
    ) {
        switch (outcome, interruption) {
        case (_, .leaseLost): return nil
        // What is done is done, whatever was wanted meanwhile.
        case (.success(.done), _): self = .succeeded
        case (_, .cancel): self = .cancelled
        case (.success(.again(let delay)), _): self = .again(after: max(delay, .zero))
        case (.failure, .drain): self = .givenBack
        case (.failure(let error), nil):
            switch FailureVerdict(error, attempts: job.attempts, of: job.maximumAttempts, backoff: backoff, chance: chance) {
            case .again(let delay): self = .retried(after: delay, error: text(error))
            case .dead(let reason): self = .dead(reason, error: text(error))
            }
        }
    }

    /// When a job that goes on may begin again; nil when it ended.
    var delay: Duration? {
        switch self {
        case .succeeded, .dead, .cancelled: nil
        case .retried(let delay, _), .again(let delay): delay
        case .givenBack: .zero
        }
    }

    /// The word for it in metrics.
    var word: String {
        switch self {
        case .succeeded: "succeeded"
        case .dead: "dead"
        case .cancelled: "cancelled"
        case .retried: "retried"
        case .again: "again"
        case .givenBack: "given_back"
        }
    }
}

extension WriteBatch {
    /// What becomes of a job; none of it when the job is another's meanwhile.
    ///
    /// - Parameters:
    ///   - next: The name of the job that follows one that recurs.
    ///   - rows: 1 makes the whole batch depend on it.
    /// - Returns: The statement that says by its rows whether it was still this worker's.
    mutating func add(_ ending: JobEnding, of job: Job, next: @autoclosure () -> JobID, expecting rows: Int? = nil) -> Int {
        let name: [Bind] = [.text(job.tenant), .text(job.id.rawValue), .int(job.fence)]
        let statement =
            switch ending {
            case .succeeded: add(JobStatements.succeed, name, expecting: rows)
            case .dead(let reason, let error):
                add(JobStatements.end, [.text(JobStatus.dead.rawValue), .text(reason.rawValue), .text(error)] + name, expecting: rows)
            case .cancelled: add(JobStatements.end, [.text(JobStatus.cancelled.rawValue), .null, .null] + name, expecting: rows)
            case .retried(let delay, let error): putBack(in: delay, attempts: job.attempts, error: error, name)
            case .again(let delay): putBack(in: delay, attempts: 0, error: nil, name)
            case .givenBack: putBack(in: .zero, attempts: job.attempts - 1, error: nil, name)
            }
        if job.period != nil { addNext(next(), after: job) }
        return statement
    }

    private mutating func putBack(in delay: Duration, attempts: Int, error: String?, _ name: [Bind]) -> Int {
        let status: JobStatus = delay > .zero ? .scheduled : .queued
        return add(
            JobStatements.putBack,
            [.text(status.rawValue), .integer(max(attempts, 0)), .int(delay.inMilliseconds), .optional(error)] + name
        )
    }
}
