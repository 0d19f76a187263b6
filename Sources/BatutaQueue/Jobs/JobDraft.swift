public import BatutaCore

/// A job that somebody wants done.
public struct JobDraft: Sendable {
    /// Says which workers do it, and with how many others at a time: `a-z`, `0-9`, `-` and `_`.
    public var queue: String
    /// What is to be done; a worker has a handler for it.
    public var kind: String
    /// What the handler gets. Secrets are handles here, never values: admins read it.
    public var payload: JSON
    public var tenant = "default"
    /// Whose job it is, when it is somebody's.
    public var user: String?
    /// While a job of this kind and key waits or runs, another one of them is not added.
    public var uniqueKey: String?
    public var priority = JobPriority.normal
    /// It begins at the earliest so long after its commit, by the database's clock.
    public var delay = Duration.zero
    /// Three: one failure is chance, two may be, and what fails a third time needs somebody to look.
    public var maximumAttempts = 3
    /// Once it ended, however it did, the next one waits for so long. Its kind is its key when it has none.
    public private(set) var period: Duration?

    public init(_ kind: String, in queue: String, payload: JSON = [:]) {
        precondition(Self.isName(queue), "a queue's name is made of a-z, 0-9, - and _")
        self.kind = kind
        self.queue = queue
        self.payload = payload
    }

    /// The same, again and again.
    public func recurring(every period: Duration) -> JobDraft {
        var draft = self
        draft.period = period
        draft.uniqueKey = uniqueKey ?? kind
        return draft
    }

    /// Names travel with the bell, where commas and colons have a meaning.
    public static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 95 }
    }
}
