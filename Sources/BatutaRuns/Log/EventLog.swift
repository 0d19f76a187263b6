public import BatutaCore
public import BatutaStorage
import Synchronization

/// The event log: appends are committed before anyone sees them, and every reader sees one gapless sequence (DESIGN §2, promises 1 and 2).
public final class EventLog: Sendable {
    private let database: any Database
    private let clock: any ProjectClock
    private let blobs: BlobStore?
    public let pages: EventPages
    /// The events of all sessions as one stream.
    public let tail: EventTail
    /// The ends of the conversations that are going on here.
    public let memory = RecentMessages()
    /// nil where this node is the only one.
    public let sharing: LogSharing?
    private let channels = Mutex<[SessionID: SessionChannel]>([:])

    /// - Parameter blobs: Where large values of drafts go; without it they are not kept.
    public init(database: any Database, clock: any ProjectClock, blobs: BlobStore? = nil, sharing: LogSharing? = nil) {
        self.sharing = sharing
        self.database = database
        self.clock = clock
        self.blobs = blobs
        pages = EventPages(database: database)
        tail = EventTail(database: database, isShared: sharing != nil)
    }

    /// Appends and returns after the commit. Cancellation does not reach a draft that was handed over.
    public func append(_ draft: Draft, to session: SessionID) async throws(RunsError) -> Committed {
        let channel = try await channel(for: session)
        let result = await withUnsafeContinuation { continuation in
            channel.post(draft) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// A door to a session that the first draft through it creates.
    public func writer(forNew session: SessionID) -> LogWriter {
        let channel = makeChannel(ChannelOpening(sessionID: session))
        channels.withLock { $0[session] = channel }
        return LogWriter(channel)
    }

    /// A door for many appends to one session, for a run's driver.
    public func writer(for session: SessionID) async throws(RunsError) -> LogWriter {
        LogWriter(try await channel(for: session))
    }

    /// Sends every event after `after` to the sink, then stays live until the sink or the subscription ends it.
    ///
    /// - Parameter run: Only its events, and those of the runs below it.
    ///
    /// Returns when the subscription is live. A number beyond the end, or of another time of the store, is `logRewound`.
    public func subscribe(to session: SessionID, after: Int64, run: RunID? = nil, sink: any EventSink) async throws -> Subscription {
        _ = try await check(after, of: session)
        let tree = try await tree(of: run, after: after, in: session)
        let subscription = Subscription(try await channel(for: session), tree: tree, sink: sink)
        try await subscription.replay(from: after, pages: pages)
        return subscription
    }

    private func tree(of run: RunID?, after: Int64, in session: SessionID) async throws -> RunTree? {
        guard let run else { return nil }
        return RunTree(run, known: after == 0 ? [] : try await pages.runs(below: run, session: session))
    }

    /// Refuses a number that this log has not given: `logRewound`, with the last one.
    /// - Returns: The number of the session's last event.
    public func check(_ number: Int64, of session: SessionID) async throws -> Int64 {
        let last = try await lastEvent(of: session)
        guard number <= last, try await pages.isOfThisTime(number, last: last, session) else {
            throw RunsError(.logRewound, .logEnds(session, at: last), lastEvent: last)
        }
        return last
    }

    /// The number of the session's last event.
    public func lastEvent(of session: SessionID) async throws(RunsError) -> Int64 { try await freshChannel(for: session).committed }

    /// Where the session's conversation goes on.
    public func ends(of session: SessionID) async throws(RunsError) -> BranchEnds { try await freshChannel(for: session).ends }

    /// Lets go of a session that was deleted.
    public func forget(_ session: SessionID) {
        channels.withLock { _ = $0.removeValue(forKey: session) }
        memory.forget(session)
    }

    /// Lets go of sessions in which nothing happens and of which nobody holds the door. They open again by themselves.
    func closeUnheldChannels() {
        channels.withLock { channels in
            // Two channels of one session would hide each other's events from their readers; new holders come only through this lock.
            for session in Array(channels.keys) where isKnownUniquelyReferenced(&channels[session]) && channels[session]?.isIdle == true {
                // What could not be given back is tried again.
                if sharing?.leases.holds(session) == true { continue }
                channels[session] = nil
            }
        }
    }

    private func makeChannel(_ opening: ChannelOpening) -> SessionChannel {
        SessionChannel(opening, database: database, clock: clock, blobs: blobs, tail: tail, memory: memory, sharing: sharing)
    }

    func openChannel(_ session: SessionID) -> SessionChannel? { channels.withLock { $0[session] } }

    var openChannels: [SessionChannel] { channels.withLock { Array($0.values) } }

    private func freshChannel(for session: SessionID) async throws(RunsError) -> SessionChannel {
        let channel = try await channel(for: session)
        try await channel.refresh()
        return channel
    }

    private func channel(for session: SessionID) async throws(RunsError) -> SessionChannel {
        if let open = channels.withLock({ $0[session] }) { return open }
        let opening = try await ChannelOpening.read(session, from: database)
        return channels.withLock { channels in
            if let open = channels[session] { return open }
            let channel = makeChannel(opening)
            channels[session] = channel
            return channel
        }
    }
}

/// Appends to one session without looking it up each time.
public struct LogWriter: Sendable {
    private let channel: SessionChannel
    /// The number of the lease that this node had when the door was opened; nil when the session was not its own. What a driver writes through it
    /// counts under that lease alone.
    public let fence: Int64?

    init(_ channel: SessionChannel) {
        self.channel = channel
        fence = channel.writingFence
    }

    /// The message at the end of the branch that a run is on.
    public func end(of run: RunID) -> MessageID? { channel.ends.end(of: run) }

    /// Appends and returns after the commit. `conflict` when something that the same run's driver handed over before was lost.
    public func append(_ draft: Draft) async throws(RunsError) -> Committed { try await outcome(of: draft).get() }

    /// Appends, and says what became of it.
    public func outcome(of draft: Draft) async -> Result<Committed, RunsError> {
        await withUnsafeContinuation { continuation in
            channel.post(draft, writer: draft.events.first?.runID, under: fence) { continuation.resume(returning: $0) }
        }
    }

    /// Hands a draft over without waiting. A store that writes nothing for a while gets it with what is written next. When it is lost, what the run's driver writes after it is lost as well: its next append throws
    /// and the run must fold again.
    public func post(_ draft: Draft) { channel.post(draft, writer: draft.events.first?.runID, under: fence, completion: nil) }

    /// Hands a draft over without waiting, and says what became of it. What the run's driver writes after it does not depend on it.
    public func post(_ draft: Draft, then: @escaping @Sendable (Result<Committed, RunsError>) -> Void) {
        channel.post(draft, writer: draft.events.first?.runID, under: fence, completion: then)
    }

    /// Hands a piece of text over without waiting; pieces that wait together become one event.
    public func postDelta(_ event: NewEvent) { channel.postDelta(event, under: fence) }

    /// Returns when everything that was handed over before is committed or lost; throws when the store takes no writes.
    public func flush() async throws(RunsError) { _ = try await append(Draft()) }

    /// Forgets that an append was lost: the run is about to fold again.
    public func startOver(_ run: RunID) { channel.startOver(run) }
}
