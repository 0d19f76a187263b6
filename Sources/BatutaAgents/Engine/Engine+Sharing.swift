public import BatutaCore
public import BatutaRuns
import BatutaStorage
import Synchronization

/// An engine among others on one store (DESIGN §9.2): it performs the runs of the sessions that it holds, takes over those that want a node, and goes on
/// with what a node left behind that is gone.
extension Engine {
    /// Sessions that are taken at once, so that several nodes share what waits.
    private static let mostAtOnce = 64

    /// Whether this engine may perform the session's runs; takes the session when nobody has it, with what was left undone in it.
    ///
    /// A session of which this is false is another node's: it hears of what was appended.
    func take(_ session: SessionID) async throws -> Bool {
        guard let leases = services.leases else { return true }
        guard configuration.performsRuns else { return false }
        if leases.holds(session) { return true }
        guard try await leases.claim(session) else { return false }
        note([session])
        try await goOn(in: session)
        return true
    }

    func note(_ taken: [SessionID]) { state.withLock { $0.unattended.formUnion(taken) } }

    /// A driver left since it had lost its session. Where this node has taken that anew meanwhile, whoever looked into it passed the run over as
    /// one that is driven.
    func lookAgain(after handle: RunHandle) {
        let session = handle.run.sessionID
        guard services.leases?.holds(session) == true else { return }
        note([session])
        wish.ring()
    }

    /// As `take`, where what was appended is safe already: whatever prevents it now, the session is taken by the next who looks.
    func takesOver(_ session: SessionID) async -> Bool { (try? await take(session)) ?? false }

    /// Goes on with everything that is undone in a session that this node has just taken.
    private func goOn(in session: SessionID) async throws {
        // What is noted while this looks is looked at anew.
        state.withLock { state in
            state.unattended.remove(session)
            state.attended[session, default: 0] += 1
        }
        defer { state.withLock { $0.attended[session] = $0.attended[session].flatMap { $0 > 1 ? $0 - 1 : nil } } }
        // What was lost meanwhile is another node's to look into.
        guard services.leases?.holds(session) != false else { return }
        do {
            // From here on what others write is heard, and a session in which nothing is left to do is given back.
            _ = try await services.log.writer(for: session)
            for (run, order) in try await resumable(try await runs.unfinished(in: session)).runs { enqueue(run, order: order) }
        } catch {
            note([session])
            throw error
        }
    }

    /// The same for all that were taken; what fails now is tried again with the next look.
    private func attend() async {
        for session in state.withLock({ $0.unattended }) { try? await goOn(in: session) }
    }

    /// Takes what wants a node. Returns how many sessions that were.
    @discardableResult
    func takeWanted() async throws -> Int {
        guard let leases = services.leases, configuration.performsRuns, !isDraining else { return 0 }
        var taken = 0
        while true {
            let most = min(Self.mostAtOnce, state.withLock { $0.turns.room })
            guard most > 0 else { return taken }
            let found = try await leases.claimWanted(atMost: most)
            note(found)
            await attend()
            taken += found.count
            if found.count < most { return taken }
        }
    }

    /// Looks for sessions that want a node, until the task is cancelled.
    func lookForSessions() async {
        guard let leases = services.leases else { return }
        while !Task.isCancelled {
            await wish.wait(atMost: leases.terms.looking)
            guard !Task.isCancelled else { return }
            // A store that cannot be reached is looked at again; meanwhile nobody else can take anything either.
            await attend()
            _ = try? await takeWanted()
        }
    }

    /// Renews the leases of this node, until the task is cancelled: beside everything else, for however long taking sessions over takes, what this
    /// node has stays its own.
    func renewLeases() async {
        guard let leases = services.leases else { return }
        while !Task.isCancelled {
            try? await Task.sleep(for: leases.terms.heartbeat)
            guard !Task.isCancelled else { return }
            // What cannot be renewed now is tried again; a lease lasts three heartbeats.
            guard let renewal = try? await leases.renew() else { continue }
            for session in renewal.lost { hasLost(session) }
            guard !renewal.found.isEmpty else { continue }
            note(renewal.found)
            wish.ring()
        }
    }

    /// Waits until a run that another node performs ended, or came to rest: looks at its row.
    ///
    /// - Parameter isSo: What else is waited for: a run that a human is asked about rests already.
    /// - Returns: whether it came to that in time.
    func restsElsewhere(_ run: RunID, within limit: Duration, until isSo: @Sendable (RunStatus) -> Bool = { !$0.isActive }) async -> Bool {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end, !Task.isCancelled {
            if let found = try? await runs.find(run, owner: nil), found.status.isEnded || isSo(found.status) { return true }
            try? await Task.sleep(for: .milliseconds(50))
        }
        return false
    }
}

extension Engine: SharedLogListener {
    public func isWanted() { wish.ring() }

    public func mayHaveMissed(_ session: SessionID) {
        guard configuration.performsRuns else { return }
        note([session])
        wish.ring()
    }

    public func hasLost(_ session: SessionID) {
        let handles = state.withLock { state in state.handles.values.filter { $0.run.sessionID == session } }
        for handle in handles { handle.cut(.leaseLost) }
    }

    /// Messages, requests and decisions that were appended elsewhere reach the drivers here.
    public func othersWrote(_ events: [LoggedEvent], in session: SessionID) async {
        guard services.leases?.holds(session) == true, configuration.performsRuns else { return }
        for event in events {
            guard let id = event.runID, let data = try? event.data(), isInput(data) else { continue }
            do {
                guard let run = try await run(id), !run.status.isEnded else { continue }
                await pass(data, to: run, order: event.number)
            } catch {
                // The session is this node's, so nobody else will look: it is gone through again until that works.
                note([session])
            }
        }
    }

    /// As its driver knows it, else as its row tells it.
    private func run(_ id: RunID) async throws -> Run? {
        if let driven = state.withLock({ $0.handles[id]?.run }) { return driven }
        return try await runs.find(id, owner: nil)
    }

    private func isInput(_ data: EventData) -> Bool {
        switch data {
        case .message(let message): message.role == .user
        case .status(let status): [StatusEvent.stopping, StatusEvent.pausing, StatusEvent.resuming].contains(status.status)
        case .approval(let approval): approval.state != .requested
        default: false
        }
    }

    /// While the session is looked into, runs before this one may not be in the queue yet: it is looked at anew after that.
    private func queueInOrder(_ run: Run, order: Int64) {
        let isLookedInto = state.withLock { state in
            guard state.attended[run.sessionID] != nil else { return false }
            state.unattended.insert(run.sessionID)
            return true
        }
        if isLookedInto { return wish.ring() }
        // Its first event is the one before: as whoever takes a message in counts.
        enqueue(run, order: order - 2)
    }

    private func pass(_ data: EventData, to run: Run, order: Int64) async {
        switch data {
        // A member's first message is its team's word to it: the team drives it.
        case .message: if run.parentRunID == nil { queueInOrder(run, order: order) }
        case .status(let status) where status.status == StatusEvent.stopping: handleToInterrupt(run, data).cut(.stop)
        case .status(let status) where status.status == StatusEvent.pausing: handleToInterrupt(run, data).cut(.pause)
        default: await goOn(with: run, hearing: [data], order: order)
        }
    }
}
