public import BatutaCore

/// Who waits to write to one session's log, and what is committed. Drafts that wait while the disk works are committed together: batching
/// is natural, with no timer (DESIGN §3). Pure: the channel performs what the methods return.
struct ChannelStateMachine {
    typealias Completion = @Sendable (Result<Committed, RunsError>) -> Void

    struct Waiting {
        var draft: Draft
        /// The run whose driver wrote it: it must not land when something that the driver wrote before it was lost.
        var writer: RunID?
        /// The lease under which that driver began: under another one it writes nothing.
        var fence: Int64?
        var completion: Completion?
        /// The store wrote nothing of it once; it goes with what is written next.
        var isBack = false
    }

    /// What became of something that was taken in.
    enum Intake {
        case write([Waiting])
        case waits
        case refused(RunsError)
    }

    private(set) var committed: Int64
    private(set) var lastAt: Timestamp
    private(set) var ends: BranchEnds
    private(set) var activeRuns: Set<RunID>
    private var waiting: [Waiting] = []
    private(set) var isWriting = false
    /// How far the log goes, as another node said.
    private var heard: Int64 = 0
    /// What was known of that when the reading under way began.
    private var read: Int64 = 0
    /// Runs of which an append that nobody awaited was lost: nothing more of theirs is taken until they fold again, or the log would have
    /// a hole where it was.
    private var broken: [RunID: RunsError] = [:]
    /// Somebody will try again what came back.
    private var isTriedAgain = false
    /// What was committed last, while runs are active: a reader who comes right after sending finds its run's first events here.
    private var recent = RecentEvents()

    init(committed: Int64, lastAt: Timestamp, ends: BranchEnds, activeRuns: Set<RunID>) {
        self.committed = committed
        self.lastAt = lastAt
        self.ends = ends
        self.activeRuns = activeRuns
    }

    var isQuiet: Bool { !isWriting && waiting.isEmpty }
    var hasNothingWaiting: Bool { waiting.isEmpty }

    /// Takes a draft in; it is to be written now when nothing is being written.
    mutating func enqueue(_ entry: Waiting) -> Intake {
        if let writer = entry.writer, let error = broken[writer] {
            let message = Words("An earlier write of the run was lost: ", "Uma gravação anterior da execução se perdeu: ") + error.message
            return .refused(RunsError(.conflict, message, cause: error.cause))
        }
        waiting.append(entry)
        guard !isWriting, let batch = takeBatch() else { return .waits }
        return .write(batch)
    }

    /// Takes a piece of text in, joined with the piece before it when both wait.
    mutating func enqueueDelta(_ event: NewEvent, under fence: Int64?) -> Intake {
        if let last = waiting.indices.last, waiting[last].takes(event, under: fence) {
            // It waits for nothing when the store refused what it was joined with.
            guard !isWriting, let batch = takeBatch() else { return .waits }
            return .write(batch)
        }
        return enqueue(Waiting(draft: Draft([event]), writer: event.runID, fence: fence))
    }

    /// Another node says that the log goes on to this number. True when what is missing is to be read now; nothing is written meanwhile.
    mutating func hear(_ number: Int64) -> Bool {
        heard = max(heard, number)
        return beginReading()
    }

    /// True when something that was heard of is missing and nothing is being written.
    mutating func beginReading() -> Bool {
        guard heard > committed, !isWriting else { return false }
        isWriting = true
        read = heard
        return true
    }

    /// What was heard of was read, as far as it is there; gives what is to be written next. What was heard of meanwhile is still missing.
    mutating func didRead() -> [Waiting]? {
        if heard == read { heard = min(heard, committed) }
        return takeBatch()
    }

    /// What was heard of cannot be read now. Gives how far that went, when something is missing.
    mutating func forgetWhatWasHeard() -> Int64? {
        defer { heard = min(heard, committed) }
        return heard > committed ? heard : nil
    }

    /// Nothing of the batch is to be written; gives what is next.
    mutating func didRefuse() -> [Waiting]? { takeBatch() }

    /// The batch is committed; gives what is to be written next.
    mutating func didCommit(last: Int64, at: Timestamp, ends: BranchEnds, events: [LoggedEvent]) -> [Waiting]? {
        note(last: last, at: at, ends, events)
        return takeBatch()
    }

    /// Another node wrote these meanwhile; the batch in hand is written anew after them.
    mutating func didFind(last: Int64, at: Timestamp, ends: BranchEnds, events: [LoggedEvent]) {
        note(last: last, at: at, ends, events)
    }

    /// Another node let the conversation go on at another place, which is no event.
    mutating func didFind(ends: BranchEnds, at number: Int64) {
        if number == committed { self.ends = ends }
    }

    private mutating func note(last: Int64, at: Timestamp, _ ends: BranchEnds, _ events: [LoggedEvent]) {
        committed = max(committed, last)
        lastAt = max(lastAt, at)
        self.ends = ends
        for event in events { note(event) }
        if activeRuns.isEmpty { recent.clear() } else { recent.add(events) }
    }

    /// Everything after this number that is committed, when it is at hand.
    func recent(after number: Int64) -> [LoggedEvent]? { recent.after(number) }

    /// The batch was refused. Where nothing of it was written, what nobody awaits comes back, in front of what waits. Otherwise it is lost: runs
    /// whose unawaited appends were in it are broken until they fold again, and what they wrote after it is lost as well. Gives that, and what
    /// is to be written next.
    mutating func didFail(_ batch: [Waiting], with error: RunsError) -> (lost: [Waiting], next: [Waiting]?) {
        let unawaited = batch.filter { $0.completion == nil && $0.writer != nil }
        if error.wroteNothing {
            takeBack(unawaited)
            return ([], nextButReturned())
        }
        for entry in unawaited {
            if let run = entry.writer { broken[run] = error }
        }
        let lost = waiting.filter(isBroken)
        if !lost.isEmpty { waiting.removeAll(where: isBroken) }
        return (lost, nextButReturned())
    }

    /// However long the store refuses, an answer that goes on meanwhile is a few entries.
    private mutating func takeBack(_ refused: [Waiting]) {
        var back: [Waiting] = []
        for var entry in refused {
            entry.isBack = true
            if let last = back.indices.last, entry.draft.events.count == 1, back[last].takes(entry.draft.events[0], under: entry.fence) {
                continue
            }
            back.append(entry)
        }
        waiting.insert(contentsOf: back, at: 0)
    }

    /// True when somebody has to see to it that what came back is tried again in a while, should nothing else be written before.
    mutating func wantsAnotherTry() -> Bool {
        guard !isTriedAgain, waiting.contains(where: \.isBack) else { return false }
        isTriedAgain = true
        return true
    }

    /// The while is over.
    mutating func tryAgain() -> [Waiting]? {
        isTriedAgain = false
        return isWriting ? nil : takeBatch()
    }

    /// What came back is not tried again at once, but with what is written next.
    private mutating func nextButReturned() -> [Waiting]? {
        if waiting.contains(where: { !$0.isBack }) { return takeBatch() }
        isWriting = false
        return nil
    }

    private func isBroken(_ entry: Waiting) -> Bool { entry.writer.map { broken[$0] != nil } ?? false }

    /// The run is about to fold again: what was lost no longer matters, and what the store refused is not written any more.
    mutating func startOver(_ run: RunID) {
        broken[run] = nil
        if !waiting.isEmpty { waiting.removeAll { $0.isBack && $0.writer == run } }
    }

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

    private mutating func note(_ event: LoggedEvent) {
        guard let run = event.runID, let data = event.stateChange else { return }
        switch data {
        case .status(let status):
            guard let status = RunStatus(rawValue: status.status) else { return }
            if status.isActive { activeRuns.insert(run) } else { activeRuns.remove(run) }
        case .complete: forget(run)
        case .error(let error) where !error.recoverable: forget(run)
        default: break
        }
    }

    /// The run has ended: nothing of it follows.
    private mutating func forget(_ run: RunID) {
        activeRuns.remove(run)
        ends.elsewhere[run] = nil
    }
}

extension ChannelStateMachine.Waiting {
    /// Joins a piece of text with the piece that this is, if it is one.
    fileprivate mutating func takes(_ event: NewEvent, under fence: Int64?) -> Bool {
        guard completion == nil, self.fence == fence, draft.events.count == 1 else { return false }
        return draft.events[0].absorb(event)
    }
}

/// The last events of a busy session, bounded in number and size; commit by commit, as they came.
struct RecentEvents {
    private static let most = 64
    private static let mostBytes = 64 << 10

    private var commits: [[LoggedEvent]] = []
    private var count = 0
    private var bytes = 0

    mutating func add(_ new: [LoggedEvent]) {
        guard !new.isEmpty else { return }
        commits.append(new)
        count += new.count
        bytes += Self.bytes(of: new)
        guard count > Self.most || bytes > Self.mostBytes else { return }
        var leaving = 0
        while leaving < commits.count, count > Self.most / 2 || bytes > Self.mostBytes / 2 {
            count -= commits[leaving].count
            bytes -= Self.bytes(of: commits[leaving])
            leaving += 1
        }
        commits.removeFirst(leaving)
    }

    private static func bytes(of events: [LoggedEvent]) -> Int { events.reduce(0) { $0 + $1.payload.count } }

    mutating func clear() { self = RecentEvents() }

    /// nil when some of what comes after the number is no longer here.
    func after(_ number: Int64) -> [LoggedEvent]? {
        guard let first = commits.first?.first, first.number <= number + 1 else { return nil }
        return commits.flatMap { $0.drop { $0.number <= number } }
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
