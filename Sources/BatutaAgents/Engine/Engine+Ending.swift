import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaTelemetry

/// Runs that no driver can see to their end: they end all the same, with a reason, and their sessions go on.
extension Engine {
    /// No waiting cures what keeps the run from going on: an event that cannot be read, say.
    func endUnfinished(_ handle: RunHandle, because error: RunsError) async -> RunDriver.Rest {
        let run = handle.run
        do {
            let writer = try await services.log.writer(for: run.sessionID)
            writer.startOver(run.id)
            let rest = try await end(handle, through: writer, because: "The run cannot go on: \(error.message.english)")
            services.logger.error("A run was ended that cannot go on", ["run.id": .string(run.id.rawValue), "error": .string("\(error)")])
            return rest
        } catch {
            return RunDriver.Rest(error)
        }
    }

    /// The snapshot that a run began with, or its agent in it, is gone.
    static func notLoaded(_ run: Run) -> String {
        "The project version \(run.projectHash) that this run began with, or its agent \(run.agent), cannot be loaded."
    }

    func end(_ handle: RunHandle, through writer: LogWriter, because reason: String) async throws -> RunDriver.Rest {
        let run = handle.run
        let left = try await LeftRun.read(run, from: services.log.pages)
        guard !left.state.status.isEnded else {
            handle.note(end: left.state.outcome, taken: left.state.taken)
            return .ended
        }
        // Members end before the run that asked them (API §5, Turns).
        for member in left.state.openMembers { _ = try await stopMember(member) }
        let root = run.parentRunID == nil ? run : try await runs.find(run.rootRunID, owner: nil)
        let bill = services.treasury.map {
            Ending.Bill(node: $0.node, zone: services.terms().budgets.zone, team: (root ?? run).team)
        }
        let ending = Ending(of: left, failing: RunErrorCode.internal.rawValue, reason, at: services.clock.now(), on: bill)
        // Without the project nobody knows its secrets; what the log says of calls is masked already.
        var draft = ending.draft(masking: { $0 })
        if let hurry = services.whatWaits(for: run) { draft.additions.append(hurry) }
        _ = try await writer.append(draft)
        if !ending.state.doubts.isSilent { services.log.memory.noteDoubt(run.sessionID) }
        for event in ending.events { services.metrics?.count(event, target: run.target) }
        handle.note(end: ending.state.outcome, taken: ending.state.taken)
        services.note(endOf: run, ending.state)
        return .ended
    }
}
