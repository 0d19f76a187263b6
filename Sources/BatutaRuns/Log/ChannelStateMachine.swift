public import BatutaCore

/// Who waits to write to one session's log, and what is committed. Drafts that wait while the disk works are committed together: batching
/// is natural, with no timer (DESIGN §3). Pure: the channel performs what the methods return.
struct ChannelStateMachine {
    typealias Completion = @Sendable (Result<Committed, RunsError>) -> Void

    struct Waiting {
        var draft: Draft
        /// The run whose driver wrote it: it must not land when something that the driver wrote before it was lost.
        var writer: RunID?
        var completion: Completion?
    }

    /// What became of something that was taken in.
    enum Intake {
        case write([Waiting])
        case waits
        case refused(RunsError)
    }

    private(set) var committed: Int64
    private(set) var lastAt: Timestamp
    private(set) var leaf: MessageID?
    private(set) var activeRuns: Set<RunID>
    private var waiting: [Waiting] = []
    private(set) var isWriting = false
    /// Runs of which an append that nobody awaited was lost: nothing more of theirs is taken until they fold again, or the log would have
    /// a hole where it was.
    private var broken: [RunID: RunsError] = [:]

    init(committed: Int64, lastAt: Timestamp, leaf: MessageID?, activeRuns: Set<RunID>) {
        self.committed = committed
        self.lastAt = lastAt
        self.leaf = leaf
        self.activeRuns = activeRuns
    }

    var isQuiet: Bool { !isWriting && waiting.isEmpty }

    /// Takes a draft in; it is to be written now when nothing is being written.
    mutating func enqueue(_ entry: Waiting) -> Intake {
        if let writer = entry.writer, let error = broken[writer] { return .refused(error) }
        waiting.append(entry)
        guard !isWriting, let batch = takeBatch() else { return .waits }
        return .write(batch)
    }

    /// Takes a piece of text in, joined with the piece before it when both wait.
    mutating func enqueueDelta(_ event: NewEvent) -> Intake {
        if let last = waiting.indices.last, waiting[last].completion == nil, waiting[last].draft.events.count == 1,
            waiting[last].draft.events[0].absorb(event)
        {
            return .waits
        }
        return enqueue(Waiting(draft: Draft([event]), writer: event.runID, completion: nil))
    }

    /// The batch is committed; gives what is to be written next.
    mutating func didCommit(last: Int64, at: Timestamp, leaf: MessageID?, events: [NewEvent]) -> [Waiting]? {
        committed = max(committed, last)
        lastAt = max(lastAt, at)
        self.leaf = leaf ?? self.leaf
        for event in events { note(event) }
        return takeBatch()
    }

    /// The batch was lost. Runs whose unawaited appends were in it are broken until they fold again, and what they wrote after it is
    /// lost as well. Gives that, and what is to be written next.
    mutating func didFail(_ batch: [Waiting], with error: RunsError) -> (lost: [Waiting], next: [Waiting]?) {
        for entry in batch where entry.completion == nil {
            if let run = entry.writer { broken[run] = error }
        }
        let lost = waiting.filter(isBroken)
        if !lost.isEmpty { waiting.removeAll(where: isBroken) }
        return (lost, takeBatch())
    }

    private func isBroken(_ entry: Waiting) -> Bool { entry.writer.map { broken[$0] != nil } ?? false }

    /// The run is about to fold again: what was lost no longer matters.
    mutating func startOver(_ run: RunID) { broken[run] = nil }

    private mutating func takeBatch() -> [Waiting]? {
        guard !waiting.isEmpty else {
            isWriting = false
            return nil
        }
        isWriting = true
        let count = waiting[0].draft.isGuarded ? 1 : waiting.firstIndex { $0.draft.isGuarded } ?? waiting.count
        let batch = Array(waiting.prefix(count))
        waiting.removeFirst(count)
        return batch
    }

    private mutating func note(_ event: NewEvent) {
        guard let run = event.runID else { return }
        switch event.data {
        case .status(let status):
            guard let status = RunStatus(rawValue: status.status) else { return }
            if status.isActive { activeRuns.insert(run) } else { activeRuns.remove(run) }
        case .complete: activeRuns.remove(run)
        case .error(let error) where !error.recoverable: activeRuns.remove(run)
        default: break
        }
    }
}

/// Where a draft ended up in the log.
public struct Committed: Sendable, Hashable {
    /// The number of the last event before the draft's own.
    public var after: Int64
    /// The number of the draft's last event.
    public var last: Int64
    public var at: Timestamp
}
