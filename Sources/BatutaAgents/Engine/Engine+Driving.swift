import BatutaCore
import BatutaRuns

extension Engine {
    /// Drives a run until it ends, waits, or has to leave this node. When the engine's task is cancelled it counts as a drain.
    func drive(_ handle: RunHandle) async {
        await withTaskCancellationHandler {
            await driveToRest(handle)
        } onCancel: {
            // Said apart from the cause, which may be a stop already that a store which is gone does not take.
            handle.drainAtBoundary()
            handle.cut(.drain)
        }
    }

    private func driveToRest(_ handle: RunHandle) async {
        var pause = Duration.milliseconds(200)
        var rest = await driveOnce(handle)
        while true {
            handle.note(rest)
            switch rest {
            case .awaitingHuman, .paused, .drained: if leave(handle) { return }
            case .outOfTurn: return await queueAgain(handle)
            case .ended, .leaseLost: if leave(handle, evenWithInput: true) { return }
            case .overtaken: await handle.pause(for: .milliseconds(5))
            case .storeUnavailable:
                if handle.isLeaving, leave(handle, evenWithInput: true) { return }
                await handle.pause(for: pause)
                pause = min(pause * 2, .seconds(5))
            }
            rest = await driveOnce(handle, isAgain: true)
        }
    }

    /// - Parameter isAgain: An earlier try of this driver may have handed drafts over that are still on their way; the fold must see them.
    private func driveOnce(_ handle: RunHandle, isAgain: Bool = false) async -> RunDriver.Rest {
        let run = handle.run
        do {
            let project = try await projects.project(hash: run.projectHash, isRehearsal: run.isRehearsal)
            let writer = try await services.log.writer(for: run.sessionID)
            if isAgain { try await writer.flush() }
            writer.startOver(run.id)
            let agent = project?.agent(of: run)
            let opening = try await opening(of: handle, limits: agent?.definition.limits ?? RunLimits())
            guard let agent, let project else { return try await endWithoutProject(handle, writer, opening) }
            var driver = RunDriver(services: services, project: project, agent: agent, handle: handle, writer: writer)
            driver.yieldTurn = { [self] in yieldTurn(of: handle) }
            driver.members = members
            handle.forgetHeard()
            let rest = await driver.drive(from: opening)
            if case .ended = rest { handle.note(end: driver.state.outcome, taken: driver.state.taken) }
            return rest
        } catch let error as RunsError {
            return error.code == .leaseLost ? .leaseLost : .storeUnavailable(error)
        } catch {
            return .storeUnavailable(RunsError(.storage, .storeFailed("\(error)")))
        }
    }

    /// How the run stands: as its sender committed it a moment ago, else as the log tells it.
    private func opening(of handle: RunHandle, limits: RunLimits) async throws -> RunOpening {
        if let opening = handle.takeOpening() { return opening }
        let folded = try await folded(handle.run, limits: limits)
        return RunOpening(state: folded.state, hasCheckpoint: folded.hasCheckpoint, rest: folded.rest)
    }

    /// How a run stands by its log.
    func folded(_ run: Run, limits: RunLimits = RunLimits()) async throws -> FoldedRun {
        try await services.checkpoints.fold(run.id, session: run.sessionID, agent: run.agent, limits: limits)
    }

    /// The snapshot that the run began with cannot be loaded: the run ends with a reason instead of hanging.
    private func endWithoutProject(_ handle: RunHandle, _ writer: LogWriter, _ opening: RunOpening) async throws -> RunDriver.Rest {
        let run = handle.run
        var state = opening.state ?? RunState(id: run.id, agent: run.agent, limits: RunLimits())
        for event in opening.events { state.apply(event.data, at: event.at) }
        guard !state.status.isEnded else {
            handle.note(end: state.outcome, taken: state.taken)
            return .ended
        }
        // Members end before the run that asked them (API §5, Turns), each by this same way.
        for member in state.openMembers { _ = try await stopMember(member) }
        let code = RunErrorCode.internal.rawValue
        let message = "The project version \(run.projectHash) that this run began with, or its agent \(run.agent), cannot be loaded."
        let questions = state.openQuestions
        let closing = state.closingEvents + [.error(ErrorEvent(code: code, message: message, recoverable: false))]
        var draft = Draft(closing.map { NewEvent(runID: run.id, parentRunID: run.parentRunID, agent: run.agent, $0) })
        let now = services.clock.now()
        for event in closing { state.apply(event, at: now) }
        draft.projections = [
            RunProjections.end(state, .failed(code: code, message: message), at: now),
            ApprovalProjections.cancellation(of: run.id, at: now, expecting: questions), CheckpointStore.removal(of: run.id),
        ]
        draft.projections += ExperimentProjections.ends(
            of: run,
            state,
            .failed(code: code, message: message),
            variants: state.variants,
            at: now
        )
        // Without the project nobody knows its secrets; what the log says of calls is masked already.
        if let doubts = RunProjections.doubts(state.doubts, of: run.id, masking: { $0 }) {
            services.log.memory.noteDoubt(run.sessionID)
            draft.projections.append(doubts)
        }
        do {
            _ = try await writer.append(draft)
            handle.note(end: state.outcome, taken: state.taken)
            services.note(endOf: run, state)
            return .ended
        } catch {
            return error.code == .conflict ? .overtaken : .storeUnavailable(error)
        }
    }
}
