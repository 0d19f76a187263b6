import BatutaCore
public import BatutaRuns
import BatutaTelemetry
import Synchronization

/// Pausing and going on (API §5, Pause). Both are input events, folded like everything else; a pause is over only when somebody says so.
extension Engine {
    /// Asks a run to pause: a model call is cut and asked again when it goes on, tool calls that began are let finish. Pausing what is
    /// paused changes nothing.
    ///
    /// - Returns: Whether it gave up its turn within the engine's patience.
    /// - Throws: `run_ended` for a run that has ended, also when its end came first.
    public func pause(_ run: Run) async throws -> Bool {
        guard !run.status.isEnded else { throw Self.hasEnded(run) }
        guard run.status != .paused else { return true }
        let event = EventData.status(StatusEvent(word: StatusEvent.pausing))
        guard try await appended([event], to: run, paused: false) != nil else {
            let now = try await current(run)
            if now.status.isEnded { throw Self.hasEnded(now) }
            return true
        }
        guard try await isInterrupted(run, by: event) else { return false }
        let now = try await current(run)
        if now.status.isEnded { throw Self.hasEnded(now) }
        services.logger.info("A run was paused", ["run.id": .string(run.id.rawValue)])
        return true
    }

    /// Lets a paused run queue for its session's turn again. A pause that did not come into force yet is taken back; for a run that nobody
    /// paused there is nothing to do.
    ///
    /// - Throws: `run_ended` for a run that has ended.
    public func resume(_ run: Run) async throws {
        var run = run
        // Pauses and resumptions of others may come between; each of them makes progress.
        for _ in 0..<20 {
            guard !run.status.isEnded else { throw Self.hasEnded(run) }
            let isPaused = run.status == .paused
            if !isPaused, try await !isBeingPaused(run) { return }
            var events = [EventData.status(StatusEvent(word: StatusEvent.resuming))]
            if isPaused { events.append(.status(StatusEvent(.queued))) }
            if let committed = try await appended(events, to: run, paused: isPaused) {
                services.logger.info("A run was resumed", ["run.id": .string(run.id.rawValue)])
                guard await takesOver(run.sessionID) else { return }
                return await goOn(with: run, hearing: events, order: committed.after)
            }
            run = try await current(run)
        }
        let message = Words(
            "Others pause and resume the run at this moment; try again.",
            "Outras pessoas estão pausando e retomando a execução agora; tente de novo."
        )
        throw RunsError(.conflict, message)
    }

    /// Appends while the run has no end and is paused, or is not; nil when it stands otherwise.
    private func appended(_ events: [EventData], to run: Run, paused: Bool) async throws -> Committed? {
        var draft = Draft(events.map { NewEvent(runID: run.id, parentRunID: run.parentRunID, agent: run.agent, $0) })
        draft.isInput = true
        draft.prelude = [RunProjections.isOpen(run.id, paused: paused)]
        if paused { draft.projections = [RunProjections.status(.queued, of: run.id, at: services.clock.now())] }
        do {
            return try await services.log.append(draft, to: run.sessionID)
        } catch {
            guard error.code == .conflict else { throw error }
            return nil
        }
    }

    /// Lets the pause come into force on whichever node the run is; false when that takes longer than the engine's patience.
    private func isInterrupted(_ run: Run, by event: EventData) async throws -> Bool {
        guard await takesOver(run.sessionID) else {
            return await restsElsewhere(run.id, within: configuration.patience) { $0 == .paused }
        }
        let handle = handleToInterrupt(run, event)
        handle.cut(.pause)
        return await within(configuration.patience) { await handle.untilYield() }
    }

    private func current(_ run: Run) async throws -> Run {
        guard let now = try await runs.find(run.id, owner: nil) else {
            throw EngineError(.notFound, Words("There is no run \(run.id).", "Não existe a execução \(run.id)."))
        }
        return now
    }

    /// Somebody asked for a pause that is not in force yet.
    private func isBeingPaused(_ run: Run) async throws -> Bool {
        let state = try await folded(run).state
        return state.pauseRequested && !state.status.isEnded
    }

    private static func hasEnded(_ run: Run) -> EngineError {
        let message = Words(
            "The run has ended (\(run.status.rawValue)); only one that has not can be paused or go on. Send a message to go on from its answer.",
            "A execução já terminou (\(run.status.rawValue)); só dá para pausar ou retomar uma que não terminou. Mande uma mensagem para continuar a "
                + "partir da resposta dela."
        )
        return EngineError(.runEnded, message)
    }
}

// MARK: - Turns

extension Engine {
    /// The run is paused while calls of it are let finish: the next one may begin.
    func yieldTurn(of handle: RunHandle) {
        let next = state.withLock { state -> RunHandle? in
            guard let next = state.turns.release(handle.run.id, in: handle.run.sessionID), !state.isDraining else { return nil }
            return state.handles[next]
        }
        handle.yieldTurn()
        start(next)
    }

    /// The run goes on, but others have the turn: it queues behind what was accepted until now.
    func queueAgain(_ handle: RunHandle) async {
        if handle.run.parentRunID != nil { return await leaveToTeam(handle) }
        let order = (try? await services.log.lastEvent(of: handle.run.sessionID)) ?? .max
        let started = state.withLock { state in
            let next = state.release(handle)
            return [next, state.queue(handle.run, order)].compactMap(\.self)
        }
        handle.rest()
        started.forEach(start)
    }
}
