import BatutaCore
import BatutaStorage
import Synchronization

/// The one door to a session's log on this node: gathers what is to be written, numbers it, and hands it to the subscribers after the commit.
final class SessionChannel: Sendable {
    let sessionID: SessionID
    let database: any Database
    private let clock: any ProjectClock
    let fence: Int64
    private let blobs: BlobStore?
    let tail: EventTail
    let sharing: LogSharing?
    private let memory: RecentMessages
    let state: Mutex<State>

    struct State: ~Copyable {
        var machine: ChannelStateMachine
        var live: [Subscription] = []
        /// Who waits for the log to be read up to a number.
        var waiting: [(number: Int64, continuation: UnsafeContinuation<Void, Never>)] = []
        /// How many batches were handed to the store.
        var writes = 0
    }

    init(
        _ opening: ChannelOpening,
        database: any Database,
        clock: any ProjectClock,
        blobs: BlobStore?,
        tail: EventTail,
        memory: RecentMessages,
        sharing: LogSharing?
    ) {
        self.sharing = sharing
        self.memory = memory
        sessionID = opening.sessionID
        fence = opening.fence
        self.database = database
        self.clock = clock
        self.blobs = blobs
        self.tail = tail
        state = Mutex(
            State(
                machine: ChannelStateMachine(
                    committed: opening.lastEvent,
                    lastAt: opening.lastAt,
                    ends: opening.ends,
                    activeRuns: opening.activeRuns
                )
            )
        )
    }

    /// Nothing is being written, nobody listens, no run is active: the channel may be let go.
    var isIdle: Bool { isQuiet && state.withLock { $0.live.isEmpty } }
    /// Nothing is being written, no run is active.
    var isQuiet: Bool { state.withLock { $0.machine.isQuiet && $0.machine.activeRuns.isEmpty } }
    var committed: Int64 { state.withLock { $0.machine.committed } }
    var ends: BranchEnds { state.withLock { $0.machine.ends } }

    /// - Parameter writer: The run whose driver writes; nil for input events, which depend on nothing that was written before.
    func post(_ draft: Draft, writer: RunID? = nil, under fence: Int64? = nil, completion: ChannelStateMachine.Completion?) {
        let entry = ChannelStateMachine.Waiting(draft: draft, writer: writer, fence: fence, completion: completion)
        switch state.withLock({ $0.machine.enqueue(entry) }) {
        case .write(let batch): submit(batch)
        case .waits: break
        case .refused(let error): completion?(.failure(error))
        }
    }

    func postDelta(_ event: NewEvent, under fence: Int64?) {
        if case .write(let batch) = state.withLock({ $0.machine.enqueueDelta(event, under: fence) }) { submit(batch) }
    }

    /// Forgets that an append of the run was lost.
    func startOver(_ run: RunID) { state.withLock { $0.machine.startOver(run) } }

    /// Makes the subscription live when it has everything that is committed; otherwise says how far the log goes.
    func goLive(_ subscription: Subscription, having cursor: Int64) -> Handover {
        state.withLock { state in
            guard cursor >= state.machine.committed else {
                return .behind(committed: state.machine.committed, recent: state.machine.recent(after: cursor))
            }
            state.live.append(subscription)
            return .live(isIdle: state.machine.activeRuns.isEmpty)
        }
    }

    enum Handover {
        case live(isIdle: Bool)
        /// `recent`: what is missing, when the channel still has it.
        case behind(committed: Int64, recent: [LoggedEvent]?)
    }

    func remove(_ subscription: Subscription) {
        state.withLock { state in state.live.removeAll { $0 === subscription } }
    }

    func submit(_ batch: [ChannelStateMachine.Waiting]?) {
        var next = batch
        while let waiting = next {
            let fence = writingFence
            let (allowed, refused) = Self.split(waiting, under: fence)
            for entry in refused { entry.completion?(.failure(leaseLost)) }
            if !allowed.isEmpty { return write(allowed, under: fence) }
            next = state.withLock { $0.machine.didRefuse() }
        }
        readWhatWasHeard()
    }

    /// What a driver did is written while this node holds the session under the lease with which that driver began: whoever lost the session in
    /// between may not know what others wrote. Input events are anybody's.
    private static func split(_ batch: [ChannelStateMachine.Waiting], under fence: Int64?)
        -> (allowed: [ChannelStateMachine.Waiting], refused: [ChannelStateMachine.Waiting])
    {
        let isAllowed = { (entry: ChannelStateMachine.Waiting) in
            entry.writer == nil || entry.draft.isInput || (fence != nil && entry.fence == fence)
        }
        if batch.allSatisfy(isAllowed) { return (batch, []) }
        return (batch.filter(isAllowed), batch.filter { !isAllowed($0) })
    }

    /// nil when the session is another node's, or nobody's.
    var writingFence: Int64? {
        guard let sharing else { return fence }
        return sharing.leases.fence(of: sessionID)
    }

    private func write(_ batch: [ChannelStateMachine.Waiting], under fence: Int64?) {
        let start = state.withLock { state in
            state.writes += 1
            return PreparedAppend.Start(
                session: sessionID,
                fence: fence,
                isShared: sharing != nil,
                after: state.machine.committed,
                at: max(clock.now(), state.machine.lastAt),
                ends: state.machine.ends
            )
        }
        let prepared = PreparedAppend(batch, from: start, blobs: blobs)
        database.submit(prepared.batch) { [self] result in finish(batch, prepared, result) }
    }

    private func finish(_ batch: [ChannelStateMachine.Waiting], _ prepared: PreparedAppend, _ result: Result<BatchOutcome, StorageError>) {
        switch prepared.read(result) {
        case .committed: succeed(batch, prepared)
        case .failed(let error): fail(batch, error)
        case .disagreement:
            // Those who wait for the batch await it through their completions.
            Task { await catchUp(and: batch) }
        }
    }

    private func succeed(_ batch: [ChannelStateMachine.Waiting], _ prepared: PreparedAppend) {
        memory.note(prepared.messages, in: sessionID)
        for summary in prepared.summaries { memory.note(summary: summary.hash, through: summary.through, in: sessionID) }
        let (next, live, idle) = state.withLock { state in
            let next = state.machine.didCommit(last: prepared.last, at: prepared.at, ends: prepared.ends, events: prepared.events)
            return (next, state.live, state.machine.activeRuns.isEmpty)
        }
        for subscription in live where !subscription.deliver(prepared.events, isIdle: idle) { remove(subscription) }
        tail.ring()
        if let sharing {
            ring(sharing, prepared.last, batch)
            // They may have found in the store what was on its way here.
            tellWhoWaits(onlyServed: true)
        }
        var number = prepared.after
        for entry in batch {
            let after = number
            number += Int64(entry.draft.events.count)
            entry.completion?(.success(Committed(after: after, last: number, at: prepared.at)))
        }
        submit(next)
    }

    private func ring(_ sharing: LogSharing, _ number: Int64, _ batch: [ChannelStateMachine.Waiting]) {
        let isWanted = batch.contains(where: \.draft.isInput) && !sharing.leases.holds(sessionID)
        sharing.doorbell?.ring(.session(sessionID.rawValue, number: number, isWanted: isWanted))
    }

    var leaseLost: RunsError {
        let message = Words(
            "The session \(sessionID) is gone, or another node owns it now.",
            "A sessão \(sessionID) não existe mais, ou agora é de outro nó."
        )
        return RunsError(.leaseLost, message)
    }

    func fail(_ batch: [ChannelStateMachine.Waiting], _ error: RunsError) {
        let (lost, next, again) = state.withLock { state in
            let (lost, next) = state.machine.didFail(batch, with: error)
            return (lost, next, state.machine.wantsAnotherTry())
        }
        for entry in batch + lost { entry.completion?(.failure(error)) }
        if again { tryAgainSoon() }
        submit(next)
    }

    /// A reader waits for a text that the store refused, also when its model falls silent.
    private func tryAgainSoon() {
        // Awaited by nobody, and nobody is kept waiting by it.
        Task { [weak self] in
            try? await Task.sleep(for: .seconds(1))
            guard let self, let batch = state.withLock({ $0.machine.tryAgain() }) else { return }
            submit(batch)
        }
    }
}

/// What must be known of a session before its log can be written on.
struct ChannelOpening: Sendable {
    var sessionID: SessionID
    var fence: Int64 = 0
    var lastEvent: Int64 = 0
    var lastAt = Timestamp(milliseconds: 0)
    var ends = BranchEnds()
    var activeRuns: Set<RunID> = []
}
