import BatutaCore
import BatutaRuns
import BatutaStorage
import Synchronization

extension Engine {
    /// Queues a run for its session's turn and starts it when that is free. A run that is here already keeps its one driver.
    func enqueue(_ run: Run, order: Int64, opening: RunOpening? = nil) { start(state.withLock { $0.queue(run, order, opening) }) }

    /// A run that is being driven hears of a stop or a pause; one that waits for its turn, for a human or is paused is driven out of turn, to
    /// its end or into the pause.
    func handleToInterrupt(_ run: Run, _ event: EventData) -> RunHandle {
        let (handle, startsNow) = state.withLock { $0.toInterrupt(run, event) }
        if startsNow { start(handle) }
        return handle
    }

    /// Whether the run has its driver here, or will have it in a moment: nobody else may begin with it.
    func isDriven(_ run: Run) -> Bool { state.withLock { $0.handles[run.id] != nil || $0.accepting.contains(run.id) } }

    /// From before its commit on a run is its sender's to queue: a start that finds it in the store leaves it alone, for only the sender
    /// knows that its first question has not left yet.
    func beginAccepting(_ run: RunID) { state.withLock { _ = $0.accepting.insert(run) } }

    func endAccepting(_ run: RunID) { state.withLock { _ = $0.accepting.remove(run) } }

    /// The driver leaves and the turn goes on; false when input arrived meanwhile and the driver must go on.
    ///
    /// - Parameter evenWithInput: Input stays in the log for whoever drives the run next.
    func leave(_ handle: RunHandle, evenWithInput: Bool = false) -> Bool {
        let (hasLeft, next) = state.withLock { state -> (Bool, RunHandle?) in
            guard evenWithInput || handle.hasNoInput else { return (false, nil) }
            return (true, state.release(handle))
        }
        guard hasLeft else { return false }
        handle.rest()
        start(next)
        if next == nil, handle.run.parentRunID == nil { lookForWork() }
        return true
    }
}

extension Engine {
    /// Whether another run can begin to work here now.
    var hasRoom: Bool { state.withLock { $0.turns.room > 0 } }

    /// A place is free: what had none here may wait for any node.
    private func lookForWork() {
        if services.leases != nil, configuration.runsAtOnce < .max { wish.ring() }
    }
}

/// What must happen at one moment, so that a run never has two drivers and a session never two turns.
extension Engine.State {
    /// Gives the handle when it starts now.
    mutating func queue(_ run: Run, _ order: Int64, _ opening: RunOpening? = nil) -> RunHandle? {
        guard handles[run.id] == nil else { return nil }
        let handle = RunHandle(run, opening: opening)
        handles[run.id] = handle
        let isFree = turns.enqueue(.init(run: run.id, order: order), in: run.sessionID)
        return isFree && !isDraining ? handle : nil
    }

    fileprivate mutating func toInterrupt(_ run: Run, _ event: EventData) -> (RunHandle, startsNow: Bool) {
        guard let handle = handles[run.id] else {
            let handle = RunHandle(run)
            handle.goOutOfTurn()
            handles[run.id] = handle
            return (handle, true)
        }
        guard turns.isWaiting(run.id, in: run.sessionID) else {
            handle.deliver([event])
            return (handle, false)
        }
        _ = turns.release(run.id, in: run.sessionID)
        _ = handle.takeOpening()
        handle.goOutOfTurn()
        return (handle, true)
    }

    /// Gives the handle whose turn it is now.
    mutating func release(_ handle: RunHandle) -> RunHandle? {
        handles[handle.run.id] = nil
        guard let next = turns.release(handle.run.id, in: handle.run.sessionID), !isDraining else { return nil }
        return handles[next]
    }
}
