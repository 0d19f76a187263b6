import BatutaCore
import BatutaStorage
import Synchronization

/// What this node did not write itself: other nodes' events, and its own of which it was told that they failed.
extension SessionChannel {
    /// Another node says how far the log goes.
    func hear(_ number: Int64) {
        // Awaited by nobody: what it finds goes to the readers.
        if state.withLock({ $0.machine.hear(number) }) { Task { await catchUp(and: nil) } }
    }

    /// Returns when everything that the store holds now is here, and where the conversation goes on.
    func refresh() async throws(RunsError) {
        guard sharing != nil else { return }
        let id = sessionID.rawValue
        let found: (last: Int64, leaf: String?)?
        do {
            found = try await database.read { try $0.first(LeaseStatements.place, [.text(id)]) { ($0.int(0), $0.optionalText(1)) } }
        } catch {
            throw .storage(error as? StorageError ?? StorageError(.io, "\(error)"))
        }
        guard let found else { return }
        // What cannot be read after some tries is not waited for: it comes when it can be.
        for _ in 0..<5 where found.last > committed { await wait(until: found.last) }
        if found.last == committed, found.leaf != ends.leaf?.rawValue { try await lookAtEnds() }
    }

    /// Another node may have switched the branch. What this node writes meanwhile finds out by itself.
    private func lookAtEnds() async throws(RunsError) {
        guard let writes = state.withLock({ $0.machine.isQuiet ? $0.writes : nil }) else { return }
        let found = try await ChannelOpening.read(sessionID, from: database)
        state.withLock { state in
            guard state.machine.isQuiet, state.writes == writes else { return }
            state.machine.didFind(ends: found.ends, at: found.lastEvent)
        }
    }

    private func wait(until number: Int64) async {
        await withUnsafeContinuation { continuation in
            let isHere = state.withLock { state in
                guard state.machine.committed < number else { return true }
                state.waiting.append((number, continuation))
                return false
            }
            isHere ? continuation.resume() : hear(number)
        }
    }

    /// Nothing is to be written: what was heard of meanwhile is read.
    func readWhatWasHeard() {
        // As above.
        if state.withLock({ $0.machine.beginReading() }) { Task { await catchUp(and: nil) } }
    }

    /// The session's row counts otherwise than this node: another node took an input event in, or a commit whose failure was reported reached the
    /// disk after all. What was missed goes to the readers first, then the batch is written after it.
    func catchUp(and batch: [ChannelStateMachine.Waiting]?) async {
        do {
            let found = try await ChannelOpening.read(sessionID, from: database)
            guard hasRight(to: found, toWrite: batch != nil) else { return fail(batch ?? [], leaseLost) }
            let missed = try await read(to: found)
            state.withLock { $0.machine.didFind(ends: found.ends, at: found.lastEvent) }
            tail.ring()
            if !missed.isEmpty { await sharing?.told?.othersWrote(missed, in: sessionID) }
            submit(batch ?? state.withLock { $0.machine.didRead() })
        } catch let error as RunsError where error.code != .notFound {
            giveUpReading(batch, error)
        } catch let error as StorageError {
            giveUpReading(batch, .storage(error))
        } catch {
            giveUpReading(batch, leaseLost)
        }
        tellWhoWaits()
    }

    /// What could not be read now is read in a while, unless the session or the store is gone.
    private func giveUpReading(_ batch: [ChannelStateMachine.Waiting]?, _ error: RunsError) {
        let missed = state.withLock { $0.machine.forgetWhatWasHeard() }
        fail(batch ?? [], error)
        guard let missed, error.code == .storage, error.cause?.code != .closed else { return }
        // Awaited by nobody, and nobody is kept waiting by it.
        Task { [weak self] in
            try? await Task.sleep(for: .seconds(1))
            self?.hear(missed)
        }
    }

    /// Whether this node may go on. Alone, it has lost the session when the row is not as it left it; among others it goes on with what needs no lease.
    private func hasRight(to found: ChannelOpening, toWrite: Bool) -> Bool {
        guard let sharing else { return found.fence == fence && (found.lastEvent > committed || !toWrite) }
        // A fence only rises: a lower one was read before this node took the session.
        if let own = sharing.leases.fence(of: sessionID), own < found.fence, sharing.leases.drop(sessionID, own) {
            sharing.told?.hasLost(sessionID)
        }
        return true
    }

    /// Brings everything up to what was found to the readers.
    private func read(to found: ChannelOpening) async throws -> [LoggedEvent] {
        let pages = EventPages(database: database)
        var all: [LoggedEvent] = []
        while committed < found.lastEvent {
            let missed = try await pages.read(sessionID, after: committed, through: found.lastEvent, limit: 500)
            guard let last = missed.last else { throw leaseLost }
            let (live, isIdle) = state.withLock { state in
                state.machine.didFind(last: last.number, at: found.lastAt, ends: found.ends, events: missed)
                return (state.live, last.number == found.lastEvent && state.machine.activeRuns.isEmpty && state.machine.hasNothingWaiting)
            }
            for subscription in live where !subscription.deliver(missed, isIdle: isIdle) { remove(subscription) }
            all += missed
        }
        return all
    }

    /// Those whose events are here go on; after a reading all of them, to find out for themselves.
    func tellWhoWaits(onlyServed: Bool = false) {
        let ready = state.withLock { state in
            let committed = state.machine.committed
            let ready = onlyServed ? state.waiting.filter { $0.number <= committed } : state.waiting
            if !ready.isEmpty { state.waiting.removeAll { !onlyServed || $0.number <= committed } }
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }
}
