public import BatutaCore

/// What can go wrong when somebody wants something of a job.
public struct QueueError: Error, Sendable, CustomStringConvertible {
    public var code: Code
    /// What happened and what to do.
    public var message: Words

    /// Raw values are API.
    public enum Code: String, Sendable, CaseIterable {
        case notFound = "not_found"
        /// Only what is dead or cancelled can be tried again.
        case notRetriable = "job_not_retriable"
        /// The job has ended, so nothing of it can be cancelled.
        case ended = "job_ended"
        /// Another job of the same kind and key waits or runs.
        case duplicate = "job_duplicate"
    }

    public init(_ code: Code, _ message: Words) {
        self.code = code
        self.message = message
    }

    /// For logs, which are in English.
    public var description: String { "\(code.rawValue): \(message.english)" }
}

extension JobStatus {
    /// The state as a sentence has it.
    public var words: Words {
        switch self {
        case .scheduled: Words("scheduled", "agendada")
        case .queued: Words("queued", "na fila")
        case .running: Words("running", "em execução")
        case .succeeded: Words("succeeded", "concluída")
        case .dead: Words("dead", "morta")
        case .cancelled: Words("cancelled", "cancelada")
        }
    }
}
