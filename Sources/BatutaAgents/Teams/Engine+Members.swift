import BatutaCore
import BatutaRuns
import BatutaTelemetry
import Synchronization

/// What a driver can ask of the runs below its own.
struct Members: Sendable {
    /// Drives a member's run until it rests; nil as opening makes it read the log.
    var drive: @Sendable (_ run: Run, _ opening: RunOpening?, _ call: CallID, _ crew: Crew) async -> MemberRest
    /// Ends a member's run, whether it rests or not.
    var stop: @Sendable (_ run: RunID) async -> MemberRest
}

/// Runs in one flat tree (DESIGN §3): a member's run has a log and a row like any other, but is driven for the run that asked for it, in that
/// run's turn. When a member rests, whoever has news for it finds the nearest run above that is driven, or the root, which queues.
extension Engine {
    var members: Members {
        Members(
            drive: { [self] in await driveMember($0, from: $1, for: $3, $2) },
            stop: { [self] in await stopMember($0) }
        )
    }

    private func driveMember(_ run: Run, from opening: RunOpening?, for crew: Crew, _ call: CallID) async -> MemberRest {
        var opening = opening
        while true {
            let (handle, isNew) = state.withLock { $0.member(run, opening, above: crew.handle) }
            guard isNew else {
                // Somebody ends it, or pauses it, out of turn.
                await handle.untilRest()
                opening = nil
                continue
            }
            crew.adopt(handle, call)
            await drive(handle)
            crew.release(call)
            return handle.memberRest
        }
    }

    private func stopMember(_ id: RunID) async -> MemberRest {
        guard let run = try? await runs.find(id, owner: nil) else { return .left }
        while true {
            let (handle, isNew) = state.withLock { $0.member(run, nil, above: nil) }
            handle.cut(.stop)
            if !isNew {
                await handle.untilRest()
            } else {
                await drive(handle)
            }
            if case .left = handle.memberRest, !isNew { continue }
            return handle.memberRest
        }
    }

    /// A run from the queue, or one that is ended or paused out of turn; of a member's end the team hears.
    func driveFromQueue(_ handle: RunHandle) async {
        await drive(handle)
        guard handle.run.parentRunID != nil, case .ended = handle.memberRest else { return }
        await goOn(with: handle.run, order: await lastEvent(of: handle.run.sessionID))
    }

    /// A member that was paused, or was to end, out of turn has work again: its team does it.
    func leaveToTeam(_ handle: RunHandle) async {
        state.withLock { state in _ = state.release(handle) }
        handle.rest()
        await goOn(with: handle.run, order: await lastEvent(of: handle.run.sessionID))
    }

    private func lastEvent(of session: SessionID) async -> Int64 { (try? await services.log.lastEvent(of: session)) ?? .max }

    /// Lets a run go on that has something to do: its driver hears of input that is in the log; a member without one is driven again by the
    /// nearest run above that is; otherwise the run, or the root of its tree, queues.
    func goOn(with run: Run, hearing events: [EventData] = [], order: Int64) async {
        guard run.parentRunID != nil else { return start(state.withLock { $0.hear(events, run, above: [], order) }) }
        var pause = Duration.milliseconds(50)
        for _ in 0..<20 {
            do {
                let above = try await runsAbove(run)
                return start(state.withLock { $0.hear(events, run, above: above, order) })
            } catch {
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(5))
            }
        }
        services.logger.error("A member's team could not be found; it goes on after the next start", ["run.id": .string(run.id.rawValue)])
    }

    /// From the one that asked for the run up to the root.
    private func runsAbove(_ run: Run) async throws -> [Run] {
        var above: [Run] = []
        var next = run.parentRunID
        while let id = next {
            guard let parent = try await runs.find(id, owner: nil) else { break }
            above.append(parent)
            next = parent.parentRunID
        }
        return above
    }
}

extension Engine.State {
    /// The run's one handle; new when nobody drives it.
    fileprivate mutating func member(_ run: Run, _ opening: RunOpening?, above: RunHandle?) -> (RunHandle, isNew: Bool) {
        if let driven = handles[run.id] { return (driven, false) }
        let handle = RunHandle(run, opening: opening, above: above)
        handles[run.id] = handle
        if isDraining { handle.drainAtBoundary() }
        return (handle, true)
    }

    /// Gives the handle that starts now.
    fileprivate mutating func hear(_ events: [EventData], _ run: Run, above: [Run], _ order: Int64) -> RunHandle? {
        if let driven = handles[run.id] {
            driven.deliver(events)
            return nil
        }
        var member = run
        for run in above {
            if let driven = handles[run.id] {
                driven.hear(of: member.id)
                return nil
            }
            member = run
        }
        guard !member.status.isEnded else { return nil }
        return queue(member, order)
    }
}
