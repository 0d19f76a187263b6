import BatutaCore
import BatutaRuns
import Synchronization

/// What a driver can ask of the runs below its own.
struct Members: Sendable {
    /// Drives a member's run until it rests; nil as opening makes it read the log.
    var drive: @Sendable (_ run: Run, _ opening: RunOpening?, _ call: CallID, _ crew: Crew) async -> MemberRest
    /// Ends a member's run, whether it rests or not; gives what it took, and nil when it never began.
    ///
    /// Throws what keeps it from ending now: the store, or that this node leaves.
    var stop: @Sendable (_ run: RunID) async throws -> TreeUse?
}

/// Runs in one flat tree (DESIGN §3): a member's run has a log and a row like any other, but is driven for the run that asked for it, in that
/// run's turn. When a member rests, whoever has news for it finds the nearest run above that is driven, or the root, which queues.
extension Engine {
    var members: Members {
        Members(
            drive: { [self] in await driveMember($0, from: $1, for: $3, $2) },
            stop: { [self] in try await stopMember($0) }
        )
    }

    private func driveMember(_ run: Run, from opening: RunOpening?, for crew: Crew, _ call: CallID) async -> MemberRest {
        var (run, opening) = (run, opening)
        while true {
            if opening == nil {
                // It goes on with what it began with, and not with what its caller would be told now.
                guard let row = await row(of: run, for: crew.handle) else { return .left }
                run = row
            }
            let (handle, isNew) = state.withLock { $0.member(run, opening, above: crew.handle) }
            crew.adopt(handle, call)
            if isNew { await drive(handle) } else { await handle.untilRest() }
            crew.release(call)
            if isNew { return handle.memberRest }
            // Somebody ended it, or paused it, out of turn.
            opening = nil
            if isDraining { return .left }
        }
    }

    /// nil when whoever asks has to leave before the store answers.
    private func row(of run: Run, for above: RunHandle) async -> Run? {
        var pause = Duration.milliseconds(50)
        while !above.isLeaving {
            do {
                return try await runs.find(run.id, owner: nil) ?? run
            } catch {
                await above.pause(for: pause)
                pause = min(pause * 2, .seconds(2))
            }
        }
        return nil
    }

    func stopMember(_ id: RunID) async throws -> TreeUse? {
        guard let run = try await runs.find(id, owner: nil) else { return nil }
        while true {
            let (handle, isNew) = state.withLock { $0.member(run, nil, above: nil) }
            handle.cut(.stop)
            if isNew { await drive(handle) } else { await handle.untilRest() }
            if case .ended(_, let taken) = handle.memberRest { return taken }
            // It was about to rest when it was told; whoever looks again finds no driver, or one that hears.
            guard !isDraining, handle.cause != .leaseLost else { throw Self.memberGoesOn(id) }
        }
    }

    private static func memberGoesOn(_ id: RunID) -> RunsError {
        RunsError(.storage, .storeFailed("the member's run \(id) could not be ended on this node, which leaves"))
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
        while !isDraining {
            do {
                let above = try await runsAbove(run)
                return start(state.withLock { $0.hear(events, run, above: above, order) })
            } catch {
                guard services.leases == nil else { return mayHaveMissed(run.sessionID) }
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(5))
            }
        }
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
