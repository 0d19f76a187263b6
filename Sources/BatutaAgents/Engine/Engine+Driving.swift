import BatutaCore
import BatutaRuns
import BatutaTelemetry

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
        var patience = Patience()
        var rest = await driveOnce(handle)
        while true {
            handle.note(rest)
            switch rest {
            case .awaitingHuman, .waiting, .paused, .drained: if leave(handle) { return }
            case .outOfTurn: return await queueAgain(handle)
            case .ended: if leave(handle, evenWithInput: true) { return }
            case .leaseLost:
                _ = leave(handle, evenWithInput: true)
                return lookAgain(after: handle)
            case .overtaken: await handle.pause(for: .milliseconds(5))
            case .storeUnavailable(let error), .failed(let error):
                if handle.isLeaving, leave(handle, evenWithInput: true) { return }
                note(error, of: handle.run, patience.tries)
                if case .failed = rest, patience.isOver {
                    rest = await endUnfinished(handle, because: error)
                    guard rest.isTriedAgain else { continue }
                }
                await handle.pause(for: patience.next())
            }
            rest = await driveOnce(handle, isAgain: true)
        }
    }

    /// How long is waited between tries of a driver, and how often is tried what no waiting seems to cure.
    private struct Patience {
        private(set) var tries = 0
        private var pause = Duration.milliseconds(200)

        var isOver: Bool { tries >= 3 }

        mutating func next() -> Duration {
            tries += 1
            defer { pause = min(pause * 2, .seconds(5)) }
            return pause
        }
    }

    private func note(_ error: RunsError, of run: Run, _ tries: Int) {
        guard Repetition.isWorthALine(tries + 1) else { return }
        services.logger.warning(
            "A run cannot go on now; it is tried again",
            ["run.id": .string(run.id.rawValue), "error": .string("\(error)"), "tries": .int(Int64(tries + 1))]
        )
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
            guard let agent, let project else {
                return try await end(handle, through: writer, because: Self.notLoaded(run))
            }
            let opening = try await opening(of: handle, limits: agent.definition.limits)
            var driver = RunDriver(services: services, project: project, agent: agent, handle: handle, writer: writer)
            driver.yieldTurn = { [self] in yieldTurn(of: handle) }
            driver.members = members
            handle.forgetHeard()
            let rest = await driver.drive(from: opening)
            if case .ended = rest { handle.note(end: driver.state.outcome, taken: driver.state.taken) }
            return rest
        } catch {
            return RunDriver.Rest(error)
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
}
