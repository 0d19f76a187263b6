/// What a handler throws when it knows better than the rule what its failure means. Every other error is tried again with backoff.
public enum JobFailure: Error, Sendable, CustomStringConvertible {
    /// Trying again is of no use: the job is a dead letter at once.
    case refused(String)
    /// It fails now, and may succeed after this time.
    case later(Duration, String)

    public var description: String {
        switch self {
        case .refused(let text), .later(_, let text): text
        }
    }
}
