/// What becomes of a job whose attempt failed.
enum FailureVerdict: Sendable, Hashable {
    case again(after: Duration)
    case dead(JobReason)

    /// - Parameters:
    ///   - attempts: That began, this one included.
    ///   - chance: From 0 to 1.
    init(_ error: any Error, attempts: Int, of maximum: Int, backoff: JobBackoff, chance: Double) {
        if case JobFailure.refused = error {
            self = .dead(.refused)
        } else if attempts >= maximum {
            self = .dead(error is UnknownKind ? .unknownKind : .attemptsExhausted)
        } else if case JobFailure.later(let delay, _) = error {
            self = .again(after: max(delay, .zero))
        } else {
            self = .again(after: backoff.delay(after: attempts, chance: chance))
        }
    }
}

/// No handler of this node knows the kind. Another node may, or a later version of this one.
struct UnknownKind: Error, CustomStringConvertible {
    var kind: String

    var description: String { "no handler for jobs of kind '\(kind)'" }
}

/// What becomes of a job whose lease is over: nobody knows how far its worker came.
enum TakeoverVerdict: Sendable, Hashable {
    case queued
    case dead(JobReason)
    case cancelled

    init(_ job: Job) {
        self =
            if job.isCancelling { .cancelled } else if job.attempts >= job.maximumAttempts { .dead(.workerLost) } else { .queued }
    }
}
